#include "compiler/check/policy.h"

#include "compiler/check/scope_tree.h"
#include "runtime/interp/interp.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

// One line of a report; more of a statement is read where it stands.
constexpr std::size_t kStatementTextMax = 200;

}  // namespace

Policy::Policy(const std::vector<ast::File>& all_files, const source::SourceSet& all_sources,
               diag::Sink& to)
    : files(all_files), sources(all_sources), sink(to) {
  for (const ast::File& file : files) {
    for (const ast::Word& word : file.unread) {
      unread.push_back(word.text);
    }
  }
}

std::optional<ir::AttributeId> Policy::attribute(std::string_view dotted) const {
  const auto found = attributes.find(dotted);
  return found == attributes.end() ? std::nullopt : std::optional(found->second.value);
}

std::optional<ir::SubjectId> Policy::group(std::string_view name) const {
  if (name == "infrastructure" && infrastructure_subject) {
    return infrastructure_subject;
  }
  if (name == "superusers" && superusers_subject) {
    return superusers_subject;
  }
  const auto found = groups.find(name);
  if (found == groups.end()) {
    return std::nullopt;
  }
  ir::Subject subject;
  subject.form = ir::SubjectForm::Group;
  subject.group = found->second.value;
  return builder().subject(subject);
}

std::optional<ir::SubjectId> Policy::principal(const ast::Word& type, const ast::Word& name) const {
  auto found = principal_types.find(type.text);
  if (found == principal_types.end()) {
    unknown(type, "type of principal", names_of(principal_types),
            "a principal is written `Type:name`, as the broker says it");
    return std::nullopt;
  }
  check_characters(name);
  ir::PrincipalTypeId id = found->second.value;
  Frame frame;
  frame.principal_name = name.text.data();
  frame.principal_name_bytes = name.text.size();
  while (program().principal_types[id.index].base.valid()) {
    const ir::PrincipalType& subtype = program().principal_types[id.index];
    const ir::Condition& test = program().conditions[subtype.test.index];
    const interp::Constants constants(program());
    const Outcome outcome = interp::evaluate(program(), subtype.test, constants.row(test), frame);
    if (outcome.truth == 0) {
      const std::string base(program().text(program().principal_types[subtype.base.index].name));
      report(diag::Code::NotOfThisType, name.span,
             fmt::format("`{}` is not the name of a {}", name.text, type.text),
             "its name does not pass the model's test",
             fmt::format("write `{}:{}`, or a name that is a {}'s", base, name.text, type.text));
      return std::nullopt;
    }
    id = subtype.base;
  }
  return builder().principal(program().text(program().principal_types[id.index].name), name.text);
}

std::optional<ir::SubjectId> Policy::principal_type(std::string_view name) const {
  const auto found = principal_types.find(name);
  if (found == principal_types.end()) {
    return std::nullopt;
  }
  ir::Subject subject;
  subject.form = ir::SubjectForm::Type;
  subject.type = found->second.value;
  return builder().subject(subject);
}

std::optional<ir::NetworkClassId> Policy::network_class(std::string_view name) const {
  const auto found = network_classes.find(name);
  return found == network_classes.end() ? std::nullopt : std::optional(found->second.value);
}

std::vector<ir::PatternSetId> Policy::tag(std::string_view name) const {
  const auto found = tags.find(name);
  return found == tags.end() ? std::vector<ir::PatternSetId>() : found->second.value;
}

std::vector<std::string> Policy::known() const {
  std::vector<std::string> all = unread;
  const auto add = [&all](const std::vector<std::string>& names) {
    all.insert(all.end(), names.begin(), names.end());
  };
  add(names_of(attributes));
  add(names_of(groups));
  add(names_of(network_classes));
  add(names_of(tags));
  return all;
}

void Policy::report(diag::Code code, source::Span span, std::string message, std::string label,
                    std::string help, std::vector<diag::Label> related) const {
  sink.add(
      {code, std::move(message), {span, std::move(label)}, std::move(related), std::move(help)});
}

void Policy::duplicate(const ast::Word& word, std::string_view what, source::Span first) const {
  report(diag::Code::Duplicate, word.span,
         fmt::format("the {} `{}` is declared twice", what, word.text), "declared again here",
         "keep one, or give the second a name of its own", {{first, "declared first here"}});
}

