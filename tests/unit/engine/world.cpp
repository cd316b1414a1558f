#include "tests/unit/engine/world.h"

#include <gtest/gtest.h>

#include "compiler/index/index.h"
#include "runtime/engine/activate.h"
#include "runtime/engine/epoch.h"

namespace writ::testing {
namespace {

ir::ScopeId add_scope(ir::Builder& b, std::string_view name, ir::ScopeId parent, bool leaf) {
  ir::Scope scope;
  scope.name = b.string(name);
  scope.level = b.string(leaf ? "cluster" : parent.valid() ? "environment" : "organization");
  if (leaf) scope.id = b.string("lkc-" + std::string(name));
  scope.parent = parent;
  scope.leaf = leaf;
  b.program().scopes.push_back(scope);
  return ir::ScopeId(b.program().scopes.size() - 1);
}

/// Topic operations in bit order: Read 0, Write 1, Describe 2, Delete 3.
ir::KindId add_kind(ir::Builder& b, std::string_view name,
                    std::initializer_list<std::string_view> operations) {
  ir::Program& p = b.program();
  ir::Kind kind;
  kind.name = b.string(name);
  kind.model = ir::ModelId(0);
  for (const std::string_view operation : operations) {
    kind.operations.emplace_back(p.operations.size());
    p.operations.push_back({b.string(operation), ir::ModelId(0), 0});
    kind.implied_by.push_back(1U << (kind.operations.size() - 1));
  }
  kind.listed = (1U << kind.operations.size()) - 1;
  p.kinds.push_back(kind);
  return ir::KindId(p.kinds.size() - 1);
}

ir::AttributeId add_attribute(ir::Builder& b, std::string_view name, Type type,
                              ir::AttributeMoment moment, std::uint32_t slot) {
  ir::Attribute attribute;
  attribute.name = b.string(name);
  attribute.type = type;
  attribute.moment = moment;
  attribute.slot = slot;
  b.program().attributes.push_back(attribute);
  return ir::AttributeId(b.program().attributes.size() - 1);
}

ir::SubjectId add_group(ir::Builder& b, std::string_view name, bool external) {
  ir::Group group;
  group.name = b.string(name);
  group.external = external;
  b.program().groups.push_back(group);
  ir::Subject subject;
  subject.form = ir::SubjectForm::Group;
  subject.group = ir::GroupId(b.program().groups.size() - 1);
  return b.subject(subject);
}

}  // namespace

World::World() {
  ir::Program& p = builder.program();
  p.package = builder.string("test");
  p.edition = 1;
  p.models.push_back({builder.string("test"), make_version(1, 0, 0)});
  root = add_scope(builder, "acme", {}, false);
  prod = add_scope(builder, "prod", root, false);
  payments = add_scope(builder, "payments", prod, true);
  staging = add_scope(builder, "staging", root, true);
  topic = add_kind(builder, "Topic", {"Read", "Write", "Describe", "Delete"});
  p.kinds[0].implied_by[2] = 0b1111;
  cluster = add_kind(builder, "Cluster", {"ClusterAction", "Alter"});
  p.kinds[1].infrastructure = 1;
  tls = add_attribute(builder, "tls.version", kVersion, ir::AttributeMoment::Session, 0);
  add_attribute(builder, "auth.expires", kTime, ir::AttributeMoment::Session, 1);
  purpose = add_attribute(builder, "client.purpose", kString, ir::AttributeMoment::Request, 0);
  p.principal_types.push_back({builder.string("User"), {}, {}, builder.string("*")});
  p.principal_types.push_back(
      {builder.string("ServiceAccount"), ir::PrincipalTypeId(0),
       builder.condition({{ir::InstKind::PrincipalName, kString, 0, 0, 0},
                          {ir::InstKind::Const, kString, 0, 0, 0},
                          {ir::InstKind::StartsWith, kBool, 0, 1, 0}},
                         {Value::of_text("sa-")})});
  nobody = builder.subject({});
  ir::Subject subject;
  subject.form = ir::SubjectForm::Any;
  any = builder.subject(subject);
  subject.form = ir::SubjectForm::Authenticated;
  authenticated = builder.subject(subject);
  subject.form = ir::SubjectForm::Type;
  subject.type = ir::PrincipalTypeId(1);
  services = builder.subject(subject);
  alice = builder.principal("User", "alice");
  bob = builder.principal("User", "bob");
  p.unauthenticated.push_back(builder.principal("User", "ANONYMOUS"));
  sre = add_group(builder, "sre", false);
  vendors = add_group(builder, "vendors", true);
  p.members.emplace_back(bob, ir::GroupId(0));
}

ir::PatternId World::pattern(std::string_view text) {
  if (text == "*") return builder.pattern(ir::PatternForm::Any, {});
  if (text.starts_with("*")) {
    return builder.pattern(ir::PatternForm::Suffix, text.substr(1));
  }
  if (text.ends_with("*")) {
    return builder.pattern(ir::PatternForm::Prefix, text.substr(0, text.size() - 1));
  }
  return builder.pattern(ir::PatternForm::Literal, text);
}

ir::PatternSetId World::set(std::initializer_list<std::string_view> texts) {
  ir::PatternSet set;
  set.kind = topic;
  for (const std::string_view text : texts) set.patterns.push_back(pattern(text));
  return builder.pattern_set(set);
}

ir::NetworkId World::network(std::string_view cidr) {
  ir::Network network;
  network.form = ir::NetworkForm::Cidr;
  network.cidr = *parse_cidr(cidr, HostBits::Refuse);
  return builder.network(network);
}

ir::ConditionId World::equals(ir::AttributeId attribute, std::string_view text) {
  return builder.condition({{ir::InstKind::LoadAttr, kString, attribute.index, 0, 0},
                            {ir::InstKind::Const, kString, 0, 0, 0},
                            {ir::InstKind::Eq, kBool, 0, 1, 0}},
                           {Value::of_text(std::string(text))});
}

ir::ConditionId World::below(ir::AttributeId attribute, std::uint64_t major, std::uint64_t minor) {
  const auto version = static_cast<std::int64_t>(make_version(major, minor, 0));
  return builder.condition({{ir::InstKind::LoadAttr, kVersion, attribute.index, 0, 0},
                            {ir::InstKind::Const, kVersion, 0, 0, 0},
                            {ir::InstKind::Lt, kBool, 0, 1, 0}},
                           {Value::of(TypeKind::Version, version)});
}

void World::add(ir::Layer layer, ir::Effect effect, std::string_view operations,
                std::string_view name, Terms terms) {
  ir::Grant grant;
  grant.layer = layer;
  grant.effect = effect;
  grant.kind = topic;
  for (const char operation : operations) {
    grant.operations |= operation == 'R' ? 1U : operation == 'W' ? 2U : operation == 'D' ? 4U : 8U;
  }
  grant.subject = terms.subject;
  grant.pattern = pattern(name);
  grant.except = terms.except;
  grant.within = terms.within;
  grant.scope = terms.scope.valid() ? terms.scope : payments;
  grant.network = terms.network;
  grant.condition = terms.condition;
  grant.validity = terms.validity;
  ir::Origin origin;
  origin.package = builder.string("test");
  origin.file = builder.string("test.writ");
  origin.line = next_number_;
  origin.statement = builder.string("line " + std::to_string(next_number_));
  builder.program().origins.push_back(origin);
  grant.origin = ir::OriginId(builder.program().origins.size() - 1);
  grant.number = terms.number.value_or(next_number_);
  ++next_number_;
  builder.program().grants.push_back(grant);
}

void World::superuser(Terms terms) {
  add(ir::Layer::Superuser, ir::Effect::Allow, "", "*", terms);
}
void World::infrastructure(Terms terms) {
  add(ir::Layer::Infrastructure, ir::Effect::Allow, "", "*", terms);
}

void World::activate(Engine& engine) {
  program_ = builder.take();
  auto tables = index::build(program_);
  ASSERT_TRUE(tables.has_value()) << tables.error().message;
  BundleInfo info;
  info.package = "test";
  info.digest = "0123";
  const std::optional<BundleInfo> running = engine.active();
  info.version = running ? running->version + 1 : 1;
  const Status status = engine::activate(engine, program_, std::move(*tables), info);
  ASSERT_TRUE(status.has_value()) << status.error().message << " in " << status.error().where;
}

std::unique_ptr<Engine> plain_engine(audit::Recorder* recorder) {
  auto state = std::make_unique<Engine::State>();
  state->options.recorder = recorder;
  state->numbers = recorder != nullptr && recorder->form() == audit::Recorder::Form::Numbers;
  state->quick_numbers = state->numbers && engine::epoch::is_quick();
  state->options.tier = Tier::Interpreter;
  return std::make_unique<Engine>(std::move(state));
}

SessionFacts session_of(std::string_view user, std::string_view scope) {
  SessionFacts facts;
  facts.principal_type = "User";
  facts.principal_name = user;
  facts.groups.emplace();
  facts.host = "10.1.2.3";
  facts.scope = scope;
  return facts;
}

RequestFacts request_of(std::string_view operation, std::string_view name, std::string_view kind) {
  RequestFacts request;
  request.operation = operation;
  request.kind = kind;
  request.name = name;
  request.time_us = kNoonUs;
  return request;
}

}  // namespace writ::testing
