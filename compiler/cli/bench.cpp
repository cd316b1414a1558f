// writ bench: what a decision takes, beside the floor, in this process.
#include "compiler/cli/bench_trail.h"
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "compiler/cli/floor.h"
#include "compiler/cli/measure.h"
#include "compiler/cli/request_lines.h"
#include "compiler/cli/source_engine.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace writ::cli {
namespace {

// Enough to be spread over a policy, few enough that opening sessions takes no time.
constexpr std::size_t kAsksMax = 1'024;
constexpr std::size_t kBatch = 16;
struct BenchOptions {
  SourceOptions source;
  std::string requests;
  Format format = Format::Text;
};

struct Row {
  std::string question;
  double ns = 0;
  double ns_without_record = 0;
  double floor_ns = 0;
};

/// Requests with their handles in one engine.
struct Asked {
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<Resource>> resources;
  std::vector<Ask> asks;
};

/// Questions at the grants of the program itself, where no file gives any.
std::vector<RequestLine> questions(const ir::Program& program) {
  std::vector<RequestLine> lines;
  const std::size_t step = std::max<std::size_t>(1, program.grants.size() / kAsksMax);
  for (std::size_t i = 0; i < program.grants.size() && lines.size() < kAsksMax; i += step) {
    const ir::Grant& grant = program.grants[i];
    if (!grant.kind.valid() || !grant.pattern.valid() || grant.operations == 0) {
      continue;
    }
    const ir::Subject& subject = program.subjects[grant.subject.index];
    const ir::Kind& kind = program.kinds[grant.kind.index];
    const auto bit = static_cast<std::size_t>(std::countr_zero(grant.operations));
    if (bit >= kind.operations.size()) {
      continue;
    }
    const bool named = subject.form == ir::SubjectForm::Principal;
    RequestLine line;
    line.session.principal_type = named ? program.text(subject.type_name) : "User";
    line.session.principal_name = named ? program.text(subject.name) : "somebody";
    line.session.groups.emplace();
    line.session.host = "10.0.0.1";
    const ir::Scope* scope = grant.scope.valid() ? &program.scopes[grant.scope.index] : nullptr;
    if (scope != nullptr && scope->leaf) {
      line.session.scope = program.text(scope->id.valid() ? scope->id : scope->name);
    }
    line.request.kind = program.text(kind.name);
    line.request.operation = program.text(program.operations[kind.operations[bit].index].name);
    line.request.name = program.text(program.patterns[grant.pattern.index].text);
    line.request.time_us = Engine::now_us();
    lines.push_back(std::move(line));
  }
  return lines;
}

Asked prepare(const Engine& engine, const std::vector<RequestLine>& lines) {
  Asked asked;
  for (const RequestLine& line : lines) {
    asked.sessions.push_back(engine.open(line.session));
    asked.resources.push_back(engine.resource(line.request.kind, line.request.name));
    Ask ask;
    ask.resource = asked.resources.back().get();
    ask.operation = engine.operation(line.request.kind, line.request.operation).value_or(0);
    ask.attributes = line.request.attributes.empty() ? nullptr : &line.request.attributes;
    ask.time_us = line.request.time_us;
    asked.asks.push_back(ask);
  }
  return asked;
}

// The four questions of a broker, each nanoseconds a decision.
std::array<double, 4> measure(const Engine& engine, const std::vector<RequestLine>& lines,
                              MeasureOptions options) {
  const Asked asked = prepare(engine, lines);
  const std::size_t count = lines.size();
  std::array<double, 4> ns{};
  ns[0] = measure_ns(
      count,
      [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
          sum += engine.permits(*asked.sessions[i], asked.asks[i]) ? 1 : 0;
        }
        return sum;
      },
      options);
  ns[1] = measure_ns(
      count,
      [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
          sum += static_cast<std::uint64_t>(
              engine.authorize(*asked.sessions[i], lines[i].request).verdict);
        }
        return sum;
      },
      options);
  ns[2] = measure_ns(
      count,
      [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
          sum += engine.allowed(*asked.sessions[i], asked.asks[i], 0xFFFF'FFFF);
        }
        return sum;
      },
      options);
  const std::size_t batches = std::max<std::size_t>(1, count / kBatch);
  std::array<Decision, kBatch> answers;
  ns[3] = measure_ns(
      batches * std::min(kBatch, count),
      [&] {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < batches; ++i) {
          const std::size_t size = std::min(kBatch, count - i * kBatch);
          engine.authorize_batch(*asked.sessions[i * kBatch],
                                 std::span(asked.asks).subspan(i * kBatch, size),
                                 std::span(answers).first(size));
          sum += static_cast<std::uint64_t>(answers[0].verdict);
        }
        return sum;
      },
      options);
  return ns;
}

std::array<double, 4> measure_floor(const std::vector<RequestLine>& lines) {
  const std::size_t count = lines.size();
  const CallFloor call(count, 8);
  const double call_ns = measure_ns(count, [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      sum += call.permits(i, i & 7, 3) ? 1 : 0;
    }
    return sum;
  });
  ProbeFloor probe(count);
  for (const RequestLine& line : lines) {
    probe.add(line.session.principal_name, line.request.kind, line.request.name, 1);
  }
  const double probe_ns = measure_ns(count, [&] {
    std::uint64_t sum = 0;
    for (const RequestLine& line : lines) {
      sum += probe.find(line.session.principal_name, line.request.kind, line.request.name);
    }
    return sum;
  });
  return {call_ns, probe_ns, call_ns, call_ns};
}

