// Models: the vocabulary of a system becomes kinds with bits for their operations, implications,
// principal types, enumerations, attributes, sets and purposes.
#include "compiler/check/steps.h"
#include "compiler/lower/regex.h"
#include "runtime/base/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::check {
namespace {

template <class Decl, class Do>
void each(Policy& policy, const Do& act) {
  for (const ast::File& file : policy.files) {
    if (!file.is_model) {
      continue;
    }
    for (const ast::Decl& decl : file.decls) {
      if (const auto* found = std::get_if<Decl>(&decl)) {
        act(file, *found);
      }
    }
  }
}

ir::ModelId model_of(const Policy& policy, const ast::File& file) {
  const std::string name = file.package.text();
  const auto& models = policy.program().models;
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (policy.program().text(models[i].name) == name) {
      return ir::ModelId(i);
    }
  }
  return {};
}

void add_models(Policy& policy) {
  for (const ast::File& file : policy.files) {
    if (file.is_model && !model_of(policy, file).valid()) {
      policy.program().models.push_back(
          {policy.builder().string(file.package.text()), file.model_version});
    }
  }
  const bool none = std::ranges::all_of(
      policy.files, [](const ast::File& file) { return file.uses.empty() && !file.is_model; });
  if (none && policy.root != nullptr) {
    policy.report(diag::Code::NoModel, policy.root->package.span,
                  "this policy uses no model, so it has no words for what it speaks of",
                  "no `use` in any file", "write `use kafka` below the package");
  }
}

void add_operations(Policy& policy) {
  each<ast::OperationDecl>(policy, [&](const ast::File& file, const ast::OperationDecl& decl) {
    if (policy.declared(policy.operations, decl.name, "operation")) {
      return;
    }
    ir::Operation operation;
    operation.name = policy.builder().string(decl.name.text);
    operation.model = model_of(policy, file);
    operation.code = static_cast<std::uint32_t>(decl.code.value_or(0));
    policy.program().operations.push_back(operation);
    policy.operations.emplace(
        decl.name.text,
        Named<ir::OperationId>{ir::OperationId(policy.program().operations.size() - 1),
                               decl.name.span});
  });
}

// Adds an operation to a kind if it is not there, and answers its bit.
std::optional<std::uint32_t> bit_of(Policy& policy, ir::Kind& kind, ir::OperationId operation,
                                    const ast::Word& at) {
  const auto found = std::ranges::find(kind.operations, operation);
  if (found != kind.operations.end()) {
    return static_cast<std::uint32_t>(found - kind.operations.begin());
  }
  if (kind.operations.size() == limits::kOperationsPerKindMax) {
    policy.report(diag::Code::TooManyOperations, at.span,
                  fmt::format("the kind `{}` has more than {} operations",
                              policy.program().text(kind.name), limits::kOperationsPerKindMax),
                  "one too many", "a decision word has two bits for each of 32 operations");
    return std::nullopt;
  }
  kind.operations.push_back(operation);
  return static_cast<std::uint32_t>(kind.operations.size() - 1);
}

void list_operations(Policy& policy, ir::Kind& kind, const std::vector<ast::Word>& words) {
  for (const ast::Word& word : words) {
    const auto found = policy.operations.find(word.text);
    if (found == policy.operations.end()) {
      policy.unknown(word, "operation", Policy::names_of(policy.operations));
      continue;
    }
    if (const auto bit = bit_of(policy, kind, found->second.value, word)) {
      kind.listed |= 1U << *bit;
    }
  }
}

