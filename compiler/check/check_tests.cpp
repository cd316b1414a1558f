// Test blocks: each claim becomes a session and a request with what is given.
#include "compiler/check/steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

struct BecauseWord {
  std::string_view word;
  ReasonClass reason;
};
constexpr BecauseWord kBecause[] = {
    {"deny", ReasonClass::Deny},
    {"guard", ReasonClass::Guard},
    {"default", ReasonClass::Default},
    {"allow", ReasonClass::Allow},
    {"unlisted", ReasonClass::Unlisted},
    {"superuser", ReasonClass::Superuser},
    {"superusers", ReasonClass::Superuser},
    {"infrastructure", ReasonClass::Infrastructure},
};

class Claims {
 public:
  Claims(const Policy& policy, const ast::File& file, const ast::TestDecl& test)
      : policy_(policy), file_(file), test_(test) {}

  void add(const ast::Claim& claim, std::vector<model::TestClaim>& out) {
    const auto kind = policy_.kinds.find(claim.kind.text);
    if (kind == policy_.kinds.end()) {
      policy_.unknown(claim.kind, "kind", Policy::names_of(policy_.kinds));
      return;
    }
    if (!policy_.principal_types.contains(claim.subject.type.text)) {
      policy_.unknown(claim.subject.type, "type of principal",
                      Policy::names_of(policy_.principal_types));
      return;
    }
    const auto scope = policy_.scope(claim.at ? claim.at : test_.at);
    if (!scope) {
      return;
    }
    model::TestClaim made;
    const source::Position at = policy_.sources.position(claim.span.file, claim.span.begin);
    made.file = policy_.sources.file(claim.span.file).display;
    made.line = at.line;
    made.text = folded_text(policy_.sources.text(claim.span));
    made.session.principal_type = claim.subject.type.text;
    made.session.principal_name = claim.subject.name.text;
    if (claim.from) {
      made.session.host = claim.from->text;
    }
    // Without `at`: the only leaf, as for any session.
    if (claim.at || test_.at) {
      made.session.scope = policy_.scope_path(*scope);
    }
    made.request.kind = claim.kind.text;
    made.request.name = claim.name.text;
    made.expected = claim.may ? Verdict::Allow : Verdict::Deny;
    // What a claim says of itself goes before what the block gives.
    for (const ast::Given& given : claim.given) {
      give(given, made);
    }
    for (const ast::Given& given : test_.given) {
      const auto same = [&](const ast::Given& own) { return own.name.text() == given.name.text(); };
      if (std::ranges::none_of(claim.given, same)) {
        give(given, made);
      }
    }
    made.session.opened_us = made.request.time_us.value_or(0);
    if (claim.because && !read_because(*claim.because, made)) {
      return;
    }
    add_operations(claim, kind->second.value, made, out);
  }

 private:
  void add_operations(const ast::Claim& claim, ir::KindId kind, const model::TestClaim& made,
                      std::vector<model::TestClaim>& out) {
    const std::uint32_t bits =
        resolve_operations(policy_, claim.operations, kind, ast::Effect::Allow, Missing::Report);
    const ir::Kind& of = policy_.program().kinds[kind.index];
    for (std::size_t bit = 0; bit < of.operations.size(); ++bit) {
      if ((bits >> bit & 1) != 0) {
        model::TestClaim one = made;
        one.request.operation =
            policy_.program().text(policy_.program().operations[of.operations[bit].index].name);
        out.push_back(std::move(one));
      }
    }
  }

  bool read_because(const ast::Claim::Because& because, model::TestClaim& made) {
    if (because.word.text == "error") {
      made.because_error = true;
      return true;
    }
    for (const BecauseWord& known : kBecause) {
      if (known.word == because.word.text) {
        made.because = known.reason;
        made.because_rule = because.name ? because.name->text : "";
        if (because.at) {
          const auto pattern = resolve_pattern(policy_, *because.at, nullptr);
          made.because_pattern = pattern ? pattern_text(*pattern) : "";
        }
        return true;
      }
    }
    policy_.report(diag::Code::BadBecause, because.word.span,
                   fmt::format("`{}` is not a reason", because.word.text), "not a reason",
                   "reasons are deny, guard NAME, default, error, allow, unlisted, superuser, "
                   "infrastructure");
    return false;
  }

