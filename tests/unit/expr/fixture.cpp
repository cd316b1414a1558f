#include "tests/unit/expr/fixture.h"

#include "compiler/syntax/parse.h"

#include <algorithm>
#include <map>

namespace writ::check {
namespace {

/// A model of a dozen names, held in a real builder.
class Vocabulary : public Names {
 public:
  Vocabulary() {
    ir::Enumeration auth;
    auth.name = builder_.string("Auth");
    for (const char* member : {"mtls", "oauth", "scram"})
      auth.members.push_back(builder_.string(member));
    builder_.program().enumerations.push_back(auth);
    const auto add = [&](const char* name, Type type, ir::AttributeSource source,
                         ir::AttributeMoment moment) {
      ir::Attribute made;
      made.name = builder_.string(name);
      made.type = type;
      made.source = source;
      made.moment = moment;
      attributes_[name] = ir::AttributeId(builder_.program().attributes.size());
      builder_.program().attributes.push_back(made);
    };
    builder_.program().pattern_sets.emplace_back();
    using enum ir::AttributeSource;
    using enum ir::AttributeMoment;
    add("tls.version", {TypeKind::Version, true}, Observed, Session);
    add("listener", kString, Observed, Session);
    add("auth", {TypeKind::Enum, false, false, 0}, Observed, Session);
    add("second", {TypeKind::Enum, false, false, 0}, Observed, Session);
    add("auth.expires", {TypeKind::Time, true}, Observed, Session);
    add("break_glass", kBool, Asserted, Request);
    add("ticket", {TypeKind::String, true}, Asserted, Request);
    add("retries", kInt, Observed, Request);
    add("size", kInt, Observed, Request);
    add("labels", {TypeKind::String, false, true}, Observed, Request);
    add("nets", {TypeKind::Cidr, false, true}, Observed, Session);
    add("home", kCidr, Observed, Session);
    add("methods", {TypeKind::Enum, false, true, 0}, Observed, Session);
    add("window", kDuration, Observed, Request);
    add("key.cluster", kString, Declared, Resource);
  }

