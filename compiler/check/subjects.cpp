// Principals, groups, `any` and their exceptions → subjects.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/steps.h"

namespace writ::check {
namespace {

std::vector<std::string> known_groups(const Policy& policy) {
  std::vector<std::string> known = Policy::names_of(policy.groups);
  known.emplace_back("anonymous");
  return known;
}

/// The base of the subject, without its exceptions.
std::optional<ir::Subject> base_of(const Policy& policy, const ast::Subject& subject,
                                   ast::Effect effect) {
  ir::Subject made;
  std::optional<ir::SubjectId> found;
  switch (subject.form) {
    case ast::Subject::Form::Principal:
      found = policy.principal(subject.type, subject.name);
      break;
    case ast::Subject::Form::Name:
      found = policy.group(subject.name.text);
      if (!found) {
        policy.unknown(subject.name, "group", known_groups(policy),
                       "declare it with `group NAME = …`, or write a principal as `Type:name`");
      }
      break;
    case ast::Subject::Form::AnyType:
      found = policy.principal_type(subject.type.text);
      if (!found) {
        policy.unknown(subject.type, "type of principal",
                       Policy::names_of(policy.principal_types));
      }
      break;
    case ast::Subject::Form::Any:
      made.form = effect == ast::Effect::Allow ? ir::SubjectForm::Authenticated
                                               : ir::SubjectForm::Any;
      return made;
  }
  if (!found) {
    return std::nullopt;
  }
  made = policy.program().subjects[found->index];
  if (subject.form == ast::Subject::Form::AnyType && effect == ast::Effect::Allow) {
    // `any User` in an allow is nobody without credentials either.
    made.except = policy.program().unauthenticated;
    std::ranges::sort(made.except);
  }
  return made;
}

std::optional<ir::SubjectId> resolve(const Policy& policy, const ast::Subject& subject,
                                     ast::Effect effect) {
  auto made = base_of(policy, subject, effect);
  if (!made) {
    return std::nullopt;
  }
  bool whole = true;
  for (const ast::Subject& except : subject.except) {
    const auto taken = resolve(policy, except, ast::Effect::Deny);
    whole = whole && taken.has_value();
    if (taken) {
      made->except.push_back(*taken);
    }
  }
  std::ranges::sort(made->except);
  return whole ? std::optional(policy.builder().subject(*made)) : std::nullopt;
}

}  // namespace

std::vector<ir::SubjectId> resolve_subjects(const Policy& policy,
                                            const std::vector<ast::Subject>& subjects,
                                            ast::Effect effect) {
  const auto is_anonymous = [&policy](const ast::Subject& subject) {
    return subject.form == ast::Subject::Form::Name && subject.name.text == "anonymous" &&
           !policy.group("anonymous");
  };
  const bool anonymous = std::ranges::any_of(subjects, is_anonymous);
  std::vector<ir::SubjectId> made;
  const auto add = [&made](ir::SubjectId id) {
    if (std::ranges::find(made, id) == made.end()) {
      made.push_back(id);
    }
  };
  for (const ast::Subject& subject : subjects) {
    if (is_anonymous(subject)) {
      for (const ir::SubjectId id : policy.program().unauthenticated) {
        add(id);
      }
      continue;
    }
    // `any, anonymous` is everybody, exceptions aside.
    const bool everybody = subject.form == ast::Subject::Form::Any && anonymous;
    if (const auto id = resolve(policy, subject, everybody ? ast::Effect::Deny : effect)) {
      add(*id);
    }
  }
  return made;
}

}  // namespace writ::check
