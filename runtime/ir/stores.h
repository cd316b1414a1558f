// The stores of a program and their fields, said once for the codec and the text form, in both
// directions: each store is a count and then its fields as columns. `Archive` is a writer or a
// reader of codec.cpp, print.cpp or read_text.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "runtime/ir/program.h"

namespace writ::ir {

inline constexpr std::uint32_t kInstKinds = 0
#define WRIT_INST(name, text, operands, result) +1
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
    ;
inline constexpr std::uint32_t kTypeKinds = static_cast<std::uint32_t>(TypeKind::Enum) + 1;

/// A field of a store whose columns are packed (packed.h). The first of a store is an enum and
/// takes a byte a row, so that the bytes which are left bound the rows.
template <class Row, class T>
struct Field {
  const char* name;
  T Row::* member;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  // values are less
};
template <class Row, class T>
Field(const char*, T Row::*) -> Field<Row, T>;
template <class Row, class T>
Field(const char*, T Row::*, int) -> Field<Row, T>;

template <class Archive, class AnyProgram>
void vocabulary_stores(Archive& a, AnyProgram& p) {
  a.rows("models", p.models);
  a.column("name", p.models, &Model::name);
  a.column("version", p.models, &Model::version);
  a.rows("operations", p.operations);
  a.column("name", p.operations, &Operation::name);
  a.column("model", p.operations, &Operation::model);
  a.column("code", p.operations, &Operation::code);
  a.rows("kinds", p.kinds);
  a.column("name", p.kinds, &Kind::name);
  a.column("model", p.kinds, &Kind::model);
  a.column("code", p.kinds, &Kind::code);
  a.column("listed", p.kinds, &Kind::listed);
  a.column("infrastructure", p.kinds, &Kind::infrastructure);
  a.lists("operations", p.kinds, &Kind::operations);
  a.lists("implied_by", p.kinds, &Kind::implied_by);
  a.rows("attributes", p.attributes);
  a.column("name", p.attributes, &Attribute::name);
  a.types("type", p.attributes, &Attribute::type);
  a.column("source", p.attributes, &Attribute::source, 4);
  a.column("moment", p.attributes, &Attribute::moment, 3);
  a.column("slot", p.attributes, &Attribute::slot);
  a.rows("enumerations", p.enumerations);
  a.column("name", p.enumerations, &Enumeration::name);
  a.lists("members", p.enumerations, &Enumeration::members);
  a.rows("principal types", p.principal_types);
  a.column("name", p.principal_types, &PrincipalType::name);
  a.column("base", p.principal_types, &PrincipalType::base);
  a.column("test", p.principal_types, &PrincipalType::test);
  a.column("everybody", p.principal_types, &PrincipalType::everybody);
  a.list("unauthenticated", p.unauthenticated);
}

template <class Archive, class AnyProgram>
void who_and_where_stores(Archive& a, AnyProgram& p) {
  a.rows("scopes", p.scopes);
  a.column("name", p.scopes, &Scope::name);
  a.column("id", p.scopes, &Scope::id);
  a.column("level", p.scopes, &Scope::level);
  a.column("parent", p.scopes, &Scope::parent);
  a.column("leaf", p.scopes, &Scope::leaf, 2);
  a.rows("networks", p.networks);
  a.column("form", p.networks, &Network::form, 4);
  a.cidrs("cidr", p.networks, &Network::cidr);
  a.column("text", p.networks, &Network::text);
  a.rows("network classes", p.network_classes);
  a.column("name", p.network_classes, &NetworkClass::name);
  a.column("scope", p.network_classes, &NetworkClass::scope);
  a.column("test", p.network_classes, &NetworkClass::test);
  a.rows("subjects", p.subjects);
  a.column("form", p.subjects, &Subject::form, 6);
  a.column("type_name", p.subjects, &Subject::type_name);
  a.column("name", p.subjects, &Subject::name);
  a.column("group", p.subjects, &Subject::group);
  a.column("type", p.subjects, &Subject::type);
  a.lists("except", p.subjects, &Subject::except);
  a.rows("groups", p.groups);
  a.column("name", p.groups, &Group::name);
  a.column("external", p.groups, &Group::external, 2);
  a.lists("within", p.groups, &Group::within);
  a.rows("members", p.members);
  a.column("subject", p.members, &std::pair<SubjectId, GroupId>::first);
  a.column("group", p.members, &std::pair<SubjectId, GroupId>::second);
  a.rows("patterns", p.patterns);
  a.column("form", p.patterns, &Pattern::form, 5);
  a.column("text", p.patterns, &Pattern::text);
  a.rows("pattern sets", p.pattern_sets);
  a.column("name", p.pattern_sets, &PatternSet::name);
  a.column("kind", p.pattern_sets, &PatternSet::kind);
  a.column("scope", p.pattern_sets, &PatternSet::scope);
  a.lists("patterns", p.pattern_sets, &PatternSet::patterns);
  a.rows("facts", p.facts);
  a.column("kind", p.facts, &Facts::kind);
  a.column("scope", p.facts, &Facts::scope);
  a.column("name", p.facts, &Facts::name);
  a.named_values("values", p.facts);
}

template <class Archive, class AnyProgram>
void condition_stores(Archive& a, AnyProgram& p) {
  a.values("constants", p.constants);
  a.rows("shapes", p.shapes);
  a.column("session_only", p.shapes, &Shape::session_only, 2);
  for (auto& shape : p.shapes) {
    a.rows("instructions", shape.insts);
    a.column("kind", shape.insts, &Inst::kind, kInstKinds);
    a.types("type", shape.insts, &Inst::type);
    a.column("a", shape.insts, &Inst::a);
    a.column("b", shape.insts, &Inst::b);
    a.column("c", shape.insts, &Inst::c);
    a.rows("constant types", shape.constant_types);
    a.types("type", shape.constant_types, std::identity{});
  }
  a.rows("conditions", p.conditions);
  a.column("shape", p.conditions, &Condition::shape);
  a.column("first_constant", p.conditions, &Condition::first_constant);
  a.list("memberships", p.memberships);
  a.rows("automata", p.dfas);
  a.column("pattern", p.dfas, &Dfa::pattern);
  a.column("classes", p.dfas, &Dfa::classes);
  a.column("start", p.dfas, &Dfa::start);
  a.lists("byte_class", p.dfas, &Dfa::byte_class);
  a.lists("transitions", p.dfas, &Dfa::transitions);
  a.lists("accepting", p.dfas, &Dfa::accepting);
  a.rows("zones", p.zones);
  a.column("name", p.zones, &Zone::name);
  a.lists("at_seconds", p.zones, &Zone::at_seconds);
  a.lists("offset_seconds", p.zones, &Zone::offset_seconds);
}

template <class Archive, class AnyProgram>
void grant_stores(Archive& a, AnyProgram& p) {
  a.rows("validities", p.validities);
  a.column("not_before_us", p.validities, &Validity::not_before_us);
  a.column("expires_us", p.validities, &Validity::expires_us);
  a.rows("origins", p.origins);
  a.column("package", p.origins, &Origin::package);
  a.column("file", p.origins, &Origin::file);
  a.column("line", p.origins, &Origin::line);
  a.column("column", p.origins, &Origin::column);
  a.column("statement", p.origins, &Origin::statement);
  a.column("rule", p.origins, &Origin::rule);
  a.column("reason", p.origins, &Origin::reason);
  a.packed("grants", p.grants, Field{"effect", &Grant::effect, 2},
           Field{"layer", &Grant::layer, 4},
           Field{"kind", &Grant::kind},
           Field{"operations", &Grant::operations},
           Field{"subject", &Grant::subject},
           Field{"pattern", &Grant::pattern},
           Field{"except", &Grant::except},
           Field{"within", &Grant::within},
           Field{"scope", &Grant::scope},
           Field{"network", &Grant::network},
           Field{"condition", &Grant::condition},
           Field{"validity", &Grant::validity},
           Field{"origin", &Grant::origin},
           Field{"line", &Grant::line},
           Field{"role_origin", &Grant::role_origin},
           Field{"number", &Grant::number});
  a.rows("protections", p.protections);
  a.column("kind", p.protections, &Protection::kind);
  a.column("pattern", p.protections, &Protection::pattern);
  a.column("within", p.protections, &Protection::within);
  a.column("scope", p.protections, &Protection::scope);
  a.column("key", p.protections, &Protection::key);
  a.column("origin", p.protections, &Protection::origin);
  a.rows("unlisted defaults", p.unlisted_defaults);
  a.column("scope", p.unlisted_defaults, &UnlistedDefault::scope);
  a.column("origin", p.unlisted_defaults, &UnlistedDefault::origin);
}

template <class Archive, class AnyProgram>
void audit_stores(Archive& a, AnyProgram& p) {
  a.list("audit source", p.audit_source);
  a.rows("audit rules", p.audit_rules);
  a.column("form", p.audit_rules, &AuditRule::form, 4);
  a.column("verdicts", p.audit_rules, &AuditRule::verdicts);
  a.column("kind", p.audit_rules, &AuditRule::kind);
  a.column("operations", p.audit_rules, &AuditRule::operations);
  a.column("scope", p.audit_rules, &AuditRule::scope);
  a.column("level", p.audit_rules, &AuditRule::level);
  a.column("destination", p.audit_rules, &AuditRule::destination);
  a.column("window_us", p.audit_rules, &AuditRule::window_us);
  a.column("origin", p.audit_rules, &AuditRule::origin);
  a.list("audit omitted", p.audit_omitted);
}

template <class Archive, class AnyProgram>
void each_store(Archive& a, AnyProgram& p) {
  a.id("package", p.package);
  a.number("edition", p.edition);
  a.texts("strings", p.strings);
  vocabulary_stores(a, p);
  who_and_where_stores(a, p);
  condition_stores(a, p);
  grant_stores(a, p);
  audit_stores(a, p);
}

}  // namespace writ::ir
