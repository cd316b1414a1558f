#include "tests/unit/reference/policy.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "runtime/ir/verify.h"

namespace writ::reference {

using ir::InstKind;

Policy::Policy() {
  ir::Builder& b = builder;
  ir::Program& p = b.program();
  p.package = b.string("p");
  for (const char* name : {"Read", "Write", "Describe", "Use"}) {
    p.operations.push_back({b.string(name), {}, 0});
  }
  p.kinds.push_back({b.string("Topic"), {}, 0,
                     {ir::OperationId(0), ir::OperationId(1), ir::OperationId(2)}, 7, {1, 2, 7},
                     4});
  p.kinds.push_back({b.string("Key"), {}, 0, {ir::OperationId(3)}, 1, {1}, 0});
  p.attributes.push_back({b.string("flag"), kBool, ir::AttributeSource::Observed,
                          ir::AttributeMoment::Session, 0});
  p.attributes.push_back({b.string("auth.expires"), kTime, ir::AttributeSource::Observed,
                          ir::AttributeMoment::Session, 1});
  p.attributes.push_back({b.string("purpose"), kString, ir::AttributeSource::Declared,
                          ir::AttributeMoment::Resource, 0});
  p.principal_types.push_back({b.string("User"), {}, {}, b.string("*")});
  const ir::ConditionId named = b.condition({{InstKind::PrincipalName, kString, 0, 0, 0},
                                             {InstKind::Const, kString, 0, 0, 0},
                                             {InstKind::StartsWith, kBool, 0, 1, 0}},
                                            {Value::of_text("sa-")});
  p.principal_types.push_back({b.string("Service"), ir::PrincipalTypeId(0), named});
  p.unauthenticated.push_back(b.principal("User", "ANONYMOUS"));
  const auto place = [&](const char* name, ir::ScopeId parent, bool leaf, const char* id) {
    p.scopes.push_back({b.string(name), *id == '\0' ? ir::StringId() : b.string(id), {}, parent,
                        leaf});
    return ir::ScopeId(p.scopes.size() - 1);
  };
  const ir::ScopeId acme = place("acme", {}, false, "");
  const ir::ScopeId prod = place("prod", acme, false, "");
  place("payments", prod, true, "lkc-1");
  place("orders", prod, true, "");
  place("orders", place("test", acme, false, ""), true, "");
  p.groups.push_back({b.string("sre"), false, {ir::GroupId(1)}});
  p.groups.push_back({b.string("staff"), true, {}});
  p.groups.push_back({b.string("vendors"), true, {ir::GroupId(1)}});
  const ir::SubjectId alice_id = b.principal("User", "alice");
  const ir::SubjectId bob = b.principal("User", "bob");
  p.members = {{alice_id, ir::GroupId(0)}, {alice_id, ir::GroupId(1)}, {bob, ir::GroupId(1)}};
  p.origins.emplace_back();
}

ir::SubjectId Policy::subject(std::string_view words) {
  ir::Subject subject;
  const std::size_t colon = words.find(':');
  if (colon != std::string_view::npos) {
    return builder.principal(words.substr(0, colon), words.substr(colon + 1));
  }
  if (words == "anybody") {
    subject.form = ir::SubjectForm::Any;
  } else if (words == "any") {
    subject.form = ir::SubjectForm::Authenticated;
  } else if (words.starts_with("any ")) {
    subject.form = ir::SubjectForm::Type;
    subject.type = ir::PrincipalTypeId(words == "any User" ? 0U : 1U);
  } else {
    subject.form = ir::SubjectForm::Group;
    subject.group = ir::GroupId(words == "sre" ? 0U : words == "staff" ? 1U : 2U);
  }
  return builder.subject(subject);
}

ir::ScopeId Policy::scope(std::string_view name) {
  const ir::Program& p = builder.program();
  for (std::size_t at = 0; at < p.scopes.size(); ++at) {
    if (p.text(p.scopes[at].name) == name) return ir::ScopeId(at);
  }
  return {};
}

ir::KindId Policy::kind(std::string_view name) { return ir::KindId(name == "Topic" ? 0U : 1U); }

ir::PatternId Policy::pattern(std::string_view words) {
  if (words == "*") return builder.pattern(ir::PatternForm::Any, "");
  if (words.ends_with('*')) {
    return builder.pattern(ir::PatternForm::Prefix, words.substr(0, words.size() - 1));
  }
  if (words.starts_with('*')) return builder.pattern(ir::PatternForm::Suffix, words.substr(1));
  return builder.pattern(ir::PatternForm::Literal, words);
}

ir::NetworkId Policy::network(std::string_view words) {
  if (words.empty()) return {};
  if (words == "never") return builder.network({ir::NetworkForm::Never, {}, {}});
  if (words.starts_with("text:")) {
    return builder.network({ir::NetworkForm::Text, {}, builder.string(words.substr(5))});
  }
  if (words.starts_with("exact:")) {
    const Ip ip = *parse_ip(words.substr(6));
    return builder.network({ir::NetworkForm::Exact, {ip, 128, ip.is_v4()}, {}});
  }
  return builder.network({ir::NetworkForm::Cidr, *parse_cidr(words, HostBits::Refuse), {}});
}

ir::ConditionId Policy::condition(std::string_view words) {
  if (words.empty()) return {};
  if (words == "false") {
    return builder.condition({{InstKind::Const, kBool, 0, 0, 0}}, {Value::boolean(false)});
  }
  if (words == "flag") return builder.condition({{InstKind::LoadAttr, kBool, 0, 0, 0}}, {});
  if (words == "not flag") {
    return builder.condition(
        {{InstKind::LoadAttr, kBool, 0, 0, 0}, {InstKind::Not, kBool, 0, 0, 0}}, {});
  }
  if (words == "purpose signing") {
    return builder.condition({{InstKind::LoadAttr, kString, 2, 0, 0},
                              {InstKind::Const, kString, 0, 0, 0},
                              {InstKind::Eq, kBool, 0, 1, 0}},
                             {Value::of_text("signing")});
  }
  return builder.condition({{InstKind::ResourceName, kString, 0, 0, 0},
                            {InstKind::Const, kString, 0, 0, 0},
                            {InstKind::StartsWith, kBool, 0, 1, 0}},
                           {Value::of_text(std::string(words.substr(words.rfind(' ') + 1)))});
}

void Policy::allow(Say say) { grant(say, ir::Effect::Allow); }
void Policy::deny(Say say) { grant(say, ir::Effect::Deny); }

void Policy::grant(const Say& say, ir::Effect effect) {
  ir::Program& p = builder.program();
  ir::Grant grant;
  grant.effect = effect;
  grant.layer = say.layer;
  const ir::Kind& of = p.kinds[kind(say.kind).index];
  for (std::size_t bit = 0; bit < of.operations.size(); ++bit) {
    const std::string_view name = p.text(p.operations[of.operations[bit].index].name);
    if (say.operations == "any" || say.operations.find(name) != std::string_view::npos) {
      grant.operations |= 1U << bit;
    }
  }
  grant.subject = subject(say.subject);
  if (!say.except.empty()) {
    const ir::SubjectId except = subject(say.except);
    ir::Subject with = p.subjects[grant.subject.index];
    with.except = {except};
    grant.subject = builder.subject(with);
  }
  if (say.layer == ir::Layer::Guard || say.layer == ir::Layer::Grant) {
    grant.kind = kind(say.kind);
    grant.pattern = pattern(say.pattern);
    grant.except = say.except_set;
    grant.within = say.within;
    grant.condition = condition(say.when);
  }
  grant.scope = scope(say.scope);
  grant.network = network(say.from);
  grant.validity = say.validity;
  grant.origin = ir::OriginId(0);
  grant.number = say.number;
  if (say.number == 0) grant.number = p.grants.empty() ? 1 : p.grants.back().number + 1;
  p.grants.push_back(grant);
}

ir::Program Policy::program() {
  ir::Program program = builder.take();
  const Status sound = ir::verify(program);
  EXPECT_TRUE(sound) << sound.error().message;
  return program;
}

std::string said(const ir::Program& program, const Decision& decision) {
  const auto number = [&program](std::uint32_t grant) {
    return grant == kNoGrant ? std::string() : fmt::format("{}", program.grants[grant].number);
  };
  std::string text = decision.verdict == Verdict::Allow ? "allow " : "deny ";
  text += name_of(decision.reason);
  if (decision.grant != kNoGrant) text += "#" + number(decision.grant);
  if (decision.error != 0) {
    text += fmt::format(" {}@{}", name_of(error_code(decision.error)),
                        number(decision.error_grant));
  }
  return text;
}

SessionFacts alice() {
  SessionFacts session;
  session.principal_type = "User";
  session.principal_name = "alice";
  session.groups.emplace();
  session.host = "10.0.0.1";
  session.scope = "payments";
  return session;
}

RequestFacts read_a() {
  RequestFacts request;
  request.operation = "Read";
  request.kind = "Topic";
  request.name = "a";
  request.time_us = *parse_time("2026-11-24");
  return request;
}

}  // namespace writ::reference
