// bench_audit: what an exact record costs a decision, how many events a second one core takes from
// the rings to the disk, and what it then does with them: JSON, replay, search, proof.
//   --json FILE   rows for machines      --format json   the same on standard output
//   --rows N      of `typical`           --events N      of the sustained run
//   --only WORDS  record, drain, sustained, render, replay, query, verify, attributes: alone
#include "compiler/cli/measure.h"
#include "runtime/audit/drain/trail.h"
#include "runtime/audit/ring/reader.h"
#include "runtime/base/file.h"
#include "tests/bench/audit_figures.h"
#include "tests/bench/rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <thread>

namespace writ::bench {
Result<std::unique_ptr<audit::drain::Trail>> open_trail(const Setup& setup, const std::string& name,
                                                 std::uint64_t slots) {
  WRIT_ASSIGN(key, crypto::new_key());
  audit::drain::TrailOptions options;
  options.log = setup.folder + "/" + name;
  options.rings = setup.rings + "/" + name;
  options.key_pem = key.private_pem;
  options.sizes = {{}, 4, slots, std::uint64_t{16} << 20};
  options.waits = {std::chrono::seconds(10), std::chrono::seconds(10)};
  return audit::drain::Trail::open(options);
}

namespace {

namespace drain = audit::drain;
namespace ring = audit::ring;

Result<Fixture> make_fixture(std::size_t rows) {
  Fixture fixture;
  fixture.workload = tests::make_workload(tests::Shape::Typical, rows, 16'384, 7);
  WRIT_ASSIGN(compiled, compile_rows(fixture.workload));
  fixture.compiled = std::move(compiled);
  return fixture;
}

/// The clock is the recorder's own: a decision that need not know the time does not ask for it.
void forget_time(Asked& asked) {
  for (Ask& ask : asked.asks) ask.time_us.reset();
}

std::uint64_t decide_all(const Engine& engine, const Asked& asked, std::size_t count,
                         std::size_t begin = 0) {
  std::uint64_t allowed = 0;
  for (std::size_t i = begin; i < begin + count; ++i) {
    const Decision decision = engine.authorize(*asked.sessions[asked.session_of[i]], asked.asks[i]);
    allowed += static_cast<std::uint64_t>(decision.verdict);
  }
  return allowed;
}

/// Frees every slot, as a drain would that is never behind.
void free_slots(const ring::Region& region) {
  std::vector<ring::Slot> slots(65'536);
  for (std::size_t at = 0; at < region.facts().rings; ++at) {
    ring::Mark cursor = ring::load_mark(region.ring(at));
    while (ring::read_records(region, at, cursor, slots).slots != 0) {
    }
    ring::store_mark(region.ring(at), cursor);
  }
}

/// Median nanoseconds a decision, in rounds that fit the ring; between rounds it is emptied.
double decide_ns(const Engine& engine, const Asked& asked, std::size_t count,
                 const ring::Region* region) {
  constexpr std::size_t kRounds = 401;
  constexpr std::size_t kDecisions = 8'192;
  std::vector<double> rounds;
  for (std::size_t round = 0; round < kRounds; ++round) {
    const std::size_t step = std::min(count, kDecisions);
    const auto start = Clock::now();
    for (std::size_t done = 0; done < kDecisions; done += step) {
      cli::keep(decide_all(engine, asked, step, (round * kDecisions + done) % count));
    }
    rounds.push_back(seconds(Clock::now() - start) * 1e9 / static_cast<double>(kDecisions));
    if (region != nullptr) free_slots(*region);
  }
  std::ranges::sort(rounds);
  return rounds[rounds.size() / 2];
}

Status record_cost(const Fixture& fixture, const Setup& setup, std::vector<Figure>& figures) {
  ring::RecorderOptions options;
  options.region = {setup.rings + "/cost", 4, 16'384, std::uint64_t{16} << 20};
  WRIT_ASSIGN(recorder, ring::RingRecorder::open(options));
  WRIT_ASSIGN(plain, load(fixture.compiled, {}));
  EngineOptions with;
  with.recorder = recorder.get();
  WRIT_ASSIGN(recorded, load(fixture.compiled, with));
  for (const std::size_t count : {std::size_t{64}, std::size_t{16'384}}) {
    Asked without = open(*plain, fixture.workload, count);
    Asked exact = open(*recorded, fixture.workload, count);
    forget_time(without);
    forget_time(exact);
    const double floor = decide_ns(*plain, without, count, nullptr);
    const double ns = decide_ns(*recorded, exact, count, recorder->region().get());
    figures.push_back({fmt::format("decision with its exact record, {} handles", count), ns, 0,
                       floor, "the same without"});
    // The time is given: nobody reads the processor's counter, for which it waits on some machines
    // until everything before is done.
    for (Ask& ask : exact.asks) ask.time_us = 1'767'225'600'000'000;
    const double timed = decide_ns(*recorded, exact, count, recorder->region().get());
    figures.push_back({fmt::format("the same at a time that is given, {} handles", count), timed, 0,
                       floor, "the same without"});
  }
  recorder->region()->unlink();
  return {};
}

std::uint64_t folder_bytes(const std::string& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() != ".writb") bytes += entry.file_size();
  }
  return bytes;
}

/// One thread decides as fast as it can, the drain follows: events a second, all on disk.
Status sustained(const Fixture& fixture, const Setup& setup, std::vector<Figure>& figures) {
  WRIT_ASSIGN(trail, open_trail(setup, "sustained", 1 << 20));
  EngineOptions with;
  with.recorder = &trail->recorder();
  WRIT_ASSIGN(engine, load(fixture.compiled, with));
  Asked asked = open(*engine, fixture.workload, 16'384);
  forget_time(asked);
  const auto start = Clock::now();
  for (std::size_t done = 0; done < setup.events; done += asked.asks.size()) {
    cli::keep(decide_all(*engine, asked, asked.asks.size()));
  }
  WRIT_TRY(trail->close());
  const double took = seconds(Clock::now() - start);
  const double events = static_cast<double>((setup.events + asked.asks.size() - 1) /
                                            asked.asks.size() * asked.asks.size());
  figures.push_back(
      {"events on disk, one core decides, one drains", 0, events / took, 5e6, "goal"});
  const double bytes = static_cast<double>(folder_bytes(setup.folder + "/sustained"));
  figures.push_back({"bytes an event in the log, typical", bytes / events, 0, 16, "goal", "bytes"});
  return {};
}

/// The drain alone: rings that are full, to the disk.
Status drain_alone(const Fixture& fixture, const Setup& setup, std::vector<Figure>& figures) {
  ring::RecorderOptions options;
  options.region = {setup.rings + "/full", 2, 1 << 22, std::uint64_t{16} << 20};
  options.bundles = setup.folder + "/bundles";
  WRIT_ASSIGN(recorder, ring::RingRecorder::open(options));
  EngineOptions with;
  with.recorder = recorder.get();
  WRIT_ASSIGN(engine, load(fixture.compiled, with));
  Asked asked = open(*engine, fixture.workload, 16'384);
  forget_time(asked);
  std::size_t events = 0;
  for (; events + asked.asks.size() < (1 << 22) - 8; events += asked.asks.size()) {
    cli::keep(decide_all(*engine, asked, asked.asks.size()));
  }
  drain::DrainOptions drain;
  drain.rings = setup.folder + "/nowhere";
  drain.log = setup.folder + "/alone";
  WRIT_ASSIGN(one, drain::Drain::open(drain));
  WRIT_TRY(one->adopt(recorder->region(), [&](std::uint32_t generation, const auto&) {
    return recorder->dictionary().words(generation);
  }));
  const auto start = Clock::now();
  const double begun = processor_seconds();
  while (one->turn() != 0) {
  }
  WRIT_TRY(one->close());
  const double took = seconds(Clock::now() - start);
  const double worked = processor_seconds() - begun;
  figures.push_back({"events from full rings to the disk, one core", 0,
                     static_cast<double>(events) / took, 5e6, "goal"});
  figures.push_back({kOfItsOwn, 0,
                     static_cast<double>(events) / worked, 5e6, "goal"});
  recorder->region()->unlink();
  return {};
}

Status bench_all(const Setup& setup, std::vector<Figure>& figures) {
  WRIT_ASSIGN(fixture, make_fixture(setup.rows));
  if (setup.wants("record")) WRIT_TRY(record_cost(fixture, setup, figures));
  if (setup.wants("drain")) WRIT_TRY(drain_alone(fixture, setup, figures));
  if (setup.wants("attributes")) WRIT_TRY(with_attributes(setup, figures));
  const auto parts = {"sustained", "render", "replay", "query", "verify"};
  if (std::ranges::none_of(parts, [&](const char* part) { return setup.wants(part); })) return {};
  WRIT_TRY(sustained(fixture, setup, figures));
  return read_log(fixture, setup, figures);
}

std::string json_of(const std::vector<Figure>& figures) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Figure& figure : figures) {
    nlohmann::ordered_json row = {{"question", figure.question}};
    if (figure.per_second > 0) {
      row["per_second"] = figure.per_second;
    } else {
      row[figure.unit.empty() ? "ns" : figure.unit] = figure.ns;
    }
    row["floor"] = figure.floor;
    row["floor_is"] = figure.floor_name;
    rows.push_back(row);
  }
  return nlohmann::ordered_json{{"rows", rows}}.dump(2) + "\n";
}

void print(const std::vector<Figure>& figures) {
  fmt::print("{:<52} {:>14} {:>14}\n", "question", "value", "floor or goal");
  for (const Figure& figure : figures) {
    const std::string unit = figure.per_second > 0 ? "/s" : figure.unit.empty() ? " ns" : " B";
    const double value = figure.per_second > 0 ? figure.per_second : figure.ns;
    const int digits = figure.per_second > 0 ? 0 : 1;
    fmt::print("{:<52} {:>14} {:>14} {}\n", figure.question,
               fmt::format("{:.{}f}{}", value, digits, unit),
               figure.floor == 0 ? "-" : fmt::format("{:.{}f}{}", figure.floor, digits, unit),
               figure.floor_name);
  }
}

}  // namespace
}  // namespace writ::bench

int main(int argc, char** argv) {
  using namespace writ::bench;
  Setup setup;
  setup.rows = std::stoull(option(argc, argv, "--rows", "10000"));
  setup.events = std::stoull(option(argc, argv, "--events", "10000000"));
  setup.only = option(argc, argv, "--only", "");
  setup.folder = option(argc, argv, "--folder", fmt::format("build/bench-audit-{}", ::getpid()));
  setup.rings = fmt::format("/dev/shm/writ-bench-{}", ::getpid());
  std::filesystem::create_directories(setup.folder);
  std::vector<Figure> figures;
  const writ::Status status = bench_all(setup, figures);
  std::error_code ignored;
  std::filesystem::remove_all(setup.folder, ignored);
  std::filesystem::remove_all(setup.rings, ignored);
  if (!status) {
    fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
    return 3;
  }
  if (option(argc, argv, "--format", "text") == "json") {
    fmt::print("{}", json_of(figures));
  } else {
    print(figures);
  }
  const std::string path = option(argc, argv, "--json", "");
  const std::string text = json_of(figures);
  if (!path.empty() && !writ::write_file(path, std::as_bytes(std::span(text)))) return 3;
  return 0;
}
