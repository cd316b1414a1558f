// What the text says, before any name means anything. Built by compiler/syntax, read by
// compiler/check; expressions live in one store, children before parents.
//
// The surface, one example a declaration (LANGUAGE.md has policy files; this is the rest):
//
//   model kafka 4.4 "Apache Kafka"                   // a model begins with this, not `package`
//   principal type User with "*" as any                 // a type that the system itself says, and
//                                                    // the name by which it means everybody
//   principal ServiceAccount = User when name startsWith "sa-"
//   unauthenticated User:ANONYMOUS
//   level organization                               // top to bottom; resources live in the last
//   operation Read = 3                                  // `= code` is optional
//   kind Topic = 2 { Read, Write, Create }           // its operations; `= code` is optional
//   extend kind Topic { DescribeAccess }                // by another model
//   Read, Write on Topic implies Describe               // `on any` for every kind of the model
//   operations reading = Read, Describe                 // a named set
//   infrastructure operations ClusterAction on Cluster, Read on Topic
//   enum SecurityProtocol = PLAINTEXT, SSL
//   attribute tls.version: Version? observed session // observed, vouched, asserted, declared;
//                                                    // session, request, resource
//   kind Key as key { Encrypt, Decrypt }                // what `key` declares is of this kind
//   purpose encrypt-decrypt = Encrypt, Decrypt          // of a key kind: operations it allows
//   algorithm RSA_3072, RSA_4096 = encrypt-decrypt      // the purposes that it serves
//   provider aws matches "arn:aws:kms:.*"             // what its references look like
//   management = DescribeKey, CreateGrant               // operations that every purpose allows
//   role DeveloperRead { allow Read, Describe on Topic … }  // roles may stand in models
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source/span.h"
#include "runtime/base/id.h"
#include "runtime/value/value.h"

namespace writ::ast {

using source::Span;
using ExprId = Id<struct ExprTag>;

/// A word with its place. Quoted or not is forgotten; escapes are resolved.
struct Word {
  std::string text;
  Span span;
};
/// `prod.payments`, `tls.version`, `acme.teams.ledger`.
struct Path {
  std::vector<Word> parts;
  Span span;
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const Word& part : parts) all += (all.empty() ? "" : ".") + part.text;
    return all;
  }
};

// ── expressions ───────────────────────────────────────────────────────────────────────────────
enum class ExprKind : std::uint8_t {
  Error,       // a mistake that was reported; its type is an error type
  Literal,     // value: Bool Int String Ip Cidr Time Duration Version
  Principal,   // User:alice — path.parts[0] the type, [1] the name
  // path: an attribute, enum member, group, network class, variable, `time`, `host`, `t.name`,
  // `principal.name`
  Name,
  Set,         // { a, b, c }: list
  Range,       // a..b (inclusive) or a..<b
  Not, And, Or,
  Eq, Ne, Lt, Le, Gt, Ge,
  Add, Sub, Mul,
  In, NotIn,   // a in b: set, range, network, group, `{ net, net }`
  Has,         // has path
  Contains, StartsWith, EndsWith, Matches,
  If,          // if a then b else c
  Any, All,    // any variable in a: b
  TimeIn,      // a in "Europe/Zurich" where a is `time`: value = the zone's name
  Field,       // a.word, where a is not a plain name: (time in "…").hour
  Tagged,      // a tagged t: path = the tag
  Call,        // path(list)
};
struct Expr {
  ExprKind kind = ExprKind::Error;
  Span span;           // whole expression
  Span op_span;        // the operator's word
  Value value;         // Literal, TimeIn
  Path path;
  Word variable;       // Any, All; the field of Field
  ExprId a, b, c;
  bool half_open = false;  // Range ..<
  std::vector<ExprId> list;
};

