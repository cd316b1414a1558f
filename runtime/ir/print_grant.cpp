#include <fmt/format.h>

#include "runtime/ir/print.h"

namespace writ::ir {
namespace {

std::string quoted(std::string_view text) { return to_text(Value::of_text(std::string(text))); }

/// May stand without quotes, as names in policy text do.
bool is_plain(std::string_view name) {
  if (name.empty() || name.back() == '-' || name.back() == '.') return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

std::string word(std::string_view name) {
  return is_plain(name) ? std::string(name) : quoted(name);
}

std::string pattern_text(const Program& program, const Pattern& pattern) {
  const std::string text = quoted(program.text(pattern.text));
  switch (pattern.form) {
    case PatternForm::Literal: return text;
    case PatternForm::Prefix: return text + "*";
    case PatternForm::Any: return "*";
    case PatternForm::Suffix: return "*" + text;
    case PatternForm::Contains: return "*" + text + "*";
  }
  return text;
}

std::string set_text(const Program& program, const PatternSet& set) {
  if (set.name.valid()) return fmt::format("tagged {}", word(program.text(set.name)));
  std::string text;
  for (const PatternId pattern : set.patterns) {
    if (!text.empty()) text += ", ";
    text += pattern_text(program, program.patterns[pattern.index]);
  }
  return text;
}

std::string network_text(const Program& program, const Network& network) {
  switch (network.form) {
    case NetworkForm::Cidr: return to_text(network.cidr);
    case NetworkForm::Exact: return to_text(network.cidr.base);
    case NetworkForm::Text: return quoted(program.text(network.text));
    case NetworkForm::Never:
      return network.text.valid() ? quoted(program.text(network.text)) : "nowhere";
  }
  return {};
}

std::string operations_text(const Program& program, const Kind& kind, std::uint32_t operations) {
  // A denial of any operation has bits beyond those of the kind.
  const std::uint64_t all = (std::uint64_t{1} << kind.operations.size()) - 1;
  if ((operations & all) == all) return "any";
  std::string text;
  for (std::size_t bit = 0; bit < kind.operations.size(); ++bit) {
    if ((operations >> bit & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += program.text(program.operations[kind.operations[bit].index].name);
  }
  return text.empty() ? "nothing" : text;
}

std::string base_text(const Program& program, const Subject& subject) {
  switch (subject.form) {
    case SubjectForm::Nobody: return "nobody";
    case SubjectForm::Principal:
      return fmt::format("{}:{}", program.text(subject.type_name),
                         word(program.text(subject.name)));
    case SubjectForm::Group: return word(program.text(program.groups[subject.group.index].name));
    case SubjectForm::Type:
      return fmt::format("any {}", program.text(program.principal_types[subject.type.index].name));
    case SubjectForm::Any: return "any";
    case SubjectForm::Authenticated: return "any authenticated";
  }
  return {};
}

std::string except_text(const Program& program, const Subject& subject) {
  std::string text;
  // INVARIANT: an exception comes before its subject and the verifier bounds their depth.
  for (const SubjectId except : subject.except) {
    text += text.empty() ? " except " : ", ";
    text += subject_text(program, except);
  }
  return text;
}

/// In an allow, `any` leaves the unauthenticated out unless it says otherwise.
std::string holder_text(const Program& program, const Grant& grant) {
  const Subject& subject = program.subjects[grant.subject.index];
  if (grant.effect == Effect::Allow && subject.form == SubjectForm::Authenticated) {
    return "any" + except_text(program, subject);
  }
  if (grant.effect == Effect::Allow && subject.form == SubjectForm::Any) {
    return "any, anonymous" + except_text(program, subject);
  }
  return subject_text(program, grant.subject);
}

}  // namespace

std::string subject_text(const Program& program, SubjectId id) {
  const Subject& subject = program.subjects[id.index];
  return base_text(program, subject) + except_text(program, subject);
}

std::string grant_text(const Program& program, const Grant& grant) {
  std::string text;
  switch (grant.layer) {
    case Layer::Superuser: text = "superusers = " + holder_text(program, grant); break;
    case Layer::Infrastructure: text = "infrastructure = " + holder_text(program, grant); break;
    case Layer::Guard:
    case Layer::Grant: {
      const Kind& kind = program.kinds[grant.kind.index];
      text = fmt::format("{} {} on {} {}", grant.effect == Effect::Allow ? "allow" : "deny",
                         operations_text(program, kind, grant.operations),
                         program.text(kind.name),
                         pattern_text(program, program.patterns[grant.pattern.index]));
      if (grant.within.valid()) {
        text += " " + set_text(program, program.pattern_sets[grant.within.index]);
      }
      if (grant.except.valid()) {
        text += " except " + set_text(program, program.pattern_sets[grant.except.index]);
      }
      text += " to " + holder_text(program, grant);
    }
  }
  if (grant.network.valid()) {
    text += " from " + network_text(program, program.networks[grant.network.index]);
  }
  if (grant.condition.valid()) text += " when " + condition_text(program, grant.condition);
  if (grant.validity.valid()) {
    const Validity& validity = program.validities[grant.validity.index];
    if (validity.not_before_us != INT64_MIN) {
      text += " since " + time_text(validity.not_before_us);
    }
    if (validity.expires_us != INT64_MAX) text += " until " + time_text(validity.expires_us);
  }
  return text;
}

std::string statement_text(const Program& program, const Grant& grant) {
  if (grant.origin.valid()) {
    const Origin& origin = program.origins[grant.origin.index];
    if (origin.statement.valid()) return std::string(program.text(origin.statement));
  }
  return grant_text(program, grant);
}

}  // namespace writ::ir