void Policy::unknown(const ast::Word& word, std::string_view what,
                     const std::vector<std::string>& known_names, std::string help) const {
  if (std::ranges::find(unread, word.text) != unread.end()) {
    return;
  }
  if (const std::string twin = lookalike(word.text, known_names); !twin.empty()) {
    help = fmt::format("`{}` looks the same and is written in other letters", twin);
  } else if (const std::string near = diag::nearest(word.text, known_names); !near.empty()) {
    help = fmt::format("{} {} with a similar name is `{}`",
                       std::string_view("aeiou").contains(what.front()) ? "an" : "a", what, near);
  }
  report(diag::Code::UnknownName, word.span, fmt::format("there is no {} `{}`", what, word.text),
         "not declared", std::move(help));
}

std::string Policy::scope_path(ir::ScopeId scope) const {
  return check::scope_path(program(), scope);
}

bool Policy::within(ir::ScopeId inner, ir::ScopeId outer) const {
  return check::within(program(), inner, outer);
}

std::optional<ir::ScopeId> Policy::find_scope(std::string_view path) const {
  std::optional<ir::ScopeId> found;
  for (const auto& [full, named] : scopes) {
    const bool whole = full == path;
    const bool suffix = full.size() > path.size() && full.ends_with(path) &&
                        full[full.size() - path.size() - 1] == '.';
    if (whole) {
      return named.value;
    }
    if (program().text(program().scopes[named.value.index].id) == path && !path.empty()) {
      return named.value;
    }
    if (suffix) {
      if (found) {
        return std::nullopt;
      }
      found = named.value;
    }
  }
  return found;
}

std::optional<ir::ScopeId> Policy::scope(const std::optional<ast::Path>& at) const {
  if (!at) {
    return ir::ScopeId(0);
  }
  const std::string path = at->text();
  if (const auto found = find_scope(path)) {
    return found;
  }
  std::string several;
  for (const auto& [full, ignored] : scopes) {
    if (full.ends_with("." + path)) {
      several += (several.empty() ? "`" : ", `") + full + "`";
    }
  }
  if (!several.empty()) {
    report(diag::Code::AmbiguousScope, at->span,
           fmt::format("`{}` may be one of {}", path, several), "which one?",
           "write a longer part of the path");
    return std::nullopt;
  }
  for (const ast::Word& part : at->parts) {
    if (std::ranges::find(unread, part.text) != unread.end()) {
      return std::nullopt;  // its declaration had a mistake
    }
  }
  std::vector<std::string> known_names = names_of(scopes);
  for (const auto& [full, ignored] : scopes) {
    known_names.push_back(full.substr(full.rfind('.') + 1));
    const std::size_t last = full.rfind('.');
    const std::size_t before = last == std::string::npos ? last : full.rfind('.', last - 1);
    if (before != std::string::npos) {
      known_names.push_back(full.substr(before + 1));
    }
  }
  unknown({path, at->span}, "scope", known_names,
          "a scope is a part of the tree: an organization, an environment, a cluster");
  return std::nullopt;
}

model::Place Policy::place(const ast::File& file, source::Span span) const {
  const source::Position at = sources.position(span.file, span.begin);
  return {file.package.text(), sources.file(span.file).display, at.line, at.column};
}

std::string folded_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') {
    out.pop_back();
  }
  if (out.size() > kStatementTextMax) {
    std::size_t end = kStatementTextMax;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) {
      --end;
    }
    out.resize(end);
    out += "…";
  }
  return out;
}

ir::OriginId Policy::origin(const ast::File& file, source::Span span, std::string_view rule,
                            std::string_view reason) const {
  const model::Place at = place(file, span);
  ir::Origin made;
  made.package = builder().string(at.package);
  made.file = builder().string(at.file);
  made.line = at.line;
  made.column = at.column;
  made.statement = builder().string(folded_text(sources.text(span)));
  made.rule = rule.empty() ? ir::StringId() : builder().string(rule);
  made.reason = reason.empty() ? ir::StringId() : builder().string(reason);
  program().origins.push_back(made);
  return ir::OriginId(program().origins.size() - 1);
}

ExprContext Policy::context(const ast::File& file) const {
  ExprContext context;
  context.file = &file;
  context.names = this;
  return context;
}

}  // namespace writ::check
