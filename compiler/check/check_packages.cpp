// Packages: which one is the root, that exactly the listed ones are there (so that no guard
// disappears by forgetting a file), the edition, and what later versions of the language have.
#include "compiler/check/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace writ::check {
namespace {

constexpr std::int64_t kEdition = 2026;

struct Package {
  const ast::File* first = nullptr;
  const ast::File* includes = nullptr;  // the first of its files that includes
};

void pick_root(Policy& policy, const std::map<std::string, Package>& packages) {
  for (const auto& [name, package] : packages) {
    if (package.includes == nullptr) {
      continue;
    }
    if (policy.root == nullptr) {
      policy.root = package.includes;
      policy.root_package = name;
      continue;
    }
    policy.report(
        diag::Code::IncludeMismatch, package.includes->includes.front().span,
        fmt::format("package `{}` includes packages, and so does `{}`", name, policy.root_package),
        "a second root", "one package, the root, lists all the others",
        {{policy.root->includes.front().span, "the first root"}});
  }
  if (policy.root == nullptr && packages.size() == 1) {
    policy.root = packages.begin()->second.first;
    policy.root_package = packages.begin()->first;
  }
}

void check_includes(Policy& policy, const std::map<std::string, Package>& packages) {
  std::set<std::string, std::less<>> listed = {policy.root_package};
  for (const ast::File& file : policy.files) {
    if (file.package.text() != policy.root_package) {
      continue;  // a second root, which was reported
    }
    for (const ast::Path& include : file.includes) {
      const std::string name = include.text();
      if (!listed.insert(name).second) {
        policy.report(diag::Code::Duplicate, include.span,
                      fmt::format("package `{}` is listed twice", name), "listed again here",
                      "keep one");
      } else if (!packages.contains(name)) {
        std::vector<std::string> known;
        for (const auto& [there, ignored] : packages) {
          known.push_back(there);
        }
        const std::string near = diag::nearest(name, known);
        policy.report(diag::Code::IncludeMismatch, include.span,
                      fmt::format("no file of the policy is of package `{}`", name),
                      "listed here, but missing",
                      near.empty() ? "add its folder to the paths, or take it off the list"
                                   : fmt::format("there is a package `{}`", near));
      }
    }
  }
  for (const auto& [name, package] : packages) {
    if (!listed.contains(name)) {
      policy.report(
          diag::Code::IncludeMismatch, package.first->package.span,
          fmt::format("the root package does not include `{}`", name),
          "this package is part of nothing",
          fmt::format("write `include {}` in the root package, or leave the file out", name));
    }
  }
}

void check_edition(Policy& policy) {
  for (const ast::File& file : policy.files) {
    if (file.edition && file.edition->first != kEdition) {
      policy.report(diag::Code::UnknownEdition, file.edition->second,
                    fmt::format("there is no edition {} of the language", file.edition->first),
                    "not an edition", fmt::format("write `edition {}`", kEdition));
    }
  }
  policy.program().edition = static_cast<std::uint32_t>(kEdition);
}

void refuse_later(Policy& policy, const ast::File& file, const ast::Decl& decl) {
  if (const auto* later = std::get_if<ast::LaterDecl>(&decl)) {
    policy.report(diag::Code::NotYet, later->keyword.span,
                  fmt::format("`{}` is not in this version of Writ", later->keyword.text),
                  "a statement of the whole language",
                  "remove it until then; nothing of it is checked or enforced");
  }
  if (const auto* guard = std::get_if<ast::GuardDecl>(&decl); guard != nullptr && guard->observe) {
    policy.report(diag::Code::NotYet, guard->observe_span,
                  "`observe` is not in this version of Writ", "this guard would not be enforced",
                  "remove `observe` to enforce the guard, or remove the guard");
  }
  static_cast<void>(file);
}

// Only the root may say what stands above all packages.
void check_root_only(Policy& policy, const ast::File& file, const ast::Decl& decl) {
  if (file.is_model || file.package.text() == policy.root_package) {
    return;
  }
  const auto refuse = [&](source::Span span, std::string_view what) {
    policy.report(diag::Code::RootOnly, span,
                  fmt::format("package `{}` says {}", file.package.text(), what),
                  "only the root package may say this",
                  fmt::format("move it into package `{}`", policy.root_package));
  };
  if (const auto* privileged = std::get_if<ast::PrivilegedDecl>(&decl)) {
    refuse(privileged->span, privileged->superusers ? "`superusers`" : "`infrastructure`");
  } else if (const auto* guard = std::get_if<ast::GuardDecl>(&decl)) {
    refuse(guard->name.span, "`guard`");
  } else if (const auto* unlisted = std::get_if<ast::DefaultDecl>(&decl)) {
    refuse(unlisted->span, "`default allow`");
  } else if (const auto* audit = std::get_if<ast::AuditDecl>(&decl)) {
    refuse(audit->span, "`audit`");
  }
}

// Vocabulary stands in models, policy in packages.
void check_room(Policy& policy, const ast::File& file, const ast::Decl& decl) {
  const bool both =
      std::holds_alternative<ast::RoleDecl>(decl) || std::holds_alternative<ast::LaterDecl>(decl);
  const bool of_model = decl.index() >= 15;
  static_assert(std::is_same_v<std::variant_alternative_t<15, ast::Decl>, ast::PrincipalTypeDecl>);
  if (both || of_model == file.is_model) {
    return;
  }
  policy.report(
      diag::Code::NotInAModel, file.package.span,
      of_model ? "this package declares vocabulary of a model"
               : fmt::format("the model `{}` holds statements of a policy", file.package.text()),
      of_model ? "kinds, operations and attributes are declared in a model"
               : "a model declares words, a package uses them",
      "a model is a file of its own that begins with `model NAME VERSION`");
}

}  // namespace

void check_packages(Policy& policy) {
  std::map<std::string, Package> packages;
  for (const ast::File& file : policy.files) {
    if (file.is_model) {
      continue;
    }
    Package& package = packages[file.package.text()];
    package.first = package.first == nullptr ? &file : package.first;
    if (!file.includes.empty() && package.includes == nullptr) {
      package.includes = &file;
    }
  }
  pick_root(policy, packages);
  if (policy.root == nullptr && !packages.empty()) {
    std::string names;
    for (const auto& [name, ignored] : packages) {
      names += (names.empty() ? "`" : ", `") + name + "`";
    }
    policy.report(diag::Code::IncludeMismatch, packages.begin()->second.first->package.span,
                  fmt::format("no package includes the others: {}", names),
                  "which one is the root?",
                  "the root package lists all the others: `include a, b`");
    policy.root = packages.begin()->second.first;
    policy.root_package = packages.begin()->first;
  } else if (policy.root != nullptr) {
    check_includes(policy, packages);
  }
  check_edition(policy);
  policy.program().package = policy.builder().string(policy.root_package);
  for (const ast::File& file : policy.files) {
    bool room_reported = false;
    for (const ast::Decl& decl : file.decls) {
      refuse_later(policy, file, decl);
      check_root_only(policy, file, decl);
      const std::size_t before = policy.sink.errors();
      if (!room_reported) {
        check_room(policy, file, decl);
        room_reported = policy.sink.errors() != before;
      }
    }
  }
}

}  // namespace writ::check
