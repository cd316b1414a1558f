// A small policy for tests of the specification: kinds, scopes, groups and a way to add grants in
// few words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/ir/builder.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::reference {

/// Kinds Topic (Read, Write, Describe; Read and Write imply Describe; Describe is an operation of
/// infrastructure) and Key (Use); scopes acme › prod › {payments lkc-1, orders}, acme › test ›
/// orders; groups sre (closed, alice) in staff (external, bob declared), vendors (external) in
/// staff; type Service of User for names with `sa-`; User:ANONYMOUS unauthenticated.
class Policy {
 public:
  Policy();

  struct Say {
    ir::Layer layer = ir::Layer::Grant;
    std::string_view operations = "Read";  // words between spaces; `any`
    std::string_view kind = "Topic";
    std::string_view pattern = "*";         // `a`, `a*`, `*`
    std::string_view subject = "User:alice";  // `User:x`, a group, `any`, `any Service`, …
    std::string_view except = {};                // a subject
    std::string_view scope = "acme";
    std::string_view from = {};                  // a network, or text:…, exact:…, never
    std::string_view when = {};                  // flag | not flag | name has-prefix TEXT | false
    ir::ValidityId validity = {};
    ir::PatternSetId except_set = {};
    ir::PatternSetId within = {};
    std::uint32_t number = 0;               // 0: the next
  };
  void allow(Say say);
  void deny(Say say);

  ir::SubjectId subject(std::string_view words);
  ir::ScopeId scope(std::string_view name);
  ir::KindId kind(std::string_view name);
  ir::PatternId pattern(std::string_view words);
  ir::Builder builder;
  /// Grants so far, verified.
  ir::Program program();

 private:
  void grant(const Say& say, ir::Effect effect);
  ir::NetworkId network(std::string_view words);
  ir::ConditionId condition(std::string_view words);
};

/// `allow allow#2`, `deny default`, `deny deny#1 missing-attribute@1`: verdict, reason and the
/// number of the deciding grant, then the error and the number of the grant whose it is.
[[nodiscard]] std::string said(const ir::Program& program, const Decision& decision);

/// User:alice from 10.0.0.1 at payments, in no external group.
[[nodiscard]] SessionFacts alice();
/// Read on Topic "a" at 2026-11-24.
[[nodiscard]] RequestFacts read_a();

}  // namespace writ::reference
