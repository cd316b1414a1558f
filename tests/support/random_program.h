// Random programs, sessions and requests over a small vocabulary in which everything collides, so
// that every rule of LANGUAGE.md section 3 has something to decide. Each program verifies. The
// same seed gives the same program; used by every differential test.
#pragma once

#include <cstdint>

#include "runtime/ir/builder.h"
#include "runtime/ir/program.h"
#include "runtime/value/request.h"
#include "tests/support/random.h"

namespace writ::tests {

struct ProgramOptions {
  std::size_t statements = 30;  // each makes up to three grants of one number
  bool conditions = true;
  std::size_t crowd = 0;  // more grants of one subject on one pattern
};

[[nodiscard]] ir::Program random_program(std::uint64_t seed, const ProgramOptions& options = {});
/// More grants of one subject on one pattern, with tests that an index can look up, to a program
/// that has everything else.
void add_crowd(ir::Builder& builder, Random& random, std::size_t rows);
/// Who asks: attributes of any type may be missing, absent or of a wrong type.
[[nodiscard]] SessionFacts random_session(const ir::Program& program, Random& random);
/// What is asked: now and then of a kind, operation or scope that does not exist.
[[nodiscard]] RequestFacts random_request(const ir::Program& program, Random& random);

/// What a condition may read.
enum class Reads : std::uint8_t { Anything, SessionAlone };
/// A well-typed condition over what the builder's program declares already.
[[nodiscard]] ir::ConditionId random_condition(ir::Builder& builder, Random& random, Reads reads);
/// A value of the type, often one at an edge.
[[nodiscard]] Value random_value(const ir::Program& program, Type type, Random& random);
/// A short text over the letters that names and patterns are made of.
[[nodiscard]] std::string random_text(Random& random);

}  // namespace writ::tests
