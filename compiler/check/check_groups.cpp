// Groups with their closure, subjects of statements, and the principals above the policy.
#include "compiler/check/steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

struct Declared {
  const ast::GroupDecl* decl = nullptr;
  std::vector<ir::GroupId> groups;        // direct members that are groups
  std::vector<ir::SubjectId> principals;  // direct members that are principals
};

ir::GroupId add_group(Policy& policy, std::string_view name, bool external) {
  ir::Group group;
  group.name = policy.builder().string(name);
  group.external = external;
  policy.program().groups.push_back(group);
  return ir::GroupId(policy.program().groups.size() - 1);
}

void resolve_members(Policy& policy, Declared& group) {
  for (const ast::Subject& member : group.decl->members) {
    if (!member.except.empty() || member.form == ast::Subject::Form::Any ||
        member.form == ast::Subject::Form::AnyType) {
      policy.report(
          diag::Code::NotAMember, member.span,
          fmt::format("the group `{}` can hold principals and groups only", group.decl->name.text),
          "neither a principal nor a group",
          "name the members; `any` and `except` belong into a statement");
      continue;
    }
    if (member.form == ast::Subject::Form::Principal) {
      if (const auto principal = policy.principal(member.type, member.name)) {
        group.principals.push_back(*principal);
      }
      continue;
    }
    const auto found = policy.groups.find(member.name.text);
    if (found == policy.groups.end()) {
      policy.unknown(member.name, "group", Policy::names_of(policy.groups),
                     "declare it with `group NAME = …` or `external group NAME`");
    } else {
      group.groups.push_back(found->second.value);
    }
  }
}

// Every group that contains this one: a walk up, with each group once.
void close(Policy& policy, const std::vector<Declared>& declared) {
  std::vector<ir::Group>& groups = policy.program().groups;
  std::vector<std::vector<ir::GroupId>> above(groups.size());
  for (std::size_t i = 0; i < declared.size(); ++i) {
    for (const ir::GroupId member : declared[i].groups) {
      above[member.index].push_back(ir::GroupId(i));
    }
  }
  for (std::size_t i = 0; i < declared.size(); ++i) {
    std::vector<ir::GroupId> todo = above[i];
    std::vector<bool> seen(groups.size());
    while (!todo.empty()) {
      const ir::GroupId next = todo.back();
      todo.pop_back();
      if (seen[next.index]) {
        continue;
      }
      seen[next.index] = true;
      groups[i].within.push_back(next);
      todo.insert(todo.end(), above[next.index].begin(), above[next.index].end());
    }
    std::ranges::sort(groups[i].within);
    if (std::ranges::binary_search(groups[i].within, ir::GroupId(i))) {
      // Said once a cycle, at the first of its groups.
      const bool said = std::ranges::any_of(groups[i].within, [&](ir::GroupId other) {
        return other.index < i &&
               std::ranges::binary_search(groups[other.index].within, ir::GroupId(i));
      });
      if (!said)
        policy.report(diag::Code::Cycle, declared[i].decl->name.span,
                      fmt::format("the group `{}` contains itself", declared[i].decl->name.text),
                      "part of a cycle of groups", "take one of the groups out of the other");
      std::erase(groups[i].within, ir::GroupId(i));
    }
  }
  auto& members = policy.program().members;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    for (const ir::SubjectId principal : declared[i].principals) {
      members.emplace_back(principal, ir::GroupId(i));
      for (const ir::GroupId group : groups[i].within) {
        members.emplace_back(principal, group);
      }
    }
  }
}

// `infrastructure` and `superusers` are groups too, of those that the policy names.
ir::SubjectId privileged_group(Policy& policy, std::string_view name,
                               const std::vector<ir::SubjectId>& principals,
                               const std::vector<ir::GroupId>& nested) {
  const ir::GroupId group = add_group(policy, name, false);
  for (const ir::SubjectId principal : principals) {
    policy.program().members.emplace_back(principal, group);
  }
  const auto named = [&nested](ir::GroupId id) {
    return std::ranges::find(nested, id) != nested.end();
  };
  auto& members = policy.program().members;
  for (std::size_t i = 0, count = members.size(); i < count; ++i) {
    if (named(members[i].second)) {
      members.emplace_back(members[i].first, group);
    }
  }
  auto& groups = policy.program().groups;
  for (std::size_t i = 0; i < group.index; ++i) {
    if (named(ir::GroupId(i)) || std::ranges::any_of(groups[i].within, named)) {
      groups[i].within.push_back(group);
    }
  }
  ir::Subject subject;
  subject.form = ir::SubjectForm::Group;
  subject.group = group;
  return policy.builder().subject(subject);
}

template <class Act>
void each_privileged(Policy& policy, const Act& act) {
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* privileged = std::get_if<ast::PrivilegedDecl>(&decl)) {
        act(file, *privileged);
      }
    }
  }
}

std::optional<ir::SubjectId> resolve_one(const Policy& policy, const ast::Subject& subject,
                                         bool authenticated_only) {
  ir::Subject made;
  switch (subject.form) {
    case ast::Subject::Form::Principal:
      return policy.principal(subject.type, subject.name);
    case ast::Subject::Form::Name: {
      const auto group = policy.group(subject.name.text);
      if (!group) {
        policy.unknown(subject.name, "group", Policy::names_of(policy.groups),
                       "a principal is written `User:name`; a group is declared with "
                       "`group NAME = …`");
      }
      return group;
    }
    case ast::Subject::Form::Any:
      made.form = authenticated_only ? ir::SubjectForm::Authenticated : ir::SubjectForm::Any;
      return policy.builder().subject(made);
    case ast::Subject::Form::AnyType: {
      const auto type = policy.principal_type(subject.type.text);
      if (!type) {
        policy.unknown(subject.type, "type of principal", Policy::names_of(policy.principal_types));
      }
      return type;
    }
  }
  return std::nullopt;
}

}  // namespace