// ── pieces of statements ──────────────────────────────────────────────────────────────────────
/// `Read, Write` | `any` | `any except Read, Describe` | names of sets.
struct Operations {
  bool any = false;
  std::vector<Word> names;   // when any: those taken away
  Span span;
};
/// `"x"` | `"x."*` | `*` | `*"x"` | `*"x"*` | `tagged t` | `ns + "."*` (role parameter).
struct Pattern {
  enum class Form : std::uint8_t { Literal, Prefix, Any, Suffix, Contains, Tagged };
  Form form = Form::Literal;
  struct Piece {             // text of the pattern: pieces in order
    bool parameter = false;  // a role's parameter, else quoted text
    Word word;
  };
  std::vector<Piece> pieces;
  Path tag;
  Span span;
};
/// `Topic "orders."* except tagged pci as t` | `any`.
struct Resource {
  bool any_kind = false;
  Word kind;                     // else the kind; a bare kind (`Topic`) means `*`
  Pattern pattern;
  std::vector<Pattern> except;
  std::optional<Word> binder;    // as t
  Span span;
};
/// `User:alice` | group | `any` | `any Human` | `any, anonymous` | `any except infrastructure`.
struct Subject {
  enum class Form : std::uint8_t { Principal, Name, Any, AnyType } form = Form::Name;
  Word type;   // Principal, AnyType
  Word name;   // Principal, Name (group; `infrastructure`, `superusers`, `anonymous` too)
  std::vector<Subject> except;
  Span span;
};
/// `from 10.0.0.0/8, 192.0.2.1, private_link`
struct From {
  // Ip or Cidr (a Cidr as written; host bits are the checker's to refuse)
  std::vector<Value> networks;
  std::vector<Word> classes;
  std::vector<Span> spans;       // of networks
  Span span;
};
/// A point in time for `since` / `until`, already a Time; a date is its first moment in UTC.
struct When {
  std::vector<ExprId> when;      // all must hold
  std::vector<ExprId> unless;
  std::optional<std::int64_t> since_us;
  std::optional<std::int64_t> until_us;
  bool trust = false;            // an allow on an asserted attribute says `trust`
  Span since_span, until_span, trust_span;
};
enum class Effect : std::uint8_t { Deny, Allow };
/// One line of a role, acl, guard or key: effect, operations, on resources, to whom, from where,
/// when, since and until.
struct Statement {
  Effect effect = Effect::Deny;
  Operations operations;
  std::vector<Resource> resources;   // empty in a key's rules
  std::vector<Subject> subjects;     // empty in roles; in a guard empty means everybody
  std::optional<From> from;
  When conditions;
  Span span;
};

struct Property {  // tier = dedicated ; encryption = self-managed ledger-cmk
  Word name;
  std::vector<Word> words;        // bare words
  std::optional<Value> value;     // or a literal
  Span span;
};

// ── declarations of policy ────────────────────────────────────────────────────────────────────
struct ScopeDecl {
  Word level;                     // organization, environment, cluster
  Word name;
  std::optional<Word> id;
  std::vector<Property> properties;
  std::vector<ScopeDecl> children;
  Span span;
};
struct NetworkDecl {
  Word name;
  std::optional<Path> at;
  bool otherwise = false;         // network public otherwise
  // `listener "X" and host in …`: `listener "X"` is Eq(Name listener, "X")
  ExprId test;
  Span span;
};
struct GroupDecl {
  Word name;
  bool external = false;
  std::vector<Subject> members;
  Span span;
};
struct PrivilegedDecl {           // infrastructure at … = … ; superusers at … = …
  bool superusers = false;
  std::optional<Path> at;
  std::vector<Subject> subjects;
  std::optional<From> from;
  Span span;
};
struct Parameter {
  Word name;
  Word type;
};
struct RoleInclude {              // include DeveloperRead, Namespace("x")
  Path role;
  std::vector<ExprId> arguments;
  Span span;
};
struct RolePart {                 // at organization { allow … }
  std::optional<Word> level;
  std::vector<RoleInclude> includes;
  std::vector<Statement> statements;
};
struct RoleDecl {
  Word name;
  std::vector<Parameter> parameters;
  std::string title;
  std::vector<RolePart> parts;
  Span span;
};
// bind R("x") to s at scope on Topic "a"* from … when … since … until …
struct BindDecl {
  Path role;
  std::vector<ExprId> arguments;
  std::vector<Subject> subjects;
  std::optional<Path> at;
  std::vector<Resource> on;
  std::optional<From> from;
  When conditions;
  Span span;
};
struct LoadClause {               // load "acls.jsonl" rows 1..2 sha256 "…" as kafka
  Word path;
  std::optional<std::pair<std::int64_t, std::int64_t>> rows;
  std::optional<Word> sha256;
  bool as_kafka = false;
};
/// `acl A4 "who may write the ledger" at prod.payments { … }`: name and reason are optional and
/// become ir::Origin.rule and ir::Origin.reason of the grants, as a guard's do.
struct AclDecl {
  std::optional<Word> name;
  std::optional<Word> reason;
  std::optional<Path> at;
  std::vector<Statement> statements;
  std::optional<LoadClause> load;
  Span span;
};
struct TagDecl {                  // tag pci at prod on Topic "ledger."*, Topic *"-x"
  Word name;
  std::optional<Path> at;
  std::vector<Resource> resources;
  Span span;
};
struct GuardDecl {
  Word name;
  std::optional<Word> reason;
  std::optional<Path> at;
  bool observe = false;           // refused by name until the whole language
  std::vector<Statement> statements;
  Span observe_span;
  Span span;
};
struct KeyDecl {
  Word name;
  std::optional<Path> at;
  std::vector<Property> facts;    // aws "arn…", purpose encrypt-decrypt, algorithm AES_256_GCM
  std::vector<Statement> rules;
  Span span;
};
struct ProtectDecl {
  std::vector<Resource> resources;
  std::optional<Path> at;
  Word key;
  Span span;
};
/// Which decisions a line of `audit` speaks of: `deny Delete, Alter on Topic at prod`.
struct AuditSelection {
  std::optional<Effect> verdict;  // absent: both
  Operations operations;
  std::vector<Word> kinds;        // empty: any
  std::optional<Path> at;
  Span span;
};
struct AuditItem {
  enum class Form : std::uint8_t { Level, Route, Redact, Coalesce } form = Form::Level;
  Word word;                      // level; `file` or `topic` of a route; how to redact
  AuditSelection of;              // but for Redact
  Word destination;               // Route
  Path attribute;                 // Redact
  std::int64_t window_us = 0;     // Coalesce
  Span window_span;
  Span span;
};
struct AuditDecl {                // audit "confluent.cloud" { level durable deny any … }
  std::optional<Word> source;
  std::vector<AuditItem> items;
  Span span;
};
struct DefaultDecl {              // default allow when unlisted at CLUSTER "reason"
  std::optional<Path> at;
  std::optional<Word> reason;
  Span span;
};
/// Beside attributes: `network` (class), `groups`, `host` (Ip or text), `time`, as the session and
/// the clock give them.
// given tls.version = 1.3, network = private_link, groups = { contractors }
struct Given {
  Path name;
  ExprId value;
};
// User:x from 10.1.2.3 may not Read on Topic "orders" at prod because deny at "audit."*
struct Claim {
  Subject subject;
  std::optional<Word> from;
  bool may = false;
  Operations operations;          // several: each is a claim
  Word kind;
  Word name;
  std::optional<Path> at;
  std::vector<Given> given;       // with tls.version = 1.0 : for this claim alone
  struct Because {
    // deny, guard, error, default, allow, unlisted, superuser, infrastructure
    Word word;
    std::optional<Word> name;     // guard's or role's name
    std::optional<Pattern> at;
  };
  std::optional<Because> because;
  Span span;
};
struct TestDecl {
  Word title;
  std::optional<Path> at;
  std::vector<Given> given;
  std::vector<Claim> claims;
  Span span;
};
/// conflict, invariant, fun, guard … observe: parsed, then refused by name.
struct LaterDecl {
  Word keyword;
  Span span;
};