// Rows of data may name every operation of the kind's model, so each has a bit.
void add_kinds(Policy& policy) {
  each<ast::KindDecl>(policy, [&](const ast::File& file, const ast::KindDecl& decl) {
    if (decl.extend || policy.declared(policy.kinds, decl.name, "kind")) {
      return;
    }
    ir::Kind kind;
    kind.name = policy.builder().string(decl.name.text);
    kind.model = model_of(policy, file);
    kind.code = static_cast<std::uint32_t>(decl.code.value_or(0));
    for (std::size_t i = 0; i < policy.program().operations.size(); ++i) {
      if (policy.program().operations[i].model == kind.model) {
        if (!bit_of(policy, kind, ir::OperationId(i), decl.name)) {
          return;  // reported
        }
      }
    }
    list_operations(policy, kind, decl.operations);
    policy.program().kinds.push_back(std::move(kind));
    const Named<ir::KindId> named{ir::KindId(policy.program().kinds.size() - 1), decl.name.span};
    policy.kinds.emplace(decl.name.text, named);
    if (!decl.keys) {
      return;
    }
    if (policy.key_kind) {
      policy.report(diag::Code::Duplicate, decl.name.span,
                    fmt::format("`{}` is a second kind of keys", decl.name.text),
                    "`as key` again", "keys are of one kind: say it of one",
                    {{policy.key_kind->span, "the first is declared here"}});
    } else {
      policy.key_kind = named;
    }
  });
  each<ast::KindDecl>(policy, [&](const ast::File&, const ast::KindDecl& decl) {
    if (!decl.extend) {
      return;
    }
    const auto found = policy.kinds.find(decl.name.text);
    if (found == policy.kinds.end()) {
      policy.unknown(decl.name, "kind", Policy::names_of(policy.kinds));
      return;
    }
    list_operations(policy, policy.program().kinds[found->second.value.index], decl.operations);
  });
}

void add_operation_sets(Policy& policy) {
  each<ast::OperationSetDecl>(policy, [&](const ast::File&, const ast::OperationSetDecl& decl) {
    if (policy.declared(policy.operation_sets, decl.name, "set of operations") ||
        policy.declared(policy.operations, decl.name, "operation")) {
      return;
    }
    std::vector<std::string> names;
    for (const ast::Word& word : decl.operations) {
      if (policy.operations.contains(word.text)) {
        names.push_back(word.text);
      } else {
        policy.unknown(word, "operation", Policy::names_of(policy.operations));
      }
    }
    policy.operation_sets.emplace(
        decl.name.text, Named<std::vector<std::string>>{std::move(names), decl.name.span});
  });
}

std::uint32_t bit_in(const ir::Kind& kind, ir::OperationId operation) {
  const auto found = std::ranges::find(kind.operations, operation);
  return found == kind.operations.end()
             ? 0
             : 1U << static_cast<std::uint32_t>(found - kind.operations.begin());
}

void add_implications(Policy& policy) {
  for (ir::Kind& kind : policy.program().kinds) {
    kind.implied_by.resize(kind.operations.size());
    for (std::size_t i = 0; i < kind.operations.size(); ++i) {
      kind.implied_by[i] = 1U << i;
    }
  }
  each<ast::ImplyDecl>(policy, [&](const ast::File& file, const ast::ImplyDecl& decl) {
    const auto implied = policy.operations.find(decl.implied.text);
    if (implied == policy.operations.end()) {
      policy.unknown(decl.implied, "operation", Policy::names_of(policy.operations));
      return;
    }
    if (!decl.any_kind && !policy.kinds.contains(decl.kind.text)) {
      policy.unknown(decl.kind, "kind", Policy::names_of(policy.kinds));
      return;
    }
    const std::vector<ast::Word> given = operation_names(policy, decl.given);
    for (ir::Kind& kind : policy.program().kinds) {
      const bool meant = decl.any_kind ? kind.model == model_of(policy, file)
                                       : policy.program().text(kind.name) == decl.kind.text;
      const std::uint32_t to = meant ? bit_in(kind, implied->second.value) : 0;
      if (to == 0) {
        continue;
      }
      for (const ast::Word& word : given) {
        kind.implied_by[static_cast<std::size_t>(__builtin_ctz(to))] |=
            bit_in(kind, policy.operations.find(word.text)->second.value);
      }
    }
  });
}

void add_infrastructure(Policy& policy) {
  using Decl = ast::InfrastructureOperationsDecl;
  each<Decl>(policy, [&](const ast::File&, const Decl& decl) {
    for (const Decl::Item& item : decl.items) {
      const auto found = policy.kinds.find(item.kind.text);
      if (found == policy.kinds.end()) {
        policy.unknown(item.kind, "kind", Policy::names_of(policy.kinds));
        continue;
      }
      policy.program().kinds[found->second.value.index].infrastructure |= resolve_operations(
          policy, item.operations, found->second.value, ast::Effect::Allow, Missing::Report);
    }
  });
}