void check_groups(Policy& policy) {
  std::vector<Declared> declared;
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* group = std::get_if<ast::GroupDecl>(&decl);
      if (group == nullptr || policy.declared(policy.groups, group->name, "group")) {
        continue;
      }
      if (group->name.text == "infrastructure" || group->name.text == "superusers" ||
          group->name.text == "anonymous") {
        policy.report(diag::Code::Duplicate, group->name.span,
                      fmt::format("`{}` is a word of the language", group->name.text),
                      "no group can have this name", "choose another name");
        continue;
      }
      const ir::GroupId made = add_group(policy, group->name.text, group->external);
      policy.groups.emplace(group->name.text, Named<ir::GroupId>{made, group->name.span});
      declared.push_back({group, {}, {}});
    }
  }
  for (Declared& group : declared) {
    resolve_members(policy, group);
  }
  close(policy, declared);
  std::vector<ir::SubjectId> brokers, superusers;
  std::vector<ir::GroupId> broker_groups, superuser_groups;
  each_privileged(policy, [&](const ast::File&, const ast::PrivilegedDecl& decl) {
    for (const ast::Subject& subject : decl.subjects) {
      const auto group = policy.groups.find(subject.name.text);
      if (subject.form == ast::Subject::Form::Name && group != policy.groups.end()) {
        (decl.superusers ? superuser_groups : broker_groups).push_back(group->second.value);
      }
      if (subject.form != ast::Subject::Form::Principal) {
        continue;  // said once, by check_privileged
      }
      if (const auto principal = policy.principal(subject.type, subject.name)) {
        (decl.superusers ? superusers : brokers).push_back(*principal);
      }
    }
  });
  policy.infrastructure_subject =
      privileged_group(policy, "infrastructure", brokers, broker_groups);
  policy.superusers_subject = privileged_group(policy, "superusers", superusers, superuser_groups);
  // A principal may be in a group by several ways.
  auto& members = policy.program().members;
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
}

void check_privileged(Policy& policy) {
  each_privileged(policy, [&](const ast::File& file, const ast::PrivilegedDecl& decl) {
    model::Statement statement;
    statement.place = policy.place(file, decl.span);
    statement.effect = ir::Effect::Allow;
    statement.layer = decl.superusers ? ir::Layer::Superuser : ir::Layer::Infrastructure;
    for (const ast::Subject& subject : decl.subjects) {
      if (subject.form == ast::Subject::Form::Any || subject.form == ast::Subject::Form::AnyType ||
          !subject.except.empty()) {
        policy.report(
            diag::Code::NotAMember, subject.span, "who stands above the policy is named one by one",
            "everybody of a kind, above every rule", "name principals, or a group of them");
        continue;
      }
      if (const auto id = resolve_one(policy, subject, true)) {
        statement.subjects.push_back(*id);
      }
    }
    const auto scope = policy.scope(decl.at);
    ResolvedFrom from = resolve_from(policy, decl.from);
    if (!from.classes.insts.empty()) {
      policy.report(
          diag::Code::OnlyInTags, decl.from->span,
          "who stands above the policy comes from addresses, not from a class of networks",
          "a class may depend on what a client can choose",
          "write the network: `from 10.0.9.0/24`");
    }
    statement.networks = std::move(from.networks);
    statement.scope = scope.value_or(ir::ScopeId(0));
    statement.origin =
        policy.origin(file, decl.span, decl.superusers ? "superusers" : "infrastructure", "");
    policy.unit.statements.push_back(std::move(statement));
  });
}

std::vector<ir::SubjectId> resolve_subjects(const Policy& policy,
                                            const std::vector<ast::Subject>& subjects,
                                            ast::Effect effect) {
  // `any, anonymous` in an allow is everybody; `anonymous` alone is whom the models say.
  const auto is_anonymous = [](const ast::Subject& subject) {
    return subject.form == ast::Subject::Form::Name && subject.name.text == "anonymous";
  };
  const bool anonymous = std::ranges::any_of(subjects, is_anonymous);
  const bool any = std::ranges::any_of(subjects, [](const ast::Subject& subject) {
    return subject.form == ast::Subject::Form::Any;
  });
  const bool authenticated_only = effect == ast::Effect::Allow && !anonymous;
  std::vector<ir::SubjectId> out;
  for (const ast::Subject& subject : subjects) {
    if (is_anonymous(subject)) {
      if (!any) {
        const auto& all = policy.program().unauthenticated;
        out.insert(out.end(), all.begin(), all.end());
      }
      continue;
    }
    const auto base = resolve_one(policy, subject, authenticated_only);
    if (!base) {
      continue;
    }
    ir::Subject made = policy.program().subjects[base->index];
    made.except = resolve_subjects(policy, subject.except, ast::Effect::Deny);
    if (subject.form == ast::Subject::Form::AnyType && authenticated_only) {
      // `any User` in an allow is nobody without credentials either.
      const auto& nobody = policy.program().unauthenticated;
      made.except.insert(made.except.end(), nobody.begin(), nobody.end());
    }
    out.push_back(policy.builder().subject(made));
  }
  return out;
}

}  // namespace writ::check
