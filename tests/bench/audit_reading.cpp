// What bench_audit reads of the log that it wrote.
#include "compiler/analyze/replay.h"
#include "compiler/cli/measure.h"
#include "runtime/audit/log/reader.h"
#include "runtime/audit/log/verify.h"
#include "runtime/audit/query/query.h"
#include "runtime/audit/render/renderer.h"
#include "tests/bench/audit_figures.h"
#include "tests/bench/twenty.h"

#include <algorithm>
#include <span>

namespace writ::bench {
namespace {

using audit::Batch;
using audit::Entry;

Status rendering(const Setup& setup, std::vector<Figure>& figures) {
  WRIT_ASSIGN(reader, audit::log::Reader::open(setup.folder + "/sustained", {}, {}));
  audit::render::Renderer renderer{audit::EventOptions{}};
  std::string out;
  double took = 0;
  double worked = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  while (events < 2'000'000) {
    Batch batch;
    WRIT_ASSIGN(more, reader->next(batch));
    if (!more) break;
    out.clear();
    const auto start = Clock::now();
    const double begun = processor_seconds();
    for (std::span<const Entry> rows = batch.entries; !rows.empty();) {
      rows = rows.subspan(renderer.next(reader->definitions(), rows, out));
    }
    worked += processor_seconds() - begun;
    took += seconds(Clock::now() - start);
    events += batch.entries.size();
    bytes += out.size();
  }
  const auto count = static_cast<double>(std::max<std::uint64_t>(events, 1));
  figures.push_back({"events rendered as JSON, one core", 0, count / took, 1e6, "goal"});
  figures.push_back({kOfItsOwn, 0, count / worked, 1e6, "goal"});
  figures.push_back(
      {"bytes of JSON an event", static_cast<double>(bytes) / count, 0, 0, "", "bytes"});
  return {};
}

/// Under the bundle that decided: nothing changes.
Status replaying(const Compiled& compiled, const std::string& folder, const char* question,
                 std::vector<Figure>& figures) {
  WRIT_ASSIGN(engine, load(compiled, {}));
  const auto start = Clock::now();
  const double begun = processor_seconds();
  WRIT_ASSIGN(replayed, analyze::replay(folder, *engine, {}));
  if (replayed.changed != 0) return fail(ErrorCode::Internal, "a replay changed verdicts");
  const auto count = static_cast<double>(replayed.decisions);
  figures.push_back({question, 0, count / seconds(Clock::now() - start), 1e6, "goal"});
  figures.push_back({kOfItsOwn, 0, count / (processor_seconds() - begun), 1e6, "goal"});
  return {};
}

Status searching(const Fixture& fixture, const Setup& setup, std::vector<Figure>& figures) {
  const std::string& principal = fixture.workload.asks.front().principal;
  const audit::query::Filter one{.principals = {principal}};
  for (const char* question : {"events searched for one principal, making the index",
                               "events searched for one principal, with the index"}) {
    const auto start = Clock::now();
    WRIT_ASSIGN(counts, audit::query::run(setup.folder + "/sustained", one, {},
                                          [](const auto&, const auto&) { return true; }));
    figures.push_back(
        {question, 0, static_cast<double>(counts.rows) / seconds(Clock::now() - start), 0, ""});
  }
  return {};
}

Status verifying(const Setup& setup, std::vector<Figure>& figures) {
  const auto start = Clock::now();
  WRIT_ASSIGN(report, audit::log::verify(setup.folder + "/sustained", {}));
  figures.push_back({"events verified, one core", 0,
                     static_cast<double>(report.rows) / seconds(Clock::now() - start), 0, ""});
  return {};
}

}  // namespace

Status with_attributes(const Setup& setup, std::vector<Figure>& figures) {
  WRIT_ASSIGN(twenty, read_twenty());
  WRIT_ASSIGN(compiled, compile_policy("policies/twenty-rules"));
  WRIT_ASSIGN(trail, open_trail(setup, "attributes", 1 << 20));
  EngineOptions with;
  with.recorder = &trail->recorder();
  WRIT_ASSIGN(engine, load(compiled, with));
  std::vector<std::unique_ptr<Session>> sessions;
  for (const SessionFacts& facts : twenty.sessions) sessions.push_back(engine->open(facts));
  const std::size_t events = setup.events / 10;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < events; ++i) {
    const std::size_t at = i % sessions.size();
    const Decision decision = engine->authorize(*sessions[at], twenty.requests[at]);
    cli::keep(static_cast<std::uint64_t>(decision.verdict));
  }
  WRIT_TRY(trail->close());
  figures.push_back({"events with name and attributes on disk", 0,
                     static_cast<double>(events) / seconds(Clock::now() - start), 0, ""});
  return replaying(compiled, setup.folder + "/attributes",
                   "decisions with name and attributes replayed", figures);
}

Status read_log(const Fixture& fixture, const Setup& setup, std::vector<Figure>& figures) {
  if (setup.wants("render")) WRIT_TRY(rendering(setup, figures));
  if (setup.wants("replay")) {
    WRIT_TRY(replaying(fixture.compiled, setup.folder + "/sustained",
                       "decisions replayed, one core", figures));
  }
  if (setup.wants("query")) WRIT_TRY(searching(fixture, setup, figures));
  return setup.wants("verify") ? verifying(setup, figures) : Status();
}

}  // namespace writ::bench