void add_enumerations(Policy& policy) {
  each<ast::EnumDecl>(policy, [&](const ast::File&, const ast::EnumDecl& decl) {
    if (policy.declared(policy.enumerations, decl.name, "enumeration")) {
      return;
    }
    ir::Enumeration enumeration;
    enumeration.name = policy.builder().string(decl.name.text);
    for (const ast::Word& word : decl.members) {
      const ir::StringId member = policy.builder().string(word.text);
      if (std::ranges::find(enumeration.members, member) != enumeration.members.end()) {
        policy.duplicate(word, "member", decl.name.span);
        continue;
      }
      enumeration.members.push_back(member);
    }
    policy.program().enumerations.push_back(std::move(enumeration));
    policy.enumerations.emplace(
        decl.name.text,
        Named<ir::EnumerationId>{ir::EnumerationId(policy.program().enumerations.size() - 1),
                                 decl.name.span});
  });
}

std::optional<Type> type_of(const Policy& policy, const ast::TypeName& name) {
  Type type;
  type.optional = name.optional;
  type.set = name.set;
  for (const TypeKind kind :
       {TypeKind::Bool, TypeKind::Int, TypeKind::String, TypeKind::Ip, TypeKind::Cidr,
        TypeKind::Time, TypeKind::Duration, TypeKind::Version}) {
    if (name.name.text == name_of(kind)) {
      type.kind = kind;
      return type;
    }
  }
  const auto found = policy.enumerations.find(name.name.text);
  if (found == policy.enumerations.end()) {
    std::vector<std::string> known = Policy::names_of(policy.enumerations);
    known.insert(known.end(),
                 {"Bool", "Int", "String", "Ip", "Cidr", "Time", "Duration", "Version"});
    policy.unknown(name.name, "type", known);
    return std::nullopt;
  }
  type.kind = TypeKind::Enum;
  type.enumeration = static_cast<std::uint16_t>(found->second.value.index);
  return type;
}

template <class E>
std::optional<E> word_of(const Policy& policy, const ast::Word& word, std::string_view what,
                         const std::vector<std::pair<std::string, E>>& words) {
  std::vector<std::string> known;
  for (const auto& [name, value] : words) {
    if (name == word.text) {
      return value;
    }
    known.push_back(name);
  }
  policy.unknown(word, what, known, fmt::format("one of {}", fmt::join(known, ", ")));
  return std::nullopt;
}

void add_attributes(Policy& policy) {
  using Source = ir::AttributeSource;
  using Moment = ir::AttributeMoment;
  std::uint32_t slots[3] = {};
  each<ast::AttributeDecl>(policy, [&](const ast::File&, const ast::AttributeDecl& decl) {
    const ast::Word name{decl.name.text(), decl.name.span};
    if (policy.declared(policy.attributes, name, "attribute")) {
      return;
    }
    const auto type = type_of(policy, decl.type);
    const auto source = word_of<Source>(policy, decl.source, "source of attributes",
                                        {{"observed", Source::Observed},
                                         {"vouched", Source::Vouched},
                                         {"asserted", Source::Asserted},
                                         {"declared", Source::Declared}});
    const auto moment = word_of<Moment>(policy, decl.moment, "moment of attributes",
                                        {{"session", Moment::Session},
                                         {"request", Moment::Request},
                                         {"resource", Moment::Resource}});
    if (!type || !source || !moment) {
      policy.unread.push_back(name.text);
      return;
    }
    ir::Attribute attribute{policy.builder().string(name.text), *type, *source, *moment,
                            slots[static_cast<std::size_t>(*moment)]++};
    policy.program().attributes.push_back(attribute);
    policy.attributes.emplace(
        name.text,
        Named<ir::AttributeId>{ir::AttributeId(policy.program().attributes.size() - 1), name.span});
  });
}

void add_principal_types(Policy& policy) {
  each<ast::PrincipalTypeDecl>(policy, [&](const ast::File& file,
                                           const ast::PrincipalTypeDecl& decl) {
    if (policy.declared(policy.principal_types, decl.name, "type of principal")) {
      return;
    }
    ir::PrincipalType type;
    type.name = policy.builder().string(decl.name.text);
    if (decl.everybody) {
      type.everybody = policy.builder().string(decl.everybody->text);
    }
    if (decl.base) {
      const auto base = policy.principal_types.find(decl.base->text);
      if (base == policy.principal_types.end()) {
        policy.unknown(*decl.base, "type of principal", Policy::names_of(policy.principal_types),
                       "a subtype is declared after its base");
        return;
      }
      type.base = base->second.value;
      ExprContext context = policy.context(file);
      context.principal_only = true;
      TypedExpr test = check_expr(decl.test, context, kBool, policy.sink);
      if (test.type.kind == TypeKind::None) {
        return;
      }
      type.test = policy.builder().condition(std::move(test.insts), std::move(test.constants));
    }
    policy.program().principal_types.push_back(type);
    policy.principal_types.emplace(
        decl.name.text,
        Named<ir::PrincipalTypeId>{ir::PrincipalTypeId(policy.program().principal_types.size() - 1),
                                   decl.name.span});
  });
  each<ast::UnauthenticatedDecl>(
      policy, [&](const ast::File&, const ast::UnauthenticatedDecl& decl) {
        if (const auto subject = policy.principal(decl.subject.type, decl.subject.name)) {
          policy.program().unauthenticated.push_back(*subject);
        }
      });
}

