// bench_decide: nanoseconds a decision beside the floors, in one process.
//   --json FILE   rows for machines      --sizes 10000,1000000   of `typical`
#include "compiler/cli/bench_trail.h"
#include "compiler/cli/floor.h"
#include "compiler/cli/measure.h"
#include "tests/bench/floor/semantic.h"
#include "tests/bench/rows.h"
#include "tests/bench/scenario.h"
#include "tests/bench/twenty.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>

namespace writ::bench {
namespace {

using cli::measure_ns;

constexpr std::size_t kHotAsks = 64;         // fit the first cache with all they touch
constexpr std::size_t kSpreadAsks = 16'384;  // do not
constexpr std::size_t kBatch = 16;
constexpr std::size_t kRecordsARound = 2'048;  // of 16,384 slots in a ring; some take several

/// How a row is timed: so many asks a pass, then the next as many.
struct Rounds {
  std::size_t window = SIZE_MAX;
  cli::MeasureOptions options;
};

/// Rounds that fit a ring; between them the drain empties it.
Rounds recorded_rounds(const cli::BenchTrail& trail, std::size_t asks) {
  Rounds rounds;
  rounds.window = std::min(asks, kRecordsARound);
  rounds.options.rounds = 31;
  rounds.options.passes_max = kRecordsARound / rounds.window;
  rounds.options.between = [&trail] { trail.settle(); };
  return rounds;
}

/// Nobody says the time: the record's is the recorder's own, as in a broker.
void forget_time(std::vector<Ask>& asks) {
  for (Ask& ask : asks) {
    ask.time_us.reset();
  }
}

double call_floor(std::size_t asks) {
  const cli::CallFloor floor(asks, 8);
  return measure_ns(asks, [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < asks; ++i) {
      sum += floor.permits(i, i & 7, 3) ? 1 : 0;
    }
    return sum;
  });
}

/// Nanoseconds, and how many answers differ from ours (none must).
struct Semantic {
  double ns = 0;
  std::size_t different = 0;
};

Semantic semantic_floor(const tests::Workload& workload, const Engine& engine, const Asked& asked) {
  const SemanticFloor floor(workload);
  std::vector<SemanticFloor::Session> sessions(asked.sessions.size());
  std::vector<std::uint32_t> operations;
  for (std::size_t i = 0; i < asked.asks.size(); ++i) {
    sessions[asked.session_of[i]] = floor.open(workload.asks[i].principal, workload.asks[i].host);
    operations.push_back(floor.operation(workload.asks[i].operation));
  }
  const auto permits = [&](std::size_t i) {
    return floor.permits(sessions[asked.session_of[i]], asked.requests[i].kind,
                         asked.requests[i].name, operations[i]);
  };
  Semantic found;
  for (std::size_t i = 0; i < asked.asks.size(); ++i) {
    const Decision ours = engine.authorize(*asked.sessions[asked.session_of[i]], asked.requests[i]);
    found.different += permits(i) != (ours.verdict == Verdict::Allow) ? 1 : 0;
  }
  found.ns = measure_ns(asked.asks.size(), [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < asked.asks.size(); ++i) {
      sum += permits(i) ? 1 : 0;
    }
    return sum;
  });
  return found;
}

/// Nanoseconds of each of `count` questions; `ask` answers the one at an index.
template <class AskOne>
double time_asks(std::size_t count, const Rounds& rounds, AskOne ask) {
  const std::size_t window = std::min(rounds.window, count);
  std::size_t begin = 0;
  return measure_ns(
      window,
      [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = begin; i < begin + window; ++i) {
          sum += ask(i);
        }
        begin = begin + 2 * window <= count ? begin + window : 0;
        return sum;
      },
      rounds.options);
}

double by_handle(const Engine& engine, const Asked& asked, const Rounds& rounds = {}) {
  // As a broker has them: the session of a connection and what it asks, at hand.
  struct Question {
    const Session* session;
    Ask ask;
  };
  std::vector<Question> questions;
  for (std::size_t i = 0; i < asked.asks.size(); ++i) {
    questions.push_back({asked.sessions[asked.session_of[i]].get(), asked.asks[i]});
  }
  return time_asks(questions.size(), rounds, [&](std::size_t i) -> std::uint64_t {
    return engine.permits(*questions[i].session, questions[i].ask) ? 1 : 0;
  });
}

double by_name(const Engine& engine, const Asked& asked, const Rounds& rounds = {}) {
  return time_asks(asked.asks.size(), rounds, [&](std::size_t i) {
    return static_cast<std::uint64_t>(
        engine.authorize(*asked.sessions[asked.session_of[i]], asked.requests[i]).verdict);
  });
}

