#include "tests/differential/engine_shrink.h"

#include <fmt/format.h>

#include "runtime/ir/print.h"
#include "tests/differential/engine_compare.h"

namespace writ::differential {
namespace {

std::string wrong_in(const Failure& failure) {
  std::string why_not;
  const std::optional<Engines> engines =
      Engines::create(failure.program, failure.highest, why_not, failure.indexed);
  if (!engines) return "cannot be activated: " + why_not;
  std::string wrong = engines->compare(failure.program, failure.session, failure.requests);
  if (wrong.empty()) {
    wrong = engines->compare_many(failure.program, failure.session, failure.requests);
  }
  return wrong;
}

/// Cuts ever smaller pieces out of one list of the case, as long as it fails without them.
template <class List>
void cut(Failure& failure, List list, std::size_t least) {
  for (std::size_t piece = list(failure).size(); piece >= 1; piece /= 2) {
    for (std::size_t at = 0; at < list(failure).size();) {
      const std::size_t size = std::min(piece, list(failure).size() - at);
      if (list(failure).size() - size < least) break;
      Failure smaller = failure;
      auto& items = list(smaller);
      const auto begin = items.begin() + static_cast<std::ptrdiff_t>(at);
      items.erase(begin, begin + static_cast<std::ptrdiff_t>(size));
      smaller.wrong = wrong_in(smaller);
      if (smaller.wrong.empty()) {
        at += size;
      } else {
        failure = std::move(smaller);
      }
    }
  }
}

std::string attributes_text(const std::vector<NamedValue>& attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += fmt::format(" {}={}", name, value ? to_text(*value) : "none");
  }
  return text;
}

}  // namespace

Failure shrink(Failure failure) {
  cut(failure, [](Failure& f) -> auto& { return f.requests; }, 1);
  cut(failure, [](Failure& f) -> auto& { return f.program.grants; }, 0);
  cut(failure, [](Failure& f) -> auto& { return f.program.unlisted_defaults; }, 0);
  cut(failure, [](Failure& f) -> auto& { return f.session.attributes; }, 0);
  cut(failure, [](Failure& f) -> auto& { return f.requests.front().attributes; }, 0);
  if (failure.session.groups) {
    cut(failure, [](Failure& f) -> auto& { return *f.session.groups; }, 0);
  }
  return failure;
}

std::string failure_text(const Failure& failure) {
  const SessionFacts& s = failure.session;
  std::string text = fmt::format("// {}\n", failure.wrong);
  text += fmt::format("// session {}:{} host={} scope={} opened={}", s.principal_type,
                      s.principal_name, s.host.value_or("unknown"), s.scope, s.opened_us);
  text += s.groups ? " groups=" : " groups unknown";
  for (const std::string& group : s.groups.value_or(std::vector<std::string>())) {
    text += group + ",";
  }
  text += attributes_text(s.attributes) + "\n";
  for (const RequestFacts& r : failure.requests) {
    text += fmt::format("// request {} on {} \"{}\" scope={} time={}{}\n", r.operation, r.kind,
                        r.name, r.scope, r.time_us ? time_text(*r.time_us) : "unknown",
                        attributes_text(r.attributes));
  }
  return text + ir::print(failure.program);
}

}  // namespace writ::differential
