// One declaration after another, in the order of the file, each statement on its line.
#include "compiler/ast/print_words.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <variant>

namespace writ::ast {
namespace {

class Printer {
 public:
  explicit Printer(const File& file) : file_(file) {}

  std::string run() {
    head();
    for (const Decl& decl : file_.decls) {
      std::visit([this](const auto& of) { print(of); }, decl);
    }
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_.append(indent_ * 2, ' ').append(text).append("\n"); }
  template <class Body>
  void block(const std::string& opening, const Body& body) {
    line(opening + " {");
    ++indent_;
    body();
    --indent_;
    line("}");
  }

  void head() {
    const std::string title = file_.title.empty() ? "" : " " + quoted(file_.title);
    if (file_.is_model) {
      line("model " + path_text(file_.package) + " " + version_text(file_.model_version) + title);
    } else if (!file_.package.parts.empty()) {
      line("package " + path_text(file_.package) + title);
    }
    if (file_.edition)
      line(fmt::format("edition {}", file_.edition->first));
    for (const Use& use : file_.uses)
      line("use " + use.model.text);
    for (const Path& include : file_.includes)
      line("include " + path_text(include));
  }

  // ── pieces ──
  template <class All, class One>
  static std::string join(const All& all, const One& one) {
    std::string out;
    for (const auto& item : all)
      out += (out.empty() ? "" : ", ") + one(item);
    return out;
  }
  static std::string words(const std::vector<Word>& all) {
    return join(all, [](const Word& word) { return word.text; });
  }
  static std::string at(const std::optional<Path>& path) {
    return path ? " at " + path_text(*path) : "";
  }
  static std::string string_or_nothing(const std::optional<Word>& text) {
    return text ? " " + quoted(text->text) : "";
  }

  static std::string operations(const Operations& all) {
    if (!all.any)
      return words(all.names);
    return all.names.empty() ? "any" : "any except " + words(all.names);
  }

  static std::string pattern(const Pattern& of) {
    std::string text;
    for (const Pattern::Piece& piece : of.pieces) {
      text += (text.empty() ? "" : " + ") +
              (piece.parameter ? piece.word.text : quoted(piece.word.text));
    }
    switch (of.form) {
      case Pattern::Form::Literal:
        return text;
      case Pattern::Form::Prefix:
        return text + "*";
      case Pattern::Form::Any:
        return "*";
      case Pattern::Form::Suffix:
        return "*" + text;
      case Pattern::Form::Contains:
        return "*" + text + "*";
      case Pattern::Form::Tagged:
        return "tagged " + path_text(of.tag);
    }
    return text;
  }

  static std::string resource(const Resource& of) {
    if (of.any_kind)
      return "any";
    std::string out = of.kind.text + " " + pattern(of.pattern);
    if (!of.except.empty())
      out += " except " + join(of.except, pattern);
    if (of.binder)
      out += " as " + of.binder->text;
    return out;
  }
  static std::string resources(const std::vector<Resource>& all) { return join(all, resource); }

  static std::string subject(const Subject& of) {
    std::string out;
    switch (of.form) {
      case Subject::Form::Principal:
        out = principal_text(of.type, of.name);
        break;
      case Subject::Form::Name:
        out = name_text(of.name);
        break;
      case Subject::Form::Any:
        out = "any";
        break;
      case Subject::Form::AnyType:
        out = "any " + of.type.text;
        break;
    }
    if (!of.except.empty())
      out += " except " + subjects(of.except);
    return out;
  }
  static std::string subjects(const std::vector<Subject>& all) { return join(all, subject); }

  static std::string from(const std::optional<From>& of) {
    if (!of)
      return {};
    std::string out = join(of->networks, value_text);
    const std::string classes = join(of->classes, name_text);
    if (!out.empty() && !classes.empty())
      out += ", ";
    return " from " + out + classes;
  }

  std::string conditions(const When& of) const {
    std::string out;
    for (const ExprId one : of.when)
      out += " when " + expr_text(file_, one);
    for (const ExprId one : of.unless)
      out += " unless " + expr_text(file_, one);
    if (of.trust)
      out += " trust";
    if (of.since_us)
      out += " since " + time_text(*of.since_us);
    if (of.until_us)
      out += " until " + time_text(*of.until_us);
    return out;
  }

  void print(const Statement& of) {
    std::string out = of.effect == Effect::Allow ? "allow " : "deny ";
    out += operations(of.operations);
    if (!of.resources.empty())
      out += " on " + resources(of.resources);
    if (!of.subjects.empty())
      out += " to " + subjects(of.subjects);
    line(out + from(of.from) + conditions(of.conditions));
  }