double masks(const Engine& engine, const Asked& asked, const Rounds& rounds = {}) {
  return time_asks(asked.asks.size(), rounds, [&](std::size_t i) -> std::uint64_t {
    return engine.allowed(*asked.sessions[asked.session_of[i]], asked.asks[i], 0xFFFF'FFFF);
  });
}

double batches(const Engine& engine, const Asked& asked, Rounds rounds = {}) {
  std::array<Decision, kBatch> answers;
  if (rounds.window != SIZE_MAX) {
    rounds.window /= kBatch;
  }
  return time_asks(asked.asks.size() / kBatch, rounds,
                   [&](std::size_t i) {
                     engine.authorize_batch(*asked.sessions[asked.session_of[i * kBatch]],
                                            std::span(asked.asks).subspan(i * kBatch, kBatch),
                                            answers);
                     return static_cast<std::uint64_t>(answers[0].verdict);
                   }) /
         static_cast<double>(kBatch);
}

void add(std::vector<Row>& rows, Row row) {
  print(row);
  rows.push_back(std::move(row));
}

Status bench_shape(tests::Shape shape, std::size_t grants, std::vector<Row>& rows) {
  const tests::Workload workload = tests::make_workload(shape, grants, kSpreadAsks, 1);
  WRIT_ASSIGN(compiled, compile_rows(workload));
  WRIT_ASSIGN(engine, load(compiled, {}));
  WRIT_ASSIGN(trail, cli::BenchTrail::open());
  EngineOptions recorded_options;
  recorded_options.recorder = trail->recorder();
  WRIT_ASSIGN(recorded, load(compiled, recorded_options));

  const std::string name(tests::name_of(shape));
  const std::size_t count = compiled.program.grants.size();
  const Asked hot = open(*engine, workload, kHotAsks);
  const Asked spread = open(*engine, workload, kSpreadAsks);
  Asked hot_recorded = open(*recorded, workload, kHotAsks);
  Asked spread_recorded = open(*recorded, workload, kSpreadAsks);
  forget_time(hot_recorded.asks);
  forget_time(spread_recorded.asks);
  const Rounds hot_rounds = recorded_rounds(*trail, kHotAsks);
  const Rounds spread_rounds = recorded_rounds(*trail, kSpreadAsks);
  const double call_hot = call_floor(kHotAsks);
  const double call_spread = call_floor(kSpreadAsks);
  const Semantic semantic = semantic_floor(workload, *engine, spread);
  if (semantic.different != 0) {
    return fail(ErrorCode::Internal,
                fmt::format("{} of {} answers are not those of the hand-written floor",
                            semantic.different, spread.asks.size()),
                name);
  }
  const auto row = [&](const char* question, double ns, double recorded_ns, const char* floor,
                       double floor_ns) {
    add(rows, {name, count, question, "native", ns, recorded_ns, floor, floor_ns});
  };
  row("handle", by_handle(*engine, hot), by_handle(*recorded, hot_recorded, hot_rounds), "call",
      call_hot);
  row("handle-cold", by_handle(*engine, spread),
      by_handle(*recorded, spread_recorded, spread_rounds), "call", call_spread);
  row("name", by_name(*engine, spread), by_name(*recorded, spread_recorded, spread_rounds),
      "semantic", semantic.ns);
  row("mask", masks(*engine, spread), masks(*recorded, spread_recorded, spread_rounds), "call",
      call_spread);
  row("batch16", batches(*engine, spread), batches(*recorded, spread_recorded, spread_rounds),
      "semantic", semantic.ns);
  return {};
}

/// The requests of the twenty rules, once in handles and once in words.
struct TwentyAsked {
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<Resource>> resources;
  std::vector<std::unique_ptr<RequestValues>> values;
  std::vector<Ask> asks;
};

TwentyAsked open(const Engine& engine, const Twenty& twenty) {
  TwentyAsked asked;
  for (std::size_t i = 0; i < twenty.requests.size(); ++i) {
    const RequestFacts& request = twenty.requests[i];
    asked.sessions.push_back(engine.open(twenty.sessions[i]));
    asked.resources.push_back(engine.resource(request.kind, request.name));
    asked.values.push_back(engine.request_values());
    for (const auto& [name, value] : request.attributes) {
      if (value)
        asked.values.back()->set(engine.attribute(name).value_or(0), *value);
    }
    Ask ask;
    ask.resource = asked.resources.back().get();
    ask.operation = engine.operation(request.kind, request.operation).value_or(0);
    ask.time_us = request.time_us;
    ask.values = asked.values.back().get();
    asked.asks.push_back(ask);
  }
  return asked;
}

std::size_t count_different(const Engine& engine, const Twenty& twenty, const TwentyAsked& asked) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < twenty.requests.size(); ++i) {
    const bool wanted = permits_by_hand(twenty.by_hand[i]);
    const Session& session = *asked.sessions[i];
    const auto answers = {engine.authorize(session, twenty.requests[i]),
                          engine.authorize(session, asked.asks[i]),
                          engine.authorize(session, asked.asks[i])};
    for (const Decision& decision : answers) {
      different += wanted != (decision.verdict == Verdict::Allow) ? 1 : 0;
    }
  }
  return different;
}

