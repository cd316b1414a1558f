#include "compiler/check/check.h"

#include "compiler/check/steps.h"

namespace writ::check {

model::Unit check(const std::vector<ast::File>& files, const source::SourceSet& sources,
                  diag::Sink& sink) {
  Policy policy(files, sources, sink);
  check_packages(policy);     // first: who may say what
  check_models(policy);       // the words of everything below
  check_scopes(policy);       // where: bindings and facts refer to it
  check_groups(policy);       // who: expressions refer to it
  check_tags(policy);         // what names mean: expressions refer to it
  check_networks(policy);     // classes, whose tests may ask for groups
  check_keys(policy);
  check_properties(policy);   // of scopes, which name keys
  check_privileged(policy);
  check_acls(policy);
  check_roles(policy);
  check_protections(policy);
  check_tests(policy);        // last: a test may name everything
  return std::move(policy.unit);
}

}  // namespace writ::check
