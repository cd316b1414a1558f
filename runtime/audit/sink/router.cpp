#include "runtime/audit/sink/router.h"

#include <algorithm>

namespace writ::audit::sink {
namespace {

bool is_decision(EntryKind kind) {
  return kind == EntryKind::Decision || kind == EntryKind::Mask || kind == EntryKind::ByKind;
}

}  // namespace

/// Does the sender ask about what it sends to?
bool Router::is_own(const Definitions& definitions, const Entry& row) const {
  if (!is_decision(row.kind)) return false;
  const SessionDef* session = definitions.session(row.session);
  if (session == nullptr) return false;
  const std::string& type = session->facts.principal_type;
  const std::string_view sender = destination_.sender;
  if (sender.size() != type.size() + 1 + session->facts.principal_name.size() ||
      !sender.starts_with(type) || sender[type.size()] != ':' ||
      !sender.ends_with(session->facts.principal_name)) {
    return false;
  }
  const ResourceDef* resource = definitions.resource(row.resource);
  return (resource == nullptr ? row.name : resource->name) == destination_.name;
}

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
  if (!destination_.sender.empty() &&
      std::ranges::all_of(rows, [&](const Entry& row) { return is_own(definitions, row); })) {
    return false;
  }
  if (routes_.empty()) return destination_.by_default;
  bool here = false;
  bool routed = false;
  for (const Entry& row : rows) here = takes(definitions, row, routed) || here;
  return here || (destination_.by_default && !routed);
}

}  // namespace writ::audit::sink