  static std::string property_value(const Property& of) {
    if (of.value)
      return value_text(*of.value);
    std::string out;
    for (const Word& word : of.words)
      out += (out.empty() ? "" : " ") + word.text;
    return out;
  }

  std::string call(const Path& role, const std::vector<ExprId>& arguments) const {
    if (arguments.empty())
      return path_text(role);
    return path_text(role) + "(" +
           join(arguments, [this](ExprId one) { return expr_text(file_, one); }) + ")";
  }

  std::string givens(const std::vector<Given>& all) const {
    return join(all, [this](const Given& one) {
      return path_text(one.name) + " = " + expr_text(file_, one.value);
    });
  }

  // ── declarations of policy ──
  void print(const ScopeDecl& of) {
    const std::string head =
        of.level.text + " " + name_text(of.name) + (of.id ? " = " + quoted(of.id->text) : "");
    if (of.properties.empty() && of.children.empty())
      return line(head);
    block(head, [&] {
      for (const Property& one : of.properties)
        line(one.name.text + " = " + property_value(one));
      for (const ScopeDecl& child : of.children)
        print(child);
    });
  }
  void print(const NetworkDecl& of) {
    const std::string head = "network " + name_text(of.name) + at(of.at);
    line(of.otherwise ? head + " otherwise" : head + " = " + expr_text(file_, of.test));
  }
  void print(const GroupDecl& of) {
    line(of.external ? "external group " + name_text(of.name)
                     : "group " + name_text(of.name) + " = " + subjects(of.members));
  }
  void print(const PrivilegedDecl& of) {
    const std::string word = of.superusers ? "superusers" : "infrastructure";
    line(word + at(of.at) + " = " + subjects(of.subjects) + from(of.from));
  }
  void print(const RoleDecl& of) {
    std::string head = "role " + name_text(of.name);
    if (!of.parameters.empty()) {
      head += "(" +
              join(of.parameters,
                   [](const Parameter& one) { return one.name.text + ": " + one.type.text; }) +
              ")";
    }
    if (!of.title.empty())
      head += " " + quoted(of.title);
    block(head, [&] {
      for (const RolePart& part : of.parts) {
        if (part.level) {
          block("at " + part.level->text, [&] { print(part); });
        } else {
          print(part);
        }
      }
    });
  }
  void print(const RolePart& part) {
    for (const RoleInclude& one : part.includes)
      line("include " + call(one.role, one.arguments));
    for (const Statement& one : part.statements)
      print(one);
  }
  void print(const BindDecl& of) {
    std::string out =
        "bind " + call(of.role, of.arguments) + " to " + subjects(of.subjects) + at(of.at);
    if (!of.on.empty())
      out += " on " + resources(of.on);
    line(out + from(of.from) + conditions(of.conditions));
  }
  void print(const AclDecl& of) {
    const std::string head =
        "acl" + (of.name ? " " + of.name->text : "") + string_or_nothing(of.reason) + at(of.at);
    if (of.load)
      return line(head + load(*of.load));
    statements(head, of.statements);
  }
  static std::string load(const LoadClause& of) {
    std::string out = " load " + quoted(of.path.text);
    if (of.rows)
      out += fmt::format(" rows {}..{}", of.rows->first, of.rows->second);
    if (of.sha256)
      out += " sha256 " + quoted(of.sha256->text);
    return out + (of.as_kafka ? " as kafka" : "");
  }
  void statements(const std::string& head, const std::vector<Statement>& all) {
    block(head, [&] {
      for (const Statement& one : all)
        print(one);
    });
  }
  void print(const TagDecl& of) {
    line("tag " + name_text(of.name) + at(of.at) + " on " + resources(of.resources));
  }
  void print(const GuardDecl& of) {
    const std::string observe = of.observe ? " observe" : "";
    statements("guard " + name_text(of.name) + string_or_nothing(of.reason) + observe + at(of.at),
               of.statements);
  }
  void print(const KeyDecl& of) {
    block("key " + name_text(of.name) + at(of.at), [&] {
      for (const Property& one : of.facts)
        line(one.name.text + " " + property_value(one));
      for (const Statement& one : of.rules)
        print(one);
    });
  }
  void print(const ProtectDecl& of) {
    line("protect " + resources(of.resources) + at(of.at) + " with " + name_text(of.key));
  }
  void print(const DefaultDecl& of) {
    line("default allow when unlisted" + at(of.at) + string_or_nothing(of.reason));
  }
  static std::string selection(const AuditSelection& of) {
    std::string out = !of.verdict ? "" : *of.verdict == Effect::Allow ? "allow " : "deny ";
    out += operations(of.operations);
    if (!of.kinds.empty()) out += " on " + words(of.kinds);
    return out + at(of.at);
  }
  void print(const AuditItem& of) {
    switch (of.form) {
      case AuditItem::Form::Level:
        return line("level " + of.word.text + " " + selection(of.of));
      case AuditItem::Form::Route:
        return line("route " + selection(of.of) + " to " + of.word.text + " " +
                    quoted(of.destination.text));
      case AuditItem::Form::Redact:
        return line("redact " + path_text(of.attribute) + " " + of.word.text);
      case AuditItem::Form::Coalesce:
        return line("coalesce " + selection(of.of) + " within " +
                    to_text(Value::of(TypeKind::Duration, of.window_us)));
    }
  }
  void print(const AuditDecl& of) {
    block("audit" + string_or_nothing(of.source), [&] {
      for (const AuditItem& one : of.items)
        print(one);
    });
  }
  void print(const TestDecl& of) {
    block("test " + quoted(of.title.text) + at(of.at), [&] {
      if (!of.given.empty())
        line("given " + givens(of.given));
      for (const Claim& one : of.claims)
        print(one);
    });
  }
  void print(const Claim& of) {
    std::string out = subject(of.subject);
    if (of.from)
      out += " from " + quoted(of.from->text);
    out += of.may ? " may " : " may not ";
    out +=
        operations(of.operations) + " on " + of.kind.text + " " + quoted(of.name.text) + at(of.at);
    if (!of.given.empty())
      out += " with " + givens(of.given);
    if (of.because) {
      out += " because " + of.because->word.text;
      if (of.because->name)
        out += " " + name_text(*of.because->name);
      if (of.because->at)
        out += " at " + pattern(*of.because->at);
    }
    line(out);
  }
  // What it says is not kept: only that it stands there.
  void print(const LaterDecl& of) { line(of.keyword.text + " later"); }

