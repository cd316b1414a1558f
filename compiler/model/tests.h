// Test blocks with every name resolved: what compiler/test runs through an evaluator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::model {

/// One claim of a test block; several operations make several claims.
struct TestClaim {
  std::string file;
  std::uint32_t line = 0;
  std::string text;              // as written, on one line
  SessionFacts session;
  RequestFacts request;
  Verdict expected = Verdict::Deny;
  bool because_error = false;    // a denial that rests on an error is what is claimed
  std::optional<ReasonClass> because;        // class that must have decided
  std::string because_rule;      // guard's or role's name; empty: any
  std::string because_pattern;   // pattern text as policy writes it (`"audit."*`); empty: any
};
struct TestBlock {
  std::string title;
  std::vector<TestClaim> claims;
};

}  // namespace writ::model
