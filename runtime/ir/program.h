// The program: everything a policy means, as plain data. `compiler/lower` builds it, the verifier
// proves it sound in the compiler and again in the loader, and every question (decide, mask,
// by-kind, explain) is answered from it. Stores hold children before parents; ids are 4 bytes.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/base/id.h"
#include "runtime/value/type.h"
#include "runtime/value/value.h"

namespace writ::ir {

using StringId = Id<struct StringTag>;
using ModelId = Id<struct ModelTag>;
using OperationId = Id<struct OperationTag>;
using KindId = Id<struct KindTag>;
using AttributeId = Id<struct AttributeTag>;
using EnumerationId = Id<struct EnumerationTag>;
using PrincipalTypeId = Id<struct PrincipalTypeTag>;
using ScopeId = Id<struct ScopeTag>;
using GroupId = Id<struct GroupTag>;
using SubjectId = Id<struct SubjectTag>;
using PatternId = Id<struct PatternTag>;
using PatternSetId = Id<struct PatternSetTag>;
using NetworkId = Id<struct NetworkTag>;
using NetworkClassId = Id<struct NetworkClassTag>;
using ShapeId = Id<struct ShapeTag>;
using ConditionId = Id<struct ConditionTag>;
using DfaId = Id<struct DfaTag>;
using ZoneId = Id<struct ZoneTag>;
using MembershipId = Id<struct MembershipTag>;
using ValidityId = Id<struct ValidityTag>;
using OriginId = Id<struct OriginTag>;

// ── vocabulary ────────────────────────────────────────────────────────────────────────────────
struct Model {
  StringId name;
  std::uint64_t version = 0;  // make_version
};
struct Operation {
  StringId name;
  ModelId model;
  std::uint32_t code = 0;  // the system's own number for it, 0 if it has none
};
/// A kind of resource. Its operations own the bits of a decision word, in this order.
struct Kind {
  StringId name;
  ModelId model;
  std::uint32_t code = 0;
  std::vector<OperationId> operations;     // bit i is operations[i]; at most 32
  std::uint32_t listed = 0;                // bits that policy text may name; data rows may name all
  std::vector<std::uint32_t> implied_by;   // [i]: bits whose allow also allows i, i itself included
  std::uint32_t infrastructure = 0;        // bits allowed to infrastructure before guards
};
enum class AttributeSource : std::uint8_t { Observed, Vouched, Asserted, Declared };
enum class AttributeMoment : std::uint8_t { Session, Request, Resource };
struct Attribute {
  StringId name;  // dotted: tls.version
  Type type;
  AttributeSource source = AttributeSource::Observed;
  AttributeMoment moment = AttributeMoment::Session;
  std::uint32_t slot = 0;  // position among the attributes of its moment, in id order
};
struct Enumeration {
  StringId name;
  std::vector<StringId> members;  // ordinal order
};
/// `User`, or a subtype by name: `ServiceAccount = User when name startsWith "sa-"`.
struct PrincipalType {
  StringId name;
  PrincipalTypeId base;   // none for a type that the system itself says
  ConditionId test;       // for a subtype; reads PrincipalName alone
  // Of a type that the system says: the name by which its data means everybody, so that nobody can
  // be it (`User:*`). None: it has none.
  StringId everybody{};
};

// ── where ─────────────────────────────────────────────────────────────────────────────────────
struct Scope {
  StringId name;      // last segment as policy writes it
  StringId id;        // what the broker reports; none if the policy gives none
  StringId level;     // organization, environment, cluster
  ScopeId parent;     // none at the root; parents before children
  bool leaf = false;  // a level in which resources live (the model's last)
};
/// A network of an ACL or of `from`.
enum class NetworkForm : std::uint8_t {
  Cidr,      // holds the address, zone ignored
  Exact,     // the address itself, and the client's text has no zone (a Kafka row with a host)
  Text,      // the very text of the client's host (a Kafka row with a zone)
  Never,     // matches nobody (a Kafka row whose host Java never prints)
};
struct Network {
  NetworkForm form = NetworkForm::Never;
  Cidr cidr;
  StringId text;
};
/// `network peering at prod = …`. Truth at session open; `otherwise` holds when no other does.
struct NetworkClass {
  StringId name;
  ScopeId scope;
  ConditionId test;       // none for `otherwise`
};

// ── who ───────────────────────────────────────────────────────────────────────────────────────
enum class SubjectForm : std::uint8_t {
  Nobody,         // never matches
  Principal,      // type and name, exactly
  Group,          // closed: by the closure; external: by what the session says
  Type,           // any Human
  Any,            // everybody, unauthenticated ones too
  Authenticated,  // any, without those that the model calls unauthenticated
};
struct Subject {
  SubjectForm form = SubjectForm::Nobody;
  StringId type_name;   // Principal
  StringId name;        // Principal
  GroupId group;        // Group
  PrincipalTypeId type; // Type
  std::vector<SubjectId> except;  // whoever is in one of these is not in this; sorted
};
struct Group {
  StringId name;
  bool external = false;
  std::vector<GroupId> within;    // closure: every other group that contains this one; sorted
};

// ── what ──────────────────────────────────────────────────────────────────────────────────────
enum class PatternForm : std::uint8_t { Literal, Prefix, Any, Suffix, Contains };
struct Pattern {
  PatternForm form = PatternForm::Literal;
  StringId text;  // empty for Any
};
/// Patterns of one kind, of which one must cover the name: a tag, or what `except` takes away.
struct PatternSet {
  StringId name;  // the tag, or none
  KindId kind;
  ScopeId scope;  // a tag speaks of resources here and below; none: everywhere
  std::vector<PatternId> patterns;  // sorted
};
/// Facts of a declared resource (a key): read by LoadAttr of moment Resource. The fact row whose
/// scope is nearest to the request's, at or above it, speaks.
struct Facts {
  KindId kind;
  ScopeId scope;
  StringId name;
  std::vector<std::pair<AttributeId, Value>> values;
};

// ── conditions ────────────────────────────────────────────────────────────────────────────────
enum class InstKind : std::uint8_t {
#define WRIT_INST(name, text, operands, result) name,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
};
struct Inst {
  InstKind kind = InstKind::Const;
  Type type;  // of the result
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  friend bool operator==(const Inst&, const Inst&) = default;
};
/// A condition without its constants. Equal shapes are one shape, so native code is made once.
struct Shape {
  std::vector<Inst> insts;           // post-order; the last is the result, a Bool
  std::vector<Type> constant_types;  // of the row that Const reads
  bool session_only = false;         // reads nothing but the session (no request, resource, clock)
};
struct Condition {
  ShapeId shape;
  std::uint32_t first_constant = 0;  // into Program::constants
};
/// A deterministic automaton over bytes. transitions[state * classes + byte_class[byte]].
struct Dfa {
  StringId pattern;                        // as the policy wrote it
  std::vector<std::uint8_t> byte_class;    // 256 entries
  std::uint16_t classes = 0;
  std::uint16_t start = 0;
  std::vector<std::uint16_t> transitions;  // state 0 is dead
  std::vector<std::uint8_t> accepting;     // per state, 0 or 1
};
/// Offsets of a time zone, from tzdata at compile time. Before the first transition: offsets[0].
struct Zone {
  StringId name;
  std::vector<std::int64_t> at_seconds;       // ascending
  std::vector<std::int32_t> offset_seconds;   // one more than at_seconds
};

// ── grants ────────────────────────────────────────────────────────────────────────────────────
enum class Effect : std::uint8_t { Deny = 0, Allow = 1 };
enum class Layer : std::uint8_t {
  Guard = 0,           // effect Deny
  Grant = 1,           // acl rows and role bindings
  Superuser = 2,       // effect Allow; kind and pattern unused; operations unused
  Infrastructure = 3,  // effect Allow; kind and pattern unused; Kind::infrastructure counts
};
struct Validity {
  std::int64_t not_before_us = INT64_MIN;
  std::int64_t expires_us = INT64_MAX;  // exclusive
};
/// Where a grant comes from. A statement makes many grants; they share it.
struct Origin {
  StringId package;
  StringId file;       // relative to the package root; for data rows the data file
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  StringId statement;  // its text on one line; none for data rows (printed from the grant)
  StringId rule;       // a guard's name, a role's name for a bind, else none
  StringId reason;     // the quoted reason or control number, else none
};
/// The one thing that everything becomes. One subject, one kind, one pattern, one network; a
/// statement with lists becomes several grants of one number.
struct Grant {
  Effect effect = Effect::Deny;
  Layer layer = Layer::Grant;
  KindId kind;
  std::uint32_t operations = 0;  // bits of the kind, as written; implication is Kind::implied_by
  SubjectId subject;
  PatternId pattern;
  PatternSetId except;           // none: nothing taken away
  PatternSetId within;           // none, or: this set must cover the name too (suffix tags)
  ScopeId scope;
  NetworkId network;             // none: every host, an unknown one too
  ConditionId condition;         // none: always
  ValidityId validity;           // none: always
  OriginId origin;
  std::uint32_t line = 0;        // of a data row; else the origin's line
  OriginId role_origin;          // the role's own line for a grant from a binding
  std::uint32_t number = 0;      // LANGUAGE.md 3.4: order of package, file, line, column, row
  /// No condition, no network, no validity (LANGUAGE.md section 3.4).
  [[nodiscard]] bool plain() const {
    return !condition.valid() && !network.valid() && !validity.valid();
  }
};

/// `protect Topic tagged pci at prod.payments with ledger-cmk`. Never decides.
struct Protection {
  KindId kind;
  PatternId pattern;
  PatternSetId within;
  ScopeId scope;
  StringId key;
  OriginId origin;
};
/// `default allow when unlisted at CLUSTER "reason"`.
struct UnlistedDefault {
  ScopeId scope;
  OriginId origin;
};

/// Equal decisions are counted together for at most an hour: an auditor reads the count, not times.
inline constexpr std::int64_t kCoalesceWindowMaxUs = std::int64_t{3'600'000'000};
/// One line of `audit { … }` for one kind. All that speak of a decision hold: the strictest level,
/// every route, the shortest window.
enum class AuditForm : std::uint8_t { Level, RouteToFile, RouteToTopic, Coalesce };
struct AuditRule {
  AuditForm form = AuditForm::Level;
  std::uint8_t verdicts = 0;      // 1: denials, 2: allows
  KindId kind;
  std::uint32_t operations = 0;   // bits of the kind
  ScopeId scope;
  std::uint8_t level = 0;         // Level: 0 ring, 1 durable, 2 replicated
  StringId destination;           // of a route
  std::int64_t window_us = 0;     // Coalesce
  OriginId origin;
};

struct Program {
  StringId package;
  std::uint32_t edition = 0;
  std::vector<std::string> strings;  // interned: no two equal

  std::vector<Model> models;
  std::vector<Operation> operations;
  std::vector<Kind> kinds;
  std::vector<Attribute> attributes;
  std::vector<Enumeration> enumerations;
  std::vector<PrincipalType> principal_types;
  std::vector<SubjectId> unauthenticated;  // of form Principal

  std::vector<Scope> scopes;
  std::vector<Network> networks;
  std::vector<NetworkClass> network_classes;

  std::vector<Subject> subjects;
  std::vector<Group> groups;
  std::vector<std::pair<SubjectId, GroupId>> members;  // closure of closed groups; sorted

  std::vector<Pattern> patterns;
  std::vector<PatternSet> pattern_sets;
  std::vector<Facts> facts;

  std::vector<Value> constants;
  std::vector<Shape> shapes;
  std::vector<Condition> conditions;
  std::vector<SubjectId> memberships;  // subjects that conditions ask about
  std::vector<Dfa> dfas;
  std::vector<Zone> zones;

  std::vector<Validity> validities;
  std::vector<Origin> origins;
  std::vector<Grant> grants;  // ascending number
  std::vector<Protection> protections;
  std::vector<UnlistedDefault> unlisted_defaults;

  std::vector<StringId> audit_source;       // the authority in the events' CRNs; at most one
  std::vector<AuditRule> audit_rules;
  std::vector<AttributeId> audit_omitted;   // attributes that no event may show; sorted

  [[nodiscard]] std::string_view text(StringId id) const {
    return id.valid() ? std::string_view(strings[id.index]) : std::string_view();
  }
};

}  // namespace writ::ir
