// bench_compile: from text and data to a signed bundle, and from a bundle to the first decision.
//   --json FILE   rows for machines      --rows N   of the data file (default 1,000,000)
#include "compiler/source/source_set.h"
#include "compiler/syntax/parse.h"
#include "runtime/base/file.h"
#include "runtime/bundle/bundle.h"
#include "tests/bench/rows.h"
#include "tests/bench/scenario.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace writ::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The most memory that this process ever held, in MB.
double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Found {
  std::string what;
  double value = 0;
  std::string unit;
};

void add(std::vector<Found>& found, std::string what, double value, std::string unit) {
  fmt::print("{:<44} {:>12.3f} {}\n", what, value, unit);
  std::fflush(stdout);
  found.push_back({std::move(what), value, std::move(unit)});
}

std::string policy_text(std::size_t bytes) {
  std::string text =
      "package big \"generated\"\n\nedition 2026\nuse kafka\n\ncluster main = \"main\"\n\n";
  for (std::size_t i = 0; text.size() < bytes; ++i) {
    text += fmt::format(
        "acl at main {{\n  allow Read, Write on Topic \"team-{0}.\"* to User:app-{0} from "
        "10.0.0.0/8\n"
        "  deny Delete on Topic \"team-{0}.audit\" to User:app-{0}\n}}\n",
        i);
  }
  return text;
}

Status bench_text(std::vector<Found>& found) {
  constexpr std::size_t kTextBytes = std::size_t{10} << 20;
  source::SourceSet sources;
  WRIT_ASSIGN(file, sources.add_text("big.writ", policy_text(kTextBytes)));
  diag::Sink sink;
  const auto start = Clock::now();
  const auto parsed = syntax::parse(sources, file, sink);
  add(found, "parse 10 MB of policy text", seconds_since(start), "s");
  add(found, "peak memory after the parse", peak_megabytes(), "MB");
  return sink.errors() == 0 ? Status() : fail(ErrorCode::Internal, "the text does not parse");
}

constexpr int kLoads = 9;

/// The whole section of tables is counted: all that a decision may touch.
Status add_sizes(const Compiled& compiled, std::vector<Found>& found) {
  const auto grants = static_cast<double>(compiled.program.grants.size());
  add(found, "bytes a grant in the bundle", static_cast<double>(compiled.bundle.size()) / grants,
      "bytes");
  WRIT_ASSIGN(contents, bundle::read_for_inspection(compiled.bundle));
  for (const bundle::Section& section : contents.parts) {
    if (section.name != "tables") continue;
    add(found, "bytes a grant in the tables", static_cast<double>(section.bytes.size()) / grants,
        "bytes");
  }
  return {};
}

/// Seconds from the bundle's bytes to an answer, in an engine of its own.
Result<double> first_decision(const Compiled& compiled, const tests::Workload& workload) {
  const auto start = Clock::now();
  const std::unique_ptr<Engine> engine = Engine::create({});
  WRIT_TRY(engine->load(compiled.bundle, compiled.trust));
  const Asked asked = open(*engine, workload, 1);
  const Decision decision = engine->authorize(*asked.sessions[0], asked.requests[0]);
  const double took = seconds_since(start);
  if (decision.reason == ReasonClass::NoBundle) {
    return fail(ErrorCode::Internal, "the bundle is not active");
  }
  return took;
}

Status bench_rows(std::size_t rows, std::vector<Found>& found) {
  tests::Workload workload = tests::make_workload(tests::Shape::Typical, rows, 1, 1);
  add(found, "peak memory before compiling rows", peak_megabytes(), "MB");
  WRIT_ASSIGN(compiled, compile_rows(workload));
  add(found, fmt::format("{} rows to a program", rows), compiled.compile_seconds, "s");
  add(found, "program to tables and signed bundle", compiled.pack_seconds, "s");
  add(found, "rows to signed bundle, together", compiled.compile_seconds + compiled.pack_seconds,
      "s");
  add(found, "peak memory", peak_megabytes(), "MB");
  WRIT_TRY(add_sizes(compiled, found));
  // What a broker holds at start is the bundle alone.
  compiled.program = {};
  std::vector<double> seconds;
  for (int round = 0; round < kLoads; ++round) {
    WRIT_ASSIGN(took, first_decision(compiled, workload));
    seconds.push_back(took);
  }
  std::ranges::sort(seconds);
  add(found, fmt::format("bundle to the first decision, median of {}", kLoads),
      seconds[seconds.size() / 2], "s");
  add(found, "the fastest of them", seconds.front(), "s");
  return {};
}

Status write_found(const std::string& path, const std::vector<Found>& found) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Found& each : found) {
    list.push_back({{"what", each.what}, {"value", each.value}, {"unit", each.unit}});
  }
  const std::string text = nlohmann::ordered_json{{"rows", list}}.dump(2) + "\n";
  return write_file(path, std::as_bytes(std::span(text)));
}

Status run(int argc, char** argv) {
  std::vector<Found> found;
  const std::string rows = option(argc, argv, "--rows", "1000000");
  WRIT_TRY(bench_rows(std::strtoull(rows.c_str(), nullptr, 10), found));
  WRIT_TRY(bench_text(found));
  const std::string json = option(argc, argv, "--json", "");
  return json.empty() ? Status() : write_found(json, found);
}

}  // namespace
}  // namespace writ::bench

int main(int argc, char** argv) {
  const writ::Status status = writ::bench::run(argc, argv);
  if (!status) {
    fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
    return 3;
  }
  return 0;
}
