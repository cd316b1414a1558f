// Statements of policy text: from, conditions, validity; acl blocks, guards, the default.
#include "compiler/check/steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

// The purpose of the declared key that the target names alone, if it does.
const Space<Purpose>::value_type* purpose_of(const Policy& policy, const model::Target& target,
                                             const Space<Key>::value_type*& key) {
  if (!policy.key_kind || target.kind != policy.key_kind->value || target.covers.size() != 1) {
    return nullptr;
  }
  const ir::Pattern& pattern = policy.program().patterns[target.covers.front().pattern.index];
  const auto found = policy.keys.find(policy.program().text(pattern.text));
  if (pattern.form != ir::PatternForm::Literal || found == policy.keys.end()) {
    return nullptr;
  }
  key = &*found;
  for (const ast::Property& fact : found->second.value.decl->facts) {
    const auto purpose = fact.name.text == "purpose" && !fact.words.empty()
                             ? policy.purposes.find(fact.words.front().text)
                             : policy.purposes.end();
    if (purpose != policy.purposes.end()) {
      return &*purpose;
    }
  }
  return nullptr;
}

bool purpose_allows(const Policy& policy, const Purpose& purpose, std::string_view operation) {
  return std::ranges::find(purpose.operations, operation) != purpose.operations.end() ||
         std::ranges::find(policy.management, operation) != policy.management.end();
}

// An operation that an allow names must be one that the key's purpose allows.
void check_purpose(const Policy& policy, const ast::Statement& statement,
                   const model::Target& target) {
  const Space<Key>::value_type* key = nullptr;
  const auto* purpose = purpose_of(policy, target, key);
  if (statement.effect != ast::Effect::Allow || statement.operations.any || purpose == nullptr) {
    return;
  }
  for (const ast::Word& word : operation_names(policy, statement.operations)) {
    if (!purpose_allows(policy, purpose->second.value, word.text)) {
      policy.report(diag::Code::WrongPurpose, word.span,
                    fmt::format("the key `{}` is for `{}`, which does not allow `{}`", key->first,
                                purpose->first, word.text),
                    "the provider would refuse this use",
                    fmt::format("`{}` allows {}", purpose->first,
                                fmt::join(purpose->second.value.operations, ", ")),
                    {{key->second.span, "the key is declared here"}});
    }
  }
}

// Where the file of an acl block lies, seen from the policy's root; none: outside of it, reported.
std::optional<std::string> inside(const Policy& policy, const source::File& where,
                                  const ast::Word& path) {
  const std::filesystem::path given(path.text);
  const std::filesystem::path seen =
      (std::filesystem::path(where.display).parent_path() / given).lexically_normal();
  const bool climbs = !seen.empty() && *seen.begin() == "..";
  if (!given.is_absolute() && !climbs) {
    return seen.generic_string();
  }
  policy.report(diag::Code::DataOutside, path.span,
                fmt::format("the data file `{}` lies outside of the policy", path.text),
                climbs ? "leads above the policy's folder" : "an absolute path",
                "put the file beside the policy, and name it from the file that says `load`");
  return std::nullopt;
}

void add_load(Policy& policy, const ast::File& file, const ast::AclDecl& acl, ir::ScopeId scope) {
  const source::File& where = policy.sources.file(acl.span.file);
  const auto display = inside(policy, where, acl.load->path);
  if (!display) {
    return;
  }
  model::Load load;
  load.place = policy.place(file, acl.span);
  load.path = std::filesystem::path(where.path).parent_path() / acl.load->path.text;
  load.display = *display;
  load.statement = acl.load->path.span;
  load.as_kafka = acl.load->as_kafka;
  load.rows = acl.load->rows;
  if (acl.load->sha256) {
    load.sha256 = acl.load->sha256->text;
  }
  load.scope = scope;
  load.origin = policy.origin(file, acl.span, acl.name ? acl.name->text : std::string_view(),
                              acl.reason ? acl.reason->text : std::string_view());
  ir::Origin& origin = policy.program().origins[load.origin.index];
  // A row is printed from its grant, and stands in the data file.
  origin.statement = {};
  origin.file = policy.builder().string(load.display);
  policy.unit.loads.push_back(std::move(load));
}