  std::optional<ir::AttributeId> attribute(std::string_view dotted) const override {
    const auto at = attributes_.find(dotted);
    return at == attributes_.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<ir::SubjectId> group(std::string_view name) const override {
    if (name != "sre" && name != "oncall")
      return std::nullopt;
    return builder_.principal("group", name);
  }
  std::optional<ir::SubjectId> principal(const ast::Word& type,
                                         const ast::Word& name) const override {
    return builder_.principal(type.text, name.text);
  }
  std::optional<ir::SubjectId> principal_type(std::string_view name) const override {
    if (name != "Human")
      return std::nullopt;
    return builder_.principal("type", name);
  }
  std::optional<ir::NetworkClassId> network_class(std::string_view name) const override {
    if (name == "private_link")
      return ir::NetworkClassId(0U);
    if (name == "peering")
      return ir::NetworkClassId(1U);
    return std::nullopt;
  }
  std::vector<ir::PatternSetId> tag(std::string_view name) const override {
    return name == "pci" ? std::vector{ir::PatternSetId(0U)} : std::vector<ir::PatternSetId>();
  }
  std::vector<std::string> known() const override {
    std::vector<std::string> all{"sre", "oncall", "private_link", "peering", "pci"};
    for (const auto& [name, id] : attributes_)
      all.push_back(name);
    return all;
  }
  ir::Builder& builder() const override { return builder_; }

 private:
  mutable ir::Builder builder_;
  std::map<std::string, ir::AttributeId, std::less<>> attributes_;
};

std::string subject_text(const ir::Program& program, std::uint32_t membership) {
  const ir::Subject& subject = program.subjects[program.memberships[membership].index];
  return std::string(program.text(subject.type_name)) + ":" +
         std::string(program.text(subject.name));
}

std::string prefix(const TypedExpr& typed, std::uint32_t at, const ir::Program& program) {
  const ir::Inst& inst = typed.insts[at];
  std::string text;
  std::string kind;
  switch (inst.kind) {
#define CASE_Leaf(text_) text = text_
#define CASE_Const(text_) text = to_text(typed.constants[inst.a])
#define CASE_Attr(text_)                                                 \
  text = std::string(inst.kind == ir::InstKind::HasAttr ? "has:" : "") + \
         std::string(program.text(program.attributes[inst.a].name))
#define CASE_Level(text_) text = text_ + std::string(inst.a, '^')
#define CASE_Member(text_) text = "member:" + subject_text(program, inst.a)
#define CASE_NetClass(text_) text = "network:" + std::to_string(inst.a)
#define CASE_PatSet(text_) text = "covered:" + std::to_string(inst.a)
#define CASE_One(text_) text = std::string("(") + text_ + " " + prefix(typed, inst.a, program) + ")"
#define CASE_OneDfa(text_) \
  text = std::string("(") + text_ + " " + prefix(typed, inst.a, program) + ")"
#define CASE_OneZone(text_) \
  text = std::string("(") + text_ + " " + prefix(typed, inst.a, program) + ")"
#define CASE_Two(text_)                                                          \
  text = std::string("(") + text_ + " " + prefix(typed, inst.a, program) + " " + \
         prefix(typed, inst.b, program) + ")"
#define CASE_Quantifier(text_) CASE_Two(text_)
#define CASE_Three(text_)                                                        \
  text = std::string("(") + text_ + " " + prefix(typed, inst.a, program) + " " + \
         prefix(typed, inst.b, program) + " " + prefix(typed, inst.c, program) + ")"
#define WRIT_INST(name, text_, operands, result) \
  case ir::InstKind::name:                       \
    CASE_##operands(text_);                      \
    break;
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
  }
  return text;
}

struct Parsed {
  source::SourceSet sources;
  diag::Sink sink;
  ast::File file;
  ast::ExprId expr;
};

void parse(std::string_view text, Parsed& parsed) {
  const std::string whole = "package p\nacl at x {\n  allow Read on Topic * as t to any when " +
                            std::string(text) + "\n}\n";
  const auto id = parsed.sources.add_text("p.writ", whole);
  parsed.file = syntax::parse(parsed.sources, *id, parsed.sink);
  for (const ast::Decl& decl : parsed.file.decls) {
    const auto* acl = std::get_if<ast::AclDecl>(&decl);
    if (acl == nullptr || acl->statements.empty())
      continue;
    const std::vector<ast::ExprId>& when = acl->statements.front().conditions.when;
    if (!when.empty())
      parsed.expr = when.front();
  }
}

ExprContext context_of(const Parsed& parsed, const Names& names, Place place) {
  static const std::vector<std::pair<std::string, Value>> parameters{
      {"ns", Value::of_text("ledger")}};
  ExprContext context;
  context.file = &parsed.file;
  context.names = &names;
  if (place == Place::Statement || place == Place::Role)
    context.resource_variable = "t";
  context.principal_only = place == Place::PrincipalTest;
  context.session_only = place == Place::NetworkClass;
  if (place == Place::Role)
    context.parameters = &parameters;
  return context;
}

}  // namespace

Type auth_type() {
  return {TypeKind::Enum, false, false, 0};
}

Checked checked(std::string_view text, Place place) {
  const Vocabulary names;
  Parsed parsed;
  parse(text, parsed);
  Checked result;
  if (parsed.expr.valid() && parsed.sink.errors() == 0) {
    result.typed = check_expr(parsed.expr, context_of(parsed, names, place), kBool, parsed.sink);
  }
  result.errors = parsed.sink.errors();
  const std::vector<diag::Diag> diags = parsed.sink.sorted();
  if (!diags.empty()) {
    result.code = diag::code_text(diags.front().code);
    result.message = diags.front().message;
    result.help = diags.front().help;
    result.label = diags.front().primary.text;
  }
  if (result.errors == 0 && !result.typed.insts.empty()) {
    const auto root = static_cast<std::uint32_t>(result.typed.insts.size() - 1);
    result.tree = prefix(result.typed, root, names.builder().program());
  }
  return result;
}

std::string constant(std::string_view text, Type expected) {
  const Vocabulary names;
  Parsed parsed;
  parse(text, parsed);
  if (!parsed.expr.valid() || parsed.sink.errors() != 0)
    return "does not parse";
  const auto value = check_constant(parsed.expr, context_of(parsed, names, Place::NoVariable),
                                    expected, parsed.sink);
  return value ? to_text(*value) : std::string(diag::code_text(parsed.sink.sorted().front().code));
}

}  // namespace writ::check
