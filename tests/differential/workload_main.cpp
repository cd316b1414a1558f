// The workloads of tests/support, as data files through the compiler: every evaluator in every
// form of question against the specification, on every request. `--rows N --asks N --seed S`;
// last line `N passed, N failed`.
#include "compiler/compile.h"
#include "tests/differential/engine_compare.h"
#include "tests/support/workload.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <vector>

namespace writ::differential {
namespace {

struct Options {
  std::size_t rows = 2'000;
  std::size_t asks = 5'000;
  std::uint64_t seed = 1;
};

std::optional<ir::Program> compile_rows(const tests::Workload& workload) {
  std::string folder = (std::filesystem::temp_directory_path() / "writ-workload-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::fputs("no temporary folder\n", stderr);
    return std::nullopt;
  }
  const std::filesystem::path at(folder);
  std::ofstream rows(at / "acls.jsonl");
  for (const tests::WorkloadRow& row : workload.rows) {
    rows << tests::to_json(row) << '\n';
  }
  rows.close();
  std::ofstream(at / "policy.writ")
      << "package workload\nuse kafka\nacl load \"acls.jsonl\" as kafka\n";
  auto compiled = compiler::compile({folder});
  std::error_code ignored;
  std::filesystem::remove_all(at, ignored);
  if (!compiled || compiled->sink.errors() != 0) {
    std::fputs("the workload does not compile\n", stderr);
    return std::nullopt;
  }
  return std::move(compiled->program);
}

// Requests by session, in the order in which sessions first ask.
struct Asked {
  SessionFacts session;
  std::vector<RequestFacts> requests;
};
std::vector<Asked> by_session(const tests::Workload& workload) {
  std::vector<Asked> out;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  for (const tests::WorkloadAsk& ask : workload.asks) {
    const auto [at, fresh] = known.emplace(std::pair(ask.principal, ask.host), out.size());
    if (fresh) {
      Asked asked;
      const std::size_t colon = ask.principal.find(':');
      asked.session.principal_type = ask.principal.substr(0, colon);
      asked.session.principal_name = ask.principal.substr(colon + 1);
      asked.session.groups.emplace();
      asked.session.host = ask.host;
      out.push_back(std::move(asked));
    }
    RequestFacts request;
    request.operation = ask.operation;
    request.kind = ask.kind;
    request.name = ask.name;
    request.time_us = 0;
    out[at->second].requests.push_back(std::move(request));
  }
  return out;
}

struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

void run(tests::Shape shape, const Options& options, Counts& counts) {
  const tests::Workload workload =
      tests::make_workload(shape, options.rows, options.asks, options.seed);
  const auto program = compile_rows(workload);
  std::string why_not;
  const auto engines =
      program ? Engines::create(*program, Tier::Native, why_not) : std::optional<Engines>();
  if (!engines) {
    fmt::print("{}: {}\n", tests::name_of(shape), why_not);
    ++counts.failed;
    return;
  }
  std::size_t asked = 0;
  for (const Asked& session : by_session(workload)) {
    const std::string difference = engines->compare(*program, session.session, session.requests);
    asked += session.requests.size();
    if (difference.empty()) {
      counts.passed += session.requests.size();
    } else {
      fmt::print("{}: {}:{} from {}: {}\n", tests::name_of(shape), session.session.principal_type,
                 session.session.principal_name, *session.session.host, difference);
      ++counts.failed;
    }
  }
  fmt::print("{}: {} rows, {} requests\n", tests::name_of(shape), workload.rows.size(), asked);
}

}  // namespace
}  // namespace writ::differential

int main(int argc, char** argv) {
  writ::differential::Options options;
  if (std::getenv("WRIT_LONG") != nullptr) {
    options.rows = 10'000;
    options.asks = 100'000;
  }
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    const auto value = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--rows") {
      options.rows = value;
    } else if (flag == "--asks") {
      options.asks = value;
    } else if (flag == "--seed") {
      options.seed = value;
    } else {
      std::fputs("usage: differential_workloads [--rows N] [--asks N] [--seed S]\n", stderr);
      return 2;
    }
  }
  writ::differential::Counts counts;
  fmt::print("seed {}\n", options.seed);
  for (const writ::tests::Shape shape : writ::tests::kShapes) {
    writ::differential::run(shape, options, counts);
  }
  fmt::print("{} passed, {} failed\n", counts.passed, counts.failed);
  return counts.failed == 0 && counts.passed != 0 ? 0 : 1;
}
