// The only writer of a Program: every store interned, so equal things have one id. Used by
// compiler/lower, the text reader and random programs of the tests.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "runtime/ir/program.h"

namespace writ::ir {

class Builder {
 public:
  Builder();
  ~Builder();
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  /// The program under construction; stores without an interning method are filled directly.
  [[nodiscard]] Program& program();

  StringId string(std::string_view text);
  SubjectId subject(const Subject& subject);
  SubjectId principal(std::string_view type_name, std::string_view name);
  PatternId pattern(PatternForm form, std::string_view text);
  PatternSetId pattern_set(const PatternSet& set);  // sorts; equal sets are one
  NetworkId network(const Network& network);
  ValidityId validity(const Validity& validity);
  MembershipId membership(SubjectId subject);
  DfaId dfa(Dfa dfa);    // by pattern
  ZoneId zone(Zone zone);  // by name
  /// Interns the shape and the row of constants; equal conditions are one. Sets session_only.
  ConditionId condition(std::vector<Inst> insts, std::vector<Value> constants);
  /// Sorts grants by number (stable), moves the program out.
  [[nodiscard]] Program take();

 private:
  struct Interned;
  std::unique_ptr<Interned> interned_;
};

}  // namespace writ::ir