// As many decisions as a ring takes before the drain must have come by. Where the policy asks for
// `durable`, each waits for the disk: few rounds are enough.
MeasureOptions recorded_rounds(const BenchTrail& trail) {
  MeasureOptions options;
  options.rounds = 5;
  options.passes_max = 4;
  options.between = [&trail] { trail.settle(); };
  return options;
}

/// Every decision leaves its exact record in a ring, and a drain brings it into a signed log.
Result<std::array<double, 4>> measure_recorded(const Source& source,
                                               const std::vector<RequestLine>& lines) {
  WRIT_ASSIGN(trail, BenchTrail::open());
  EngineOptions options;
  options.recorder = trail->recorder();
  std::array<double, 4> with{};
  {
    WRIT_ASSIGN(recorded, make_engine(source, options));
    static_cast<void>(recorded->await_native());
    with = measure(*recorded, lines, recorded_rounds(*trail));
  }
  WRIT_TRY(trail->close());
  return with;
}

Result<std::vector<Row>> bench_rows(const Source& source, const std::vector<RequestLine>& lines) {
  WRIT_ASSIGN(engine, make_engine(source, {}));
  // What is measured is the best that this build has.
  static_cast<void>(engine->await_native());
  const std::array<double, 4> without = measure(*engine, lines, {});
  WRIT_ASSIGN(with, measure_recorded(source, lines));
  const std::array<double, 4> floor = measure_floor(lines);
  const std::array<const char*, 4> names = {"handle", "name", "mask", "batch16"};
  std::vector<Row> rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    rows.push_back({names[i], with[i], without[i], floor[i]});
  }
  return rows;
}

void print_rows(const std::vector<Row>& rows, const Source& source, std::size_t asks,
                Format format) {
  if (format == Format::Json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Row& row : rows) {
      list.push_back({{"question", row.question},
                      {"ns", row.ns},
                      {"ns_without_record", row.ns_without_record},
                      {"floor_ns", row.floor_ns},
                      {"ratio", row.ns_without_record / row.floor_ns}});
    }
    print(nlohmann::ordered_json{{"rows", std::move(list)}}.dump() + "\n");
    return;
  }
  print(
      fmt::format("{} grants, {} questions; nanoseconds a decision, median of rounds\n"
                  "{:<10} {:>12} {:>16} {:>10} {:>8}\n",
                  source.program.grants.size(), asks, "question", "with record", "without record",
                  "floor", "ratio"));
  for (const Row& row : rows) {
    print(fmt::format("{:<10} {:>12.1f} {:>16.1f} {:>10.1f} {:>8.1f}\n", row.question, row.ns,
                      row.ns_without_record, row.floor_ns, row.ns_without_record / row.floor_ns));
  }
  if (std::ranges::any_of(source.program.audit_rules,
                          [](const ir::AuditRule& rule) { return rule.level != 0; })) {
    print(
        "The policy has some decisions wait until their record is on disk (`level durable`):\n"
        "`with record` is the mean over those and all others.\n");
  }
}

Exit bench(const BenchOptions& options) {
  const auto source = open_source(options.source);
  if (!source) {
    return source.error();
  }
  std::vector<RequestLine> lines;
  if (options.requests.empty()) {
    lines = questions(source->program);
  } else {
    const auto text = read_text(options.requests);
    if (!text) {
      return report(text.error(), options.format);
    }
    auto parsed = parse_requests(*text, options.requests, source->program, Engine::now_us());
    if (!parsed) {
      return report(parsed.error(), options.format);
    }
    lines = std::move(*parsed);
  }
  std::erase_if(lines, [](const RequestLine& line) { return line.any_resource; });
  if (lines.size() > kAsksMax) {
    lines.resize(kAsksMax);
  }
  if (lines.empty()) {
    return usage("there is nothing to ask: give --requests FILE.jsonl");
  }
  const auto rows = bench_rows(*source, lines);
  if (!rows) {
    return report(rows.error(), options.format);
  }
  print_rows(*rows, *source, lines.size(), options.format);
  return Exit::Ok;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("bench", "Nanoseconds a decision, beside the floor");
  auto options = std::make_shared<BenchOptions>();
  verb->add_option("SOURCE", options->source.paths,
                   "a bundle, or policy paths (compiled and signed in memory)")
      ->required();
  verb->add_option("--requests", options->requests,
                   "what to ask, one request a line; else the policy's own grants are asked about");
  verb->add_option("--trust", options->source.trust, "public key (PEM) of who signed the bundle");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Examples:\n"
      "  writ bench policies/acme\n"
      "  writ bench acme.writb --trust keys/release.pub.pem --requests requests.jsonl --format "
      "json\n"
      "handle: session and resource opened before; name: by strings; mask: all operations of a\n"
      "resource; batch16: one of sixteen asked at once. The floor is a call through a pointer and\n"
      "one load (for names: one probe of a hash table), the ratio is that of the decision itself.");
  verb->callback([options, &action] {
    options->source.format = options->format;
    action = [options] { return bench(*options); };
  });
}

}  // namespace writ::cli