// The model with the most levels speaks: one that builds on another repeats its levels.
void add_levels(Policy& policy) {
  std::map<const ast::File*, std::vector<std::string>> by_file;
  each<ast::LevelDecl>(policy, [&](const ast::File& file, const ast::LevelDecl& decl) {
    by_file[&file].push_back(decl.name.text);
  });
  for (const auto& [file, levels] : by_file) {
    if (levels.size() > policy.levels.size()) {
      policy.levels = levels;
    }
  }
  if (policy.levels.empty()) {
    policy.levels.emplace_back("cluster");
  }
}

void add_purposes(Policy& policy) {
  each<ast::PurposeDecl>(policy, [&](const ast::File&, const ast::PurposeDecl& decl) {
    std::vector<std::string> names;
    for (const ast::Word& word : decl.operations) {
      if (policy.operations.contains(word.text)) {
        names.push_back(word.text);
      } else {
        policy.unknown(word, "operation", Policy::names_of(policy.operations));
      }
    }
    if (decl.management) {
      policy.management.insert(policy.management.end(), names.begin(), names.end());
    } else if (!policy.declared(policy.purposes, decl.name, "purpose")) {
      policy.purposes.emplace(decl.name.text, Named<Purpose>{{std::move(names)}, decl.name.span});
    }
  });
}

// What the references of a provider look like.
std::optional<ir::Dfa> reference_shape(const Policy& policy, const ast::Word& pattern) {
  Result<ir::Dfa> shape = lower::compile_regex(pattern.text);
  if (shape) {
    shape->pattern = policy.builder().string(pattern.text);
    return std::move(*shape);
  }
  policy.report(diag::Code::BadRegex, pattern.span,
                fmt::format("`{}` is not a usable regular expression: {}", pattern.text,
                            shape.error().message),
                "cannot be compiled",
                "the syntax is RE2's without captures, backreferences and look-around; the whole "
                "text must match");
  return std::nullopt;
}

void add_algorithms(Policy& policy) {
  each<ast::AlgorithmDecl>(policy, [&](const ast::File&, const ast::AlgorithmDecl& decl) {
    std::vector<std::string> purposes;
    for (const ast::Word& word : decl.purposes) {
      if (policy.purposes.contains(word.text)) {
        purposes.push_back(word.text);
      } else {
        policy.unknown(word, "purpose", Policy::names_of(policy.purposes));
      }
    }
    for (const ast::Word& name : decl.names) {
      if (!policy.declared(policy.algorithms, name, "algorithm")) {
        policy.algorithms.emplace(name.text,
                                  Named<std::vector<std::string>>{purposes, name.span});
      }
    }
  });
}

void add_providers(Policy& policy) {
  each<ast::ProviderDecl>(policy, [&](const ast::File&, const ast::ProviderDecl& decl) {
    if (policy.declared(policy.providers, decl.name, "provider")) {
      return;
    }
    std::optional<ir::Dfa> shape;
    if (decl.reference) {
      shape = reference_shape(policy, *decl.reference);
    }
    policy.providers.emplace(decl.name.text,
                             Named<std::optional<ir::Dfa>>{std::move(shape), decl.name.span});
  });
}

}  // namespace

void check_models(Policy& policy) {
  add_models(policy);
  add_operations(policy);
  add_kinds(policy);
  add_operation_sets(policy);
  add_implications(policy);
  add_infrastructure(policy);
  add_enumerations(policy);
  add_attributes(policy);
  add_principal_types(policy);
  add_levels(policy);
  add_purposes(policy);
  add_algorithms(policy);
  add_providers(policy);
}

}  // namespace writ::check
