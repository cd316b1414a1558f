// differential --decisions N --seed S: random programs, sessions and requests; the engine in every
// tier and form of question against the specification. A failing case is made small and saved
// under tests/conformance/found. The last line says `N passed, N failed`; exit 1 on a failure.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "tests/differential/engine_compare.h"
#include "tests/differential/engine_shrink.h"
#include "tests/support/random_program.h"

namespace writ::differential {
namespace {

constexpr std::size_t kSessionsPerProgram = 8;
constexpr std::size_t kRequestsPerSession = 24;
// Masks, batches and questions by kind cost many decisions of the specification each.
constexpr unsigned kManyPercent = 4;
// Native code of one program costs as much as thousands of decisions.
constexpr std::uint64_t kProgramsPerNative = 64;
// Programs with one cell of many rows, and of thousands.
constexpr std::uint64_t kProgramsPerCrowd = 3;
constexpr std::uint64_t kProgramsPerLargeCrowd = 510;
constexpr std::size_t kLargeCrowd = 3'000;
constexpr std::size_t kFailuresMax = 5;
constexpr const char* kFoundFolder = "tests/conformance/found";

struct Options {
  std::uint64_t decisions = 100'000;
  std::uint64_t seed = 1;
  std::uint64_t statements = 30;
};

struct Tally {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
};

bool read_number(const char* text, std::uint64_t& number) {
  const std::string_view all(text);
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), number);
  return error == std::errc() && end == all.data() + all.size();
}

bool read_options(int count, char** words, Options& options) {
  for (int at = 1; at < count; at += 2) {
    const std::string_view word = words[at];
    std::uint64_t* number = word == "--decisions"    ? &options.decisions
                            : word == "--seed"       ? &options.seed
                            : word == "--statements" ? &options.statements
                                                     : nullptr;
    if (number == nullptr || at + 1 == count || !read_number(words[at + 1], *number)) return false;
  }
  return true;
}

void report(Failure failure, std::uint64_t seed) {
  fmt::print("seed {}: {}\n", seed, failure.wrong);
  std::fflush(stdout);
  const Failure small = shrink(std::move(failure));
  std::error_code ignored;
  std::filesystem::create_directories(kFoundFolder, ignored);
  const std::string path = fmt::format("{}/seed_{}.txt", kFoundFolder, seed);
  std::ofstream(path) << failure_text(small);
  fmt::print("  made small: {} grants, {}; saved as {}\n", small.program.grants.size(),
             small.wrong, path);
}

/// One program with its sessions. Returns false when it failed.
bool run_program(std::uint64_t seed, const Options& options, Tally& tally) {
  tests::ProgramOptions shape;
  shape.statements = options.statements;
  index::Options indexed;
  const bool crowded = seed % kProgramsPerCrowd == 0;
  const bool large = seed % kProgramsPerLargeCrowd == kProgramsPerCrowd;
  if (crowded) {
    shape.crowd = large ? kLargeCrowd : 10 + seed / kProgramsPerCrowd % 60;
    // Small crowds are enough when one row more than one is many.
    if (!large && seed / kProgramsPerCrowd % 4 != 0) indexed.rows_walked = 1;
  }
  const ir::Program program = tests::random_program(seed, shape);
  const Tier highest = seed % kProgramsPerNative == 0 ? Tier::Native : Tier::Interpreter;
  std::string wrong;
  const std::optional<Engines> engines = Engines::create(program, highest, wrong, indexed);
  tests::Random random(seed ^ 0x5EED);
  for (std::size_t s = 0; s < kSessionsPerProgram; ++s) {
    const SessionFacts session = tests::random_session(program, random);
    std::vector<RequestFacts> requests;
    for (std::size_t r = 0; r < kRequestsPerSession; ++r) {
      requests.push_back(tests::random_request(program, random));
    }
    if (engines) wrong = engines->compare(program, session, requests);
    if (engines && wrong.empty() && random.percent(kManyPercent)) {
      wrong = engines->compare_many(program, session, requests);
    }
    if (!wrong.empty()) {
      ++tally.failed;
      report({program, session, requests, wrong, highest, indexed}, seed);
      return false;
    }
    tally.passed += requests.size();
  }
  return true;
}

int run(const Options& options) {
  fmt::print("seed {}\n", options.seed);
  Tally tally;
  for (std::uint64_t at = 0; tally.passed < options.decisions && tally.failed < kFailuresMax;
       ++at) {
    run_program(options.seed * 1'000'003 + at, options, tally);
  }
  fmt::print("{} passed, {} failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace writ::differential

int main(int count, char** words) {
  writ::differential::Options options;
  // `./dev test --long`
  if (std::getenv("WRIT_LONG") != nullptr) options.decisions = 10'000'000;
  if (!writ::differential::read_options(count, words, options)) {
    fmt::print(stderr, "usage: differential [--decisions N] [--seed N] [--statements N]\n");
    return 2;
  }
  return writ::differential::run(options);
}
