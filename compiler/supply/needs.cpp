#include "compiler/supply/needs.h"

#include <map>

namespace writ::supply {
namespace {

class Reader {
 public:
  explicit Reader(const ir::Program& program) : program_(program) {}

  void subject(ir::SubjectId id) {
    const ir::Subject& of = program_.subjects[id.index];
    if (of.form == ir::SubjectForm::Group && leads_from_outside(of.group)) {
      need(std::string(kGroups), false);
    }
    // WHY no recursion: exceptions have none of their own.
    for (const ir::SubjectId except : of.except) {
      const ir::Subject& out = program_.subjects[except.index];
      if (out.form == ir::SubjectForm::Group && leads_from_outside(out.group)) {
        need(std::string(kGroups), false);
      }
    }
  }

  /// Conditions of network classes read the session alone, never a network class.
  void condition(ir::ConditionId id) {
    if (!id.valid()) return;
    const ir::Condition& of = program_.conditions[id.index];
    for (const ir::Inst& inst : program_.shapes[of.shape.index].insts) {
      switch (inst.kind) {
        case ir::InstKind::LoadAttr: attribute(inst.a, false); break;
        case ir::InstKind::HasAttr: attribute(inst.a, true); break;
        case ir::InstKind::Member: subject(program_.memberships[inst.a]); break;
        case ir::InstKind::InNetwork: network(inst.a); break;
        default: break;
      }
    }
  }

  [[nodiscard]] std::vector<Need> take() const {
    std::vector<Need> out;
    for (const auto& [fact, only_has] : found_) out.push_back({fact, only_has});
    return out;
  }

 private:
  void need(std::string fact, bool only_has) {
    const auto [at, fresh] = found_.try_emplace(std::move(fact), only_has);
    if (!fresh && !only_has) at->second = false;
  }

  void attribute(std::uint32_t id, bool only_has) {
    const ir::Attribute& of = program_.attributes[id];
    if (of.source == ir::AttributeSource::Declared) return;
    need(std::string(program_.text(of.name)), only_has);
  }

  /// `otherwise` holds where no other does, so it rests on what the others at its scope rest on.
  void network(std::uint32_t id) {
    const ir::NetworkClass& of = program_.network_classes[id];
    if (of.test.valid()) {
      condition(of.test);
      return;
    }
    for (const ir::NetworkClass& other : program_.network_classes) {
      condition(other.test);
    }
  }

  [[nodiscard]] bool leads_from_outside(ir::GroupId id) const {
    if (program_.groups[id.index].external) return true;
    for (const ir::Group& group : program_.groups) {
      if (!group.external) continue;
      for (const ir::GroupId above : group.within) {
        if (above.index == id.index) return true;
      }
    }
    return false;
  }

  const ir::Program& program_;
  std::map<std::string, bool> found_;  // fact → asked for by `has` alone
};

}  // namespace

std::vector<Need> needs_of(const ir::Program& program, const ir::Grant& grant) {
  Reader reader(program);
  reader.subject(grant.subject);
  reader.condition(grant.condition);
  return reader.take();
}

}  // namespace writ::supply
