#include "runtime/audit/sink/router.h"

namespace writ::audit::sink {
namespace {

bool is_decision(EntryKind kind) {
  return kind == EntryKind::Decision || kind == EntryKind::Mask || kind == EntryKind::ByKind;
}

}  // namespace

bool Router::takes(const QuestionDef& question, Verdict verdict, std::string_view operation,
                   bool& routed) const {
  bool here = false;
  for (const Route& route : routes_) {
    if (!route.of.holds(verdict, question.kind, operation, question.scope)) continue;
    routed = true;
    here = here || (route.to == destination_.to && route.name == destination_.name);
  }
  return here;
}

bool Router::takes(const Definitions& definitions, const Entry& row, bool& routed) const {
  const QuestionDef* question =
      is_decision(row.kind) ? definitions.question(row.question) : nullptr;
  if (question == nullptr) return false;
  if (row.kind != EntryKind::Mask) {
    const std::string_view operation =
        question->operations.empty() ? std::string_view() : question->operations.front();
    return takes(*question, row.verdict, operation, routed);
  }
  bool here = false;
  for (std::size_t bit = 0; bit < question->operations.size() && bit < 32; ++bit) {
    if ((row.asked >> bit & 1U) == 0) continue;
    const bool allowed = (row.allowed >> bit & 1U) != 0;
    here = takes(*question, allowed ? Verdict::Allow : Verdict::Deny, question->operations[bit],
                 routed) ||
           here;
  }
  return here;
}

bool Router::takes(const Definitions& definitions, std::span<const Entry> rows) const {
  if (routes_.empty()) return destination_.by_default;
  bool here = false;
  bool routed = false;
  for (const Entry& row : rows) here = takes(definitions, row, routed) || here;
  return here || (destination_.by_default && !routed);
}

}  // namespace writ::audit::sink
