#include "compiler/index/row_tests.h"

#include <algorithm>
#include <optional>

namespace writ::index {
namespace {

using ir::Inst;
using ir::InstKind;
using tables::RowForm;
using tables::RowKey;

/// Kinds of value that are equal when their slots are, or their texts.
bool comparable(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::String:
    case TypeKind::Ip:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: return true;
    case TypeKind::None:
    case TypeKind::Cidr: return false;
  }
  return false;
}

std::optional<Leaf> leaf_of(const Inst& inst) {
  if (inst.type.set) return std::nullopt;
  // What does not read a leaf of a request has a value of its own.
  if (inst.kind == InstKind::LoadAttr) return Leaf{RowKey::Attribute, inst.a};
  if (inst.kind == InstKind::PrincipalName) return Leaf{RowKey::PrincipalName, 0};
  if (inst.kind == InstKind::PrincipalType) return Leaf{RowKey::PrincipalType, 0};
  if (inst.kind == InstKind::ResourceName) return Leaf{RowKey::ResourceName, 0};
  if (inst.kind == InstKind::Host) return Leaf{RowKey::Host, 0};
  return std::nullopt;
}

RowForm form_of(const Inst& test, const Inst& left, const Inst& constant) {
  if (test.kind == InstKind::Eq) return comparable(left.type.kind) ? RowForm::Equal : RowForm::All;
  if (test.kind == InstKind::StartsWith) return RowForm::Prefix;
  if (test.kind == InstKind::InCidr) return RowForm::Network;
  if (test.kind != InstKind::InSet) return RowForm::All;
  const bool networks = left.type.is(TypeKind::Ip) && constant.type.kind == TypeKind::Cidr;
  if (networks) return RowForm::Network;
  return comparable(left.type.kind) ? RowForm::Equal : RowForm::All;
}

std::optional<RowTest> test_of(const ir::Shape& shape, const Inst& inst) {
  if (inst.kind == InstKind::Covered) return RowTest{RowForm::Within, {}, inst.a};
  if (inst.kind != InstKind::Eq && inst.kind != InstKind::StartsWith &&
      inst.kind != InstKind::InCidr && inst.kind != InstKind::InSet) {
    return std::nullopt;
  }
  const Inst* left = &shape.insts[inst.a];
  const Inst* constant = &shape.insts[inst.b];
  if (inst.kind == InstKind::Eq && left->kind == InstKind::Const) std::swap(left, constant);
  const std::optional<Leaf> leaf = leaf_of(*left);
  if (!leaf || constant->kind != InstKind::Const) return std::nullopt;
  const RowForm form = form_of(inst, *left, *constant);
  if (form == RowForm::All) return std::nullopt;
  return RowTest{form, *leaf, constant->a};
}

}  // namespace

ShapeTests tests_of(const ir::Shape& shape) {
  ShapeTests out;
  std::vector<std::uint32_t> open = {static_cast<std::uint32_t>(shape.insts.size() - 1)};
  while (!open.empty()) {
    const Inst& inst = shape.insts[open.back()];
    open.pop_back();
    if (inst.kind == InstKind::And) {
      open.push_back(inst.b);
      open.push_back(inst.a);
      continue;
    }
    if (const auto test = test_of(shape, inst)) out.tests.push_back(*test);
  }
  out.compared_with.assign(shape.constant_types.size(), {});
  for (const RowTest& test : out.tests) {
    if (!test.leaf.may_fail()) continue;
    const auto reads = std::ranges::count_if(shape.insts, [&test](const Inst& inst) {
      return inst.kind == InstKind::Const && inst.a == test.constant;
    });
    if (reads == 1) out.compared_with[test.constant] = test.leaf;
  }
  return out;
}

}  // namespace writ::index