void add_acl(Policy& policy, const ast::File& file, const ast::AclDecl& acl) {
  const auto scope = policy.scope(acl.at);
  if (!scope) {
    return;
  }
  if (acl.load) {
    add_load(policy, file, acl, *scope);
  }
  StatementFrame frame;
  frame.file = &file;
  frame.scope = *scope;
  frame.rule = acl.name ? std::string_view(acl.name->text) : std::string_view();
  frame.reason = acl.reason ? std::string_view(acl.reason->text) : std::string_view();
  for (const ast::Statement& statement : acl.statements) {
    add_statement(policy, statement, frame);
  }
}

void add_guard(Policy& policy, const ast::File& file, const ast::GuardDecl& guard,
               Space<int>& guards) {
  if (!policy.declared(guards, guard.name, "guard")) {
    guards.emplace(guard.name.text, Named<int>{0, guard.name.span});
  }
  const auto scope = policy.scope(guard.at);
  if (!scope) {
    return;
  }
  StatementFrame frame;
  frame.file = &file;
  frame.layer = ir::Layer::Guard;
  frame.scope = *scope;
  frame.rule = guard.name.text;
  frame.reason = guard.reason ? std::string_view(guard.reason->text) : std::string_view();
  for (const ast::Statement& statement : guard.statements) {
    if (statement.effect == ast::Effect::Allow) {
      policy.report(diag::Code::AllowInGuard, statement.span,
                    fmt::format("the guard `{}` holds an allow", guard.name.text),
                    "a guard only denies", "move the allow into an `acl`");
      continue;
    }
    add_statement(policy, statement, frame);
  }
}

void add_default(Policy& policy, const ast::File& file, const ast::DefaultDecl& decl) {
  const auto scope = policy.scope(decl.at);
  if (!scope) {
    return;
  }
  if (!policy.program().scopes[scope->index].leaf) {
    const std::string& level = policy.levels.back();
    policy.report(diag::Code::WrongLevel, decl.at ? decl.at->span : decl.span,
                  fmt::format("`default allow` stands at one {}", level),
                  fmt::format("not a {}", level),
                  fmt::format("name the {} that is open, one statement for each", level));
    return;
  }
  const std::string_view reason =
      decl.reason ? std::string_view(decl.reason->text) : std::string_view();
  policy.program().unlisted_defaults.push_back(
      {*scope, policy.origin(file, decl.span, "unlisted", reason)});
}

}  // namespace

bool keep_to_purpose(const Policy& policy, model::Target& target) {
  const Space<Key>::value_type* key = nullptr;
  const auto* purpose = purpose_of(policy, target, key);
  if (purpose == nullptr) {
    return true;
  }
  const ir::Kind& kind = policy.program().kinds[target.kind.index];
  for (std::size_t bit = 0; bit < kind.operations.size(); ++bit) {
    const ir::Operation& operation = policy.program().operations[kind.operations[bit].index];
    if (!purpose_allows(policy, purpose->second.value, policy.program().text(operation.name))) {
      target.operations &= ~(1U << bit);
    }
  }
  return target.operations != 0;
}