// ── declarations of a model ───────────────────────────────────────────────────────────────────
struct PrincipalTypeDecl {
  Word name;
  std::optional<Word> everybody;  // of a system's type: the name that is nobody's own
  std::optional<Word> base;       // of a subtype
  ExprId test;
  Span span;
};
struct UnauthenticatedDecl { Subject subject; };
struct LevelDecl { Word name; };
struct OperationDecl { Word name; std::optional<std::int64_t> code; };
struct KindDecl {
  Word name;
  bool extend = false; bool keys = false;
  std::optional<std::int64_t> code;
  std::vector<Word> operations;
  Span span;
};
struct ImplyDecl { Operations given; Word kind; bool any_kind = false; Word implied; Span span; };
struct OperationSetDecl { Word name; std::vector<Word> operations; };
struct InfrastructureOperationsDecl {
  struct Item {
    Operations operations;
    Word kind;
  };
  std::vector<Item> items;
};
struct EnumDecl { Word name; std::vector<Word> members; };
struct TypeName { Word name; bool optional = false; bool set = false; };  // `Version?`, `{String}`
struct AttributeDecl { Path name; TypeName type; Word source; Word moment; Span span; };
struct AlgorithmDecl { std::vector<Word> names; std::vector<Word> purposes; };
struct ProviderDecl { Word name; std::optional<Word> reference; };  // a regular expression
struct PurposeDecl { Word name; std::vector<Word> operations; bool management = false; };

using Decl =
    std::variant<ScopeDecl, NetworkDecl, GroupDecl, PrivilegedDecl, RoleDecl, BindDecl, AclDecl,
                 TagDecl, GuardDecl, KeyDecl, ProtectDecl, DefaultDecl, AuditDecl, TestDecl,
                 LaterDecl,
                 PrincipalTypeDecl, UnauthenticatedDecl, LevelDecl, OperationDecl, KindDecl,
                 ImplyDecl, OperationSetDecl, InfrastructureOperationsDecl, EnumDecl, AttributeDecl,
                 PurposeDecl, AlgorithmDecl, ProviderDecl>;

struct Use { Word model; };
struct File {
  source::FileId id;
  bool is_model = false;
  Path package;                   // or the model's name
  std::uint64_t model_version = 0;
  std::string title;
  std::optional<std::pair<std::int64_t, Span>> edition;
  std::vector<Use> uses;
  std::vector<Path> includes;
  std::vector<Decl> decls;
  std::vector<Expr> exprs;
  // Names that a declaration with a mistake would have declared: the checker does not report
  // these as unknown, so that one mistake stays one diagnostic.
  std::vector<Word> unread;
  [[nodiscard]] const Expr& expr(ExprId at) const { return exprs[at.index]; }
};

/// The canonical text of a file: golden form of the parse step.
[[nodiscard]] std::string print(const File& file);

}  // namespace writ::ast
