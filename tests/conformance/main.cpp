// writ-conformance: truth from elsewhere through every evaluator.
#include "tests/conformance/conformance.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

namespace {

constexpr const char* kUsage =
    "writ-conformance kafka FILE.jsonl[.gz]…    cases answered by Apache Kafka's authorizer\n"
    "writ-conformance conditional FOLDER        requests and verdicts of the twenty rules\n"
    "Prints each difference with its case's id, last `N passed, N failed`.\n"
    "Exit: 0 no difference, 1 some, 2 bad usage, 3 a file cannot be read.\n";

int run(int argc, char** argv) {
  using namespace writ::conformance;
  const std::string suite = argc > 1 ? argv[1] : "";
  const bool known = suite == "kafka" || suite == "conditional";
  if (!known || argc < 3) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  Counts counts;
  for (int i = 2; i < argc; ++i) {
    const writ::Status status =
        suite == "kafka" ? run_kafka(argv[i], counts) : run_conditional(argv[i], counts);
    if (!status) {
      fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
      fmt::print("{} passed, {} failed\n", counts.passed, counts.failed + 1);
      return 3;
    }
  }
  fmt::print("{} passed, {} failed\n", counts.passed, counts.failed);
  return counts.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: internal: %s\n", error.what());
    return 5;
  }
}