ResolvedFrom resolve_from(const Policy& policy, const std::optional<ast::From>& from) {
  ResolvedFrom out;
  if (!from) {
    return out;
  }
  for (std::size_t i = 0; i < from->networks.size(); ++i) {
    const Value& value = from->networks[i];
    ir::Network network;
    network.form = ir::NetworkForm::Cidr;
    network.cidr = value.cidr;
    if (value.type.is(TypeKind::Cidr)) {
      const std::string_view text = policy.sources.text(from->spans[i]);
      if (!parse_cidr(text, HostBits::Refuse)) {
        const auto cleared = parse_cidr(text, HostBits::Clear);
        policy.report(diag::Code::HostBitsSet, from->spans[i],
                      fmt::format("`{}` has host bits set", text),
                      "not the first address of the network",
                      cleared ? fmt::format("the network is `{}`", to_text(*cleared))
                              : "write a network, `10.0.0.0/8`");
        continue;
      }
    }
    out.networks.push_back(policy.builder().network(network));
  }
  for (const ast::Word& word : from->classes) {
    const auto found = policy.network_classes.find(word.text);
    if (found == policy.network_classes.end()) {
      policy.unknown(word, "network", Policy::names_of(policy.network_classes),
                     "write an address, a network, or the name of a declared class of networks");
      continue;
    }
    TypedExpr in;
    in.type = kBool;
    in.insts.push_back({ir::InstKind::InNetwork, kBool, found->second.value.index, 0, 0});
    if (out.classes.insts.empty()) {
      out.classes = std::move(in);
      continue;
    }
    const auto left = static_cast<std::uint32_t>(out.classes.insts.size() - 1);
    out.classes.insts.push_back(in.insts.front());
    out.classes.insts.push_back({ir::InstKind::Or, kBool, left, left + 1, 0});
  }
  return out;
}

std::vector<ResolvedFrom> alternatives(ResolvedFrom from) {
  std::vector<ResolvedFrom> out;
  if (!from.networks.empty() && !from.classes.insts.empty()) {
    out.push_back({std::move(from.networks), {}});
    from.networks.clear();
  }
  out.push_back(std::move(from));
  return out;
}

namespace {

// Networks nest or are apart: the smaller one, or none.
std::optional<ir::NetworkId> meet(const Policy& policy, ir::NetworkId a, ir::NetworkId b) {
  const Cidr& left = policy.program().networks[a.index].cidr;
  const Cidr& right = policy.program().networks[b.index].cidr;
  if (left.v4 != right.v4) {
    return std::nullopt;
  }
  if (left.bits >= right.bits) {
    return right.contains(left.base) ? std::optional(a) : std::nullopt;
  }
  return left.contains(right.base) ? std::optional(b) : std::nullopt;
}

}  // namespace

std::optional<ResolvedFrom> meet(const Policy& policy, const ResolvedFrom& a,
                                 const ResolvedFrom& b) {
  ResolvedFrom both;
  both.classes = a.classes.insts.empty()   ? b.classes
                 : b.classes.insts.empty() ? a.classes
                                           : conjunction(a.classes, b.classes);
  both.networks = a.networks.empty() ? b.networks : a.networks;
  if (a.networks.empty() || b.networks.empty()) {
    return both;
  }
  both.networks.clear();
  for (const ir::NetworkId one : a.networks) {
    for (const ir::NetworkId other : b.networks) {
      if (const auto common = meet(policy, one, other)) {
        both.networks.push_back(*common);
      }
    }
  }
  return both.networks.empty() ? std::nullopt : std::optional(std::move(both));
}

std::optional<ir::ValidityId> meet(const Policy& policy, ir::ValidityId a, ir::ValidityId b) {
  if (!a.valid() || !b.valid()) {
    return a.valid() ? a : b;
  }
  const ir::Validity& left = policy.program().validities[a.index];
  const ir::Validity& right = policy.program().validities[b.index];
  const ir::Validity both{std::max(left.not_before_us, right.not_before_us),
                          std::min(left.expires_us, right.expires_us)};
  return both.not_before_us < both.expires_us ? std::optional(policy.builder().validity(both))
                                              : std::nullopt;
}

ir::ValidityId resolve_validity(const Policy& policy, const ast::When& when) {
  if (!when.since_us && !when.until_us) {
    return {};
  }
  ir::Validity validity;
  validity.not_before_us = when.since_us.value_or(validity.not_before_us);
  validity.expires_us = when.until_us.value_or(validity.expires_us);
  if (validity.not_before_us >= validity.expires_us) {
    policy.report(diag::Code::NeverValid, when.until_span, "this ends before it begins",
                  "not after `since`", "put `since` before `until`",
                  {{when.since_span, "begins here"}});
  }
  return policy.builder().validity(validity);
}

