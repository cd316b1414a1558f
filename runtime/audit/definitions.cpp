#include "runtime/audit/definitions.h"

#include <vector>

namespace writ::audit {
namespace {

template <class Def>
const Def* find(const std::unordered_map<std::uint32_t, Def>& table, std::uint32_t id) {
  const auto found = table.find(id);
  return found == table.end() ? nullptr : &found->second;
}

// True: an id that was there means something new.
template <class Def>
bool keep(std::unordered_map<std::uint32_t, Def>& table, const std::vector<Def>& defs) {
  bool replaced = false;
  for (const Def& def : defs) {
    replaced |= !table.insert_or_assign(def.id, def).second;
  }
  return replaced;
}

}  // namespace

void DefinitionTable::add(const Batch& batch) {
  if (batch.instance.id != instance_.id) clear();
  instance_ = batch.instance;
  bool replaced = keep(sessions_, batch.sessions);
  replaced |= keep(resources_, batch.resources);
  replaced |= keep(questions_, batch.questions);
  replaced |= keep(reasons_, batch.reasons);
  if (replaced) ++epoch_;
}

void DefinitionTable::clear() {
  instance_ = {};
  sessions_.clear();
  resources_.clear();
  questions_.clear();
  reasons_.clear();
  ++epoch_;
}

const SessionDef* DefinitionTable::session(std::uint32_t id) const { return find(sessions_, id); }
const ResourceDef* DefinitionTable::resource(std::uint32_t id) const {
  return find(resources_, id);
}
const QuestionDef* DefinitionTable::question(std::uint32_t id) const {
  return find(questions_, id);
}
const ReasonDef* DefinitionTable::reason(std::uint32_t id) const { return find(reasons_, id); }

}  // namespace writ::audit