/// Nanoseconds of each question by handle and by name.
struct TwentyTimes {
  double handle = 0;
  double name = 0;
};

Result<TwentyTimes> time_twenty(const Engine& engine, const Twenty& twenty, const char* what,
                                const Rounds& rounds) {
  const TwentyAsked asked = open(engine, twenty);
  if (const std::size_t different = count_different(engine, twenty, asked); different != 0) {
    return fail(ErrorCode::Internal,
                fmt::format("{} of {} answers are not those of the rules by hand", different,
                            3 * twenty.requests.size()),
                what);
  }
  const auto measure = [&](const auto& requests) {
    return time_asks(twenty.requests.size(), rounds, [&](std::size_t i) {
      return static_cast<std::uint64_t>(engine.authorize(*asked.sessions[i], requests[i]).verdict);
    });
  };
  TwentyTimes times;
  times.handle = measure(asked.asks);
  times.name = measure(twenty.requests);
  return times;
}

Status bench_twenty(std::vector<Row>& rows) {
  WRIT_ASSIGN(twenty, read_twenty());
  WRIT_ASSIGN(compiled, compile_policy("policies/twenty-rules"));
  const double by_hand = measure_ns(twenty.by_hand.size(), [&] {
    std::uint64_t sum = 0;
    for (const HandRequest& request : twenty.by_hand) {
      sum += permits_by_hand(request) ? 1 : 0;
    }
    return sum;
  });
  for (const Tier tier : {Tier::Native, Tier::Interpreter}) {
    EngineOptions options;
    options.tier = tier;
    WRIT_ASSIGN(engine, load(compiled, options));
    WRIT_ASSIGN(without, time_twenty(*engine, twenty, "twenty-rules", {}));
    WRIT_ASSIGN(trail, cli::BenchTrail::open());
    options.recorder = trail->recorder();
    WRIT_ASSIGN(recording, load(compiled, options));
    WRIT_ASSIGN(with, time_twenty(*recording, twenty, "twenty-rules, recorded",
                                  recorded_rounds(*trail, twenty.requests.size())));
    const char* name = tier == Tier::Native ? "native" : "interpreter";
    const std::size_t count = compiled.program.grants.size();
    add(rows, {"twenty-rules", count, "conditional", name, without.handle, with.handle, "by-hand",
               by_hand});
    add(rows, {"twenty-rules", count, "conditional-name", name, without.name, with.name, "by-hand",
               by_hand});
  }
  return {};
}

Status bench_all(const std::string& sizes, std::vector<Row>& rows) {
  WRIT_TRY(bench_twenty(rows));
  for (std::size_t at = 0; at < sizes.size();) {
    const std::size_t end = std::min(sizes.find(',', at), sizes.size());
    const auto size = static_cast<std::size_t>(std::strtoull(sizes.c_str() + at, nullptr, 10));
    WRIT_TRY(bench_shape(tests::Shape::Typical, std::max<std::size_t>(size, 100), rows));
    at = end + 1;
  }
  for (const tests::Shape shape : tests::kShapes) {
    if (shape != tests::Shape::Typical) {
      WRIT_TRY(bench_shape(shape, shape == tests::Shape::MetadataStorm ? 7'000 : 10'000, rows));
    }
  }
  return {};
}

}  // namespace
}  // namespace writ::bench

int main(int argc, char** argv) {
  using namespace writ::bench;
  std::vector<Row> rows;
  print_header();
  const writ::Status status = bench_all(option(argc, argv, "--sizes", "10000,1000000"), rows);
  if (!status) {
    fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
    return 3;
  }
  const std::string json = option(argc, argv, "--json", "");
  if (!json.empty()) {
    if (const writ::Status written = write_json(json, rows); !written) {
      fmt::print(stderr, "error: {} ({})\n", written.error().message, written.error().where);
      return 3;
    }
  }
  return 0;
}