void require_trust(const Policy& policy, const ast::File& file, const ast::When& when,
                   const TypedExpr& condition) {
  if (!condition.reads_asserted || when.trust) {
    return;
  }
  const ast::ExprId at = when.when.empty() ? when.unless.front() : when.when.front();
  policy.report(diag::Code::AssertedAttribute, file.expr(at).span,
                fmt::format("this allow rests on `{}`, which the client says of itself",
                            condition.asserted_name),
                "anybody can say this",
                "add `trust` to the statement to accept that, or test what the broker observes");
}

ir::ConditionId resolve_condition(const Policy& policy, const ast::File& file,
                                  const ast::When& when, ast::Effect effect,
                                  const About& of, const Arguments* arguments,
                                  std::vector<TypedExpr> more) {
  ExprContext context = policy.context(file);
  context.resource_variable = of.variable;
  context.kinds = of.kinds;
  context.scope = of.scope;
  context.parameters = arguments;
  TypedExpr all = check_when(when, context, policy.sink);
  const bool asks = !when.when.empty() || !when.unless.empty();
  const bool failed = all.type.kind == TypeKind::None && asks;
  if (effect == ast::Effect::Allow) {
    require_trust(policy, file, when, all);
  }
  for (TypedExpr& one : more) {
    all = conjunction(std::move(all), std::move(one));
  }
  if (failed || all.insts.empty()) {
    return {};
  }
  return policy.builder().condition(std::move(all.insts), std::move(all.constants));
}

void add_statement(Policy& policy, const ast::Statement& statement, const StatementFrame& frame) {
  const std::vector<ast::Resource>& resources =
      frame.resources != nullptr ? *frame.resources : statement.resources;
  if (resources.empty()) {
    policy.report(diag::Code::NoResource, statement.span, "this statement does not say on what",
                  "no resource is named", "write `on Topic \"orders\"` after the operations");
    return;
  }
  model::Statement made;
  made.place = policy.place(*frame.file, statement.span);
  made.effect = statement.effect == ast::Effect::Allow ? ir::Effect::Allow : ir::Effect::Deny;
  made.layer = frame.layer;
  made.scope = frame.scope;
  made.targets = resolve_resources(policy, resources, &statement.operations, statement.effect,
                                   frame.scope, nullptr);
  for (model::Target& target : made.targets) {
    check_purpose(policy, statement, target);
    if (statement.effect == ast::Effect::Allow) {
      static_cast<void>(keep_to_purpose(policy, target));
    }
  }
  if (statement.subjects.empty() && statement.effect == ast::Effect::Allow) {
    policy.report(diag::Code::NoSubject, statement.span, "this allow does not say to whom",
                  "nobody is named", "write `to` and principals, groups or `any`");
  }
  made.subjects = resolve_subjects(policy, statement.subjects, statement.effect);
  if (statement.subjects.empty()) {
    ir::Subject everybody;
    everybody.form = ir::SubjectForm::Any;
    made.subjects.push_back(policy.builder().subject(everybody));
  }
  made.validity = resolve_validity(policy, statement.conditions);
  made.origin = policy.origin(*frame.file, statement.span, frame.rule, frame.reason);
  for (ResolvedFrom& from : alternatives(resolve_from(policy, statement.from))) {
    made.networks = std::move(from.networks);
    std::vector<TypedExpr> more;
    if (!from.classes.insts.empty()) {
      more.push_back(std::move(from.classes));
    }
    made.condition = resolve_condition(policy, *frame.file, statement.conditions, statement.effect,
                                       about(policy, resources, made.scope), nullptr,
                                       std::move(more));
    report_idle(policy, statement.span, frame.rule, made);
    policy.unit.statements.push_back(made);
  }
}

void check_acls(Policy& policy) {
  Space<int> guards;
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* acl = std::get_if<ast::AclDecl>(&decl)) {
        add_acl(policy, file, *acl);
      } else if (const auto* guard = std::get_if<ast::GuardDecl>(&decl)) {
        add_guard(policy, file, *guard, guards);
      } else if (const auto* unlisted = std::get_if<ast::DefaultDecl>(&decl)) {
        add_default(policy, file, *unlisted);
      }
    }
  }
}

}  // namespace writ::check