  void give_groups(const ast::Given& given, model::TestClaim& made) {
    const ast::Expr& set = file_.expr(given.value);
    std::vector<std::string> groups;
    const auto add_group = [&](const ast::Expr& e) {
      const bool name = e.kind == ast::ExprKind::Name && e.path.parts.size() == 1;
      if (name && policy_.groups.contains(e.path.parts.front().text)) {
        groups.push_back(e.path.parts.front().text);
      } else if (e.kind == ast::ExprKind::Literal && e.value.type.is(TypeKind::String)) {
        groups.push_back(e.value.text);
      } else {
        policy_.unknown({name ? e.path.parts.front().text : "", e.span}, "group",
                        Policy::names_of(policy_.groups));
      }
    };
    if (set.kind != ast::ExprKind::Set) {
      add_group(set);
    }
    for (const ast::ExprId id : set.list) {
      add_group(file_.expr(id));
    }
    made.session.groups = std::move(groups);
  }

  void give_network(const ast::Given& given, model::TestClaim& made) {
    const ast::Expr& name = file_.expr(given.value);
    if (name.kind != ast::ExprKind::Name || name.path.parts.size() != 1 ||
        !policy_.network_classes.contains(name.path.parts.front().text)) {
      policy_.unknown({name.path.text(), name.span}, "network",
                      Policy::names_of(policy_.network_classes));
      return;
    }
    made.session.attributes.emplace_back("network", Value::of_text(name.path.parts.front().text));
  }

  void give(const ast::Given& given, model::TestClaim& made) {
    const std::string name = given.name.text();
    if (name == "groups") {
      give_groups(given, made);
    } else if (name == "network") {
      give_network(given, made);
    } else if (name == "host") {
      const auto ip = check_constant(given.value, policy_.context(file_), kIp, policy_.sink);
      if (ip && !made.session.host) {
        made.session.host = to_text(ip->cidr.base);
      }
    } else if (name == "time") {
      const auto time = check_constant(given.value, policy_.context(file_), kTime, policy_.sink);
      made.request.time_us = time ? std::optional(time->integer) : std::nullopt;
    } else if (const auto attribute = policy_.attribute(name)) {
      give_attribute(given, *attribute, made);
    } else {
      policy_.report(diag::Code::UnknownGiven, given.name.span,
                     fmt::format("nothing reads `{}`", name), "not an attribute of a model in use",
                     "give attributes, `network`, `groups`, `host` or `time`");
    }
  }

  void give_attribute(const ast::Given& given, ir::AttributeId id, model::TestClaim& made) {
    const ir::Attribute& attribute = policy_.program().attributes[id.index];
    if (attribute.moment == ir::AttributeMoment::Resource) {
      policy_.report(
          diag::Code::UnknownGiven, given.name.span,
          fmt::format("`{}` is a fact of the policy, a test cannot give it", given.name.text()),
          "said where the resource is declared", "change the declaration");
      return;
    }
    Type type = attribute.type;
    type.optional = false;
    auto value = check_constant(given.value, policy_.context(file_), type, policy_.sink);
    if (!value) {
      return;
    }
    auto& to = attribute.moment == ir::AttributeMoment::Session ? made.session.attributes
                                                                : made.request.attributes;
    to.emplace_back(given.name.text(), std::move(*value));
  }

  const Policy& policy_;
  const ast::File& file_;
  const ast::TestDecl& test_;
};

}  // namespace

void check_tests(Policy& policy) {
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* test = std::get_if<ast::TestDecl>(&decl);
      if (test == nullptr) {
        continue;
      }
      model::TestBlock block;
      block.title = test->title.text;
      Claims claims(policy, file, *test);
      for (const ast::Claim& claim : test->claims) {
        claims.add(claim, block.claims);
      }
      // Where something could not be read, that is the mistake.
      if (test->claims.empty() && policy.sink.errors() == 0) {
        policy.report(diag::Code::NoClaim, test->title.span,
                      fmt::format("the test `{}` claims nothing", test->title.text),
                      "would always succeed",
                      "claim something: `User:alice may Read on Topic \"orders\"`");
      }
      policy.unit.tests.push_back(std::move(block));
    }
  }
}

}  // namespace writ::check
