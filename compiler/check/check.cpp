#include "compiler/check/check.h"

#include <algorithm>
#include <set>

#include "compiler/check/steps.h"

namespace writ::check {
namespace {

// Where a model is missing, which was reported, everything of it would be unknown as well.
bool has_words(const Policy& policy) {
  std::set<std::string_view> there;
  for (const ir::Model& model : policy.program().models) {
    there.insert(policy.program().text(model.name));
  }
  return !there.empty() && std::ranges::all_of(policy.files, [&](const ast::File& file) {
    return std::ranges::all_of(
        file.uses, [&](const ast::Use& use) { return there.contains(use.model.text); });
  });
}

}  // namespace

model::Unit check(const std::vector<ast::File>& files, const source::SourceSet& sources,
                  diag::Sink& sink) {
  Policy policy(files, sources, sink);
  check_packages(policy);     // first: who may say what
  check_models(policy);       // the words of everything below
  if (!has_words(policy)) {
    return std::move(policy.unit);
  }
  check_scopes(policy);       // where: bindings and facts refer to it
  check_groups(policy);       // who: expressions refer to it
  check_tags(policy);         // what names mean: expressions refer to it
  check_networks(policy);     // classes, whose tests may ask for groups
  check_keys(policy);
  check_properties(policy);   // of scopes, which name keys
  check_privileged(policy);
  check_acls(policy);
  check_audit(policy);
  check_roles(policy);
  check_protections(policy);
  check_tests(policy);        // last: a test may name everything
  policy.report_lookalikes();
  return std::move(policy.unit);
}

}  // namespace writ::check
