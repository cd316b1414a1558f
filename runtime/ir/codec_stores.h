// The layout of an encoded program, said once for both directions: each store is a count and
// then its fields as columns. `Archive` is the writer or the reader of codec.cpp.
#pragma once

#include <cstdint>
#include <utility>

#include "runtime/ir/program.h"

namespace writ::ir {

inline constexpr std::uint32_t kInstKinds = 0
#define WRIT_INST(name, text, operands, result) +1
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
    ;
inline constexpr std::uint32_t kTypeKinds = static_cast<std::uint32_t>(TypeKind::Enum) + 1;

template <class Archive, class Rows, class Field>
void type_columns(Archive& a, Rows& rows, Field field) {
  a.column(rows, [field](auto& row) -> auto& { return field(row).kind; }, kTypeKinds);
  a.column(rows, [field](auto& row) -> auto& { return field(row).optional; }, 2);
  a.column(rows, [field](auto& row) -> auto& { return field(row).set; }, 2);
  a.column(rows, [field](auto& row) -> auto& { return field(row).enumeration; });
}

template <class Archive, class Rows, class Field>
void cidr_columns(Archive& a, Rows& rows, Field field) {
  a.column(rows, [field](auto& row) -> auto& { return field(row).base.high; });
  a.column(rows, [field](auto& row) -> auto& { return field(row).base.low; });
  a.column(rows, [field](auto& row) -> auto& { return field(row).bits; });
  a.column(rows, [field](auto& row) -> auto& { return field(row).v4; }, 2);
}

template <class Archive, class AnyProgram>
void vocabulary_stores(Archive& a, AnyProgram& p) {
  a.rows("models", p.models);
  a.column(p.models, &Model::name);
  a.column(p.models, &Model::version);
  a.rows("operations", p.operations);
  a.column(p.operations, &Operation::name);
  a.column(p.operations, &Operation::model);
  a.column(p.operations, &Operation::code);
  a.rows("kinds", p.kinds);
  a.column(p.kinds, &Kind::name);
  a.column(p.kinds, &Kind::model);
  a.column(p.kinds, &Kind::code);
  a.column(p.kinds, &Kind::listed);
  a.column(p.kinds, &Kind::infrastructure);
  a.lists(p.kinds, &Kind::operations);
  a.lists(p.kinds, &Kind::implied_by);
  a.rows("attributes", p.attributes);
  a.column(p.attributes, &Attribute::name);
  type_columns(a, p.attributes, [](auto& row) -> auto& { return row.type; });
  a.column(p.attributes, &Attribute::source, 4);
  a.column(p.attributes, &Attribute::moment, 3);
  a.column(p.attributes, &Attribute::slot);
  a.rows("enumerations", p.enumerations);
  a.column(p.enumerations, &Enumeration::name);
  a.lists(p.enumerations, &Enumeration::members);
  a.rows("principal types", p.principal_types);
  a.column(p.principal_types, &PrincipalType::name);
  a.column(p.principal_types, &PrincipalType::base);
  a.column(p.principal_types, &PrincipalType::test);
  a.list("unauthenticated", p.unauthenticated);
}

template <class Archive, class AnyProgram>
void who_and_where_stores(Archive& a, AnyProgram& p) {
  a.rows("scopes", p.scopes);
  a.column(p.scopes, &Scope::name);
  a.column(p.scopes, &Scope::id);
  a.column(p.scopes, &Scope::level);
  a.column(p.scopes, &Scope::parent);
  a.column(p.scopes, &Scope::leaf, 2);
  a.rows("networks", p.networks);
  a.column(p.networks, &Network::form, 4);
  cidr_columns(a, p.networks, [](auto& row) -> auto& { return row.cidr; });
  a.column(p.networks, &Network::text);
  a.rows("network classes", p.network_classes);
  a.column(p.network_classes, &NetworkClass::name);
  a.column(p.network_classes, &NetworkClass::scope);
  a.column(p.network_classes, &NetworkClass::test);
  a.rows("subjects", p.subjects);
  a.column(p.subjects, &Subject::form, 6);
  a.column(p.subjects, &Subject::type_name);
  a.column(p.subjects, &Subject::name);
  a.column(p.subjects, &Subject::group);
  a.column(p.subjects, &Subject::type);
  a.lists(p.subjects, &Subject::except);
  a.rows("groups", p.groups);
  a.column(p.groups, &Group::name);
  a.column(p.groups, &Group::external, 2);
  a.lists(p.groups, &Group::within);
  a.rows("members", p.members);
  a.column(p.members, [](auto& row) -> auto& { return row.first; });
  a.column(p.members, [](auto& row) -> auto& { return row.second; });
  a.rows("patterns", p.patterns);
  a.column(p.patterns, &Pattern::form, 5);
  a.column(p.patterns, &Pattern::text);
  a.rows("pattern sets", p.pattern_sets);
  a.column(p.pattern_sets, &PatternSet::name);
  a.column(p.pattern_sets, &PatternSet::kind);
  a.column(p.pattern_sets, &PatternSet::scope);
  a.lists(p.pattern_sets, &PatternSet::patterns);
  a.rows("facts", p.facts);
  a.column(p.facts, &Facts::kind);
  a.column(p.facts, &Facts::scope);
  a.column(p.facts, &Facts::name);
  a.named_values(p.facts);
}

template <class Archive, class AnyProgram>
void condition_stores(Archive& a, AnyProgram& p) {
  a.values("constants", p.constants);
  a.rows("shapes", p.shapes);
  a.column(p.shapes, &Shape::session_only, 2);
  for (auto& shape : p.shapes) {
    a.rows("instructions", shape.insts);
    a.column(shape.insts, &Inst::kind, kInstKinds);
    type_columns(a, shape.insts, [](auto& row) -> auto& { return row.type; });
    a.column(shape.insts, &Inst::a);
    a.column(shape.insts, &Inst::b);
    a.column(shape.insts, &Inst::c);
    a.rows("constant types", shape.constant_types);
    type_columns(a, shape.constant_types, [](auto& row) -> auto& { return row; });
  }
  a.rows("conditions", p.conditions);
  a.column(p.conditions, &Condition::shape);
  a.column(p.conditions, &Condition::first_constant);
  a.list("memberships", p.memberships);
  a.rows("automata", p.dfas);
  a.column(p.dfas, &Dfa::pattern);
  a.column(p.dfas, &Dfa::classes);
  a.column(p.dfas, &Dfa::start);
  a.lists(p.dfas, &Dfa::byte_class);
  a.lists(p.dfas, &Dfa::transitions);
  a.lists(p.dfas, &Dfa::accepting);
  a.rows("zones", p.zones);
  a.column(p.zones, &Zone::name);
  a.lists(p.zones, &Zone::at_seconds);
  a.lists(p.zones, &Zone::offset_seconds);
}

template <class Archive, class AnyProgram>
void grant_stores(Archive& a, AnyProgram& p) {
  a.rows("validities", p.validities);
  a.column(p.validities, &Validity::not_before_us);
  a.column(p.validities, &Validity::expires_us);
  a.rows("origins", p.origins);
  a.column(p.origins, &Origin::package);
  a.column(p.origins, &Origin::file);
  a.column(p.origins, &Origin::line);
  a.column(p.origins, &Origin::column);
  a.column(p.origins, &Origin::statement);
  a.column(p.origins, &Origin::rule);
  a.column(p.origins, &Origin::reason);
  a.rows("grants", p.grants);
  a.column(p.grants, &Grant::effect, 2);
  a.column(p.grants, &Grant::layer, 4);
  a.column(p.grants, &Grant::kind);
  a.column(p.grants, &Grant::operations);
  a.column(p.grants, &Grant::subject);
  a.column(p.grants, &Grant::pattern);
  a.column(p.grants, &Grant::except);
  a.column(p.grants, &Grant::within);
  a.column(p.grants, &Grant::scope);
  a.column(p.grants, &Grant::network);
  a.column(p.grants, &Grant::condition);
  a.column(p.grants, &Grant::validity);
  a.column(p.grants, &Grant::origin);
  a.column(p.grants, &Grant::line);
  a.column(p.grants, &Grant::role_origin);
  a.column(p.grants, &Grant::number);
  a.rows("protections", p.protections);
  a.column(p.protections, &Protection::kind);
  a.column(p.protections, &Protection::pattern);
  a.column(p.protections, &Protection::within);
  a.column(p.protections, &Protection::scope);
  a.column(p.protections, &Protection::key);
  a.column(p.protections, &Protection::origin);
  a.rows("unlisted defaults", p.unlisted_defaults);
  a.column(p.unlisted_defaults, &UnlistedDefault::scope);
  a.column(p.unlisted_defaults, &UnlistedDefault::origin);
}

template <class Archive, class AnyProgram>
void each_store(Archive& a, AnyProgram& p) {
  a.number("package", p.package.index);
  a.number("edition", p.edition);
  a.texts("strings", p.strings);
  vocabulary_stores(a, p);
  who_and_where_stores(a, p);
  condition_stores(a, p);
  grant_stores(a, p);
}

}  // namespace writ::ir