  // ── declarations of a model ──
  void print(const PrincipalTypeDecl& of) {
    line(of.base ? fmt::format("principal {} = {} when {}", of.name.text, of.base->text,
                               expr_text(file_, of.test))
                 : "principal type " + of.name.text +
                       (of.everybody ? " with " + quoted(of.everybody->text) + " as any" : ""));
  }
  void print(const UnauthenticatedDecl& of) { line("unauthenticated " + subject(of.subject)); }
  void print(const LevelDecl& of) { line("level " + of.name.text); }
  void print(const OperationDecl& of) { line("operation " + of.name.text + code(of.code)); }
  void print(const KindDecl& of) {
    const std::string head = (of.extend ? "extend kind " : "kind ") + of.name.text +
                             (of.keys ? " as key" : "") + code(of.code);
    line(head + (of.operations.empty() ? " { }" : " { " + words(of.operations) + " }"));
  }
  static std::string code(const std::optional<std::int64_t>& of) {
    return of ? fmt::format(" = {}", *of) : "";
  }
  void print(const ImplyDecl& of) {
    line(fmt::format("{} on {} implies {}", operations(of.given),
                     of.any_kind ? "any" : of.kind.text, of.implied.text));
  }
  void print(const OperationSetDecl& of) {
    line("operations " + of.name.text + " = " + words(of.operations));
  }
  void print(const InfrastructureOperationsDecl& of) {
    line("infrastructure operations " +
         join(of.items, [](const InfrastructureOperationsDecl::Item& one) {
           return operations(one.operations) + " on " + one.kind.text;
         }));
  }
  void print(const EnumDecl& of) {
    line("enum " + of.name.text + " = " + join(of.members, name_text));
  }
  void print(const AttributeDecl& of) {
    const std::string type = of.type.set ? "{" + of.type.name.text + "}"
                                         : of.type.name.text + (of.type.optional ? "?" : "");
    line(fmt::format("attribute {}: {} {} {}", path_text(of.name), type, of.source.text,
                     of.moment.text));
  }
  void print(const PurposeDecl& of) {
    line((of.management ? "management" : "purpose " + name_text(of.name)) + " = " +
         words(of.operations));
  }

  void print(const AlgorithmDecl& of) {
    line("algorithm " + join(of.names, name_text) + " = " + words(of.purposes));
  }
  void print(const ProviderDecl& of) {
    line("provider " + name_text(of.name) +
         (of.reference ? " matches " + quoted(of.reference->text) : ""));
  }

  const File& file_;
  std::string out_;
  std::size_t indent_ = 0;
};

}  // namespace

std::string print(const File& file) {
  return Printer(file).run();
}

}  // namespace writ::ast
