#include "tests/bench/audit_render.h"

#include <chrono>
#include <random>

#include "runtime/audit/attributes.h"
#include "runtime/audit/render/renderer.h"

namespace writ::bench {
namespace {

using namespace audit;

constexpr std::uint32_t kSessions = 1'000;
constexpr std::uint32_t kResources = 2'000;
constexpr std::uint32_t kQuestions = 8;
constexpr std::uint32_t kReasons = 64;
constexpr std::size_t kRows = 16'384;

Batch definitions() {
  Batch out;
  out.instance.id = "0123456789abcdef0123456789abcdef";
  for (std::uint32_t id = 1; id <= kSessions; ++id) {
    SessionDef def;
    def.id = id;
    def.facts.principal_type = "User";
    def.facts.principal_name = "sa-" + std::to_string(id);
    def.facts.groups = {"ledger-writers", "contractors"};
    def.facts.host = "10.1.2.3";
    def.facts.attributes = {{"sasl.mechanism", Value::of_text("OAUTHBEARER")}};
    out.sessions.push_back(def);
  }
  for (std::uint32_t id = 1; id <= kResources; ++id) {
    out.resources.push_back({id, "Topic", "ledger.postings." + std::to_string(id)});
  }
  for (std::uint32_t id = 1; id <= kQuestions; ++id) {
    QuestionDef def;
    def.id = id;
    def.generation = def.version = 3;
    def.digest = std::string(64, 'a');
    def.package = "acme";
    def.kind = "Topic";
    def.operations = {id % 2 == 0 ? "Read" : "Write"};
    def.scope = "acme.prod.payments";
    def.scope_id = "lkc-682o6";
    def.model = "kafka";
    def.levels = "organization=acme/environment=prod/cluster=lkc-682o6";
    out.questions.push_back(def);
  }
  for (std::uint32_t id = 1; id <= kReasons; ++id) {
    ReasonDef def;
    def.id = id;
    def.reason = ReasonClass::Allow;
    def.grant = id;
    def.why.rule = def.why.role = "LedgerWriter";
    def.why.statement = "bind LedgerWriter to ledger-writers at prod.payments";
    def.why.file = "teams/ledger.writ";
    def.why.line = id;
    def.why.pattern_type = "PREFIX";
    def.why.pattern_name = "ledger.";
    def.why.scope_levels = "organization=acme/environment=prod/cluster=lkc-682o6";
    def.why.acting_principal = "Group:ledger-writers";
    out.reasons.push_back(def);
  }
  return out;
}

enum class Form { Handle, Name, Attributes };

std::vector<Entry> rows_of(Form form) {
  std::mt19937_64 random(1);
  std::string attributes;
  std::vector<Entry> out(kRows);
  for (std::size_t i = 0; i < out.size(); ++i) {
    Entry& row = out[i];
    row.sequence = i + 1'000'000;
    row.verdict = Verdict::Allow;
    row.time_us = 1'767'268'800'000'000 + static_cast<std::int64_t>(i);
    row.uncertainty_us = 100;
    row.session = static_cast<std::uint32_t>(1 + random() % kSessions);
    row.question = static_cast<std::uint32_t>(1 + random() % kQuestions);
    row.reason = static_cast<std::uint32_t>(1 + random() % kReasons);
    row.resource = static_cast<std::uint32_t>(1 + random() % kResources);
    if (form == Form::Name) {
      row.resource = 0;
      row.name = "ledger.postings." + std::to_string(random() % 100'000);
    }
    if (form == Form::Attributes) {
      encode_attributes({{"client.id", Value::of_text("app-" + std::to_string(random() % 100))},
                         {"request.type", Value::of_text("Produce")}},
                        row.attributes);
    }
  }
  return out;
}

template <class Once>
double per_second(double seconds, const Once& once) {
  using Clock = std::chrono::steady_clock;
  once();
  std::uint64_t events = 0;
  const auto begin = Clock::now();
  std::chrono::duration<double> spent{};
  do {
    once();
    events += kRows;
    spent = Clock::now() - begin;
  } while (spent.count() < seconds);
  return static_cast<double>(events) / spent.count();
}

RenderRow measure(const std::string& question, Form form, double seconds) {
  DefinitionTable table;
  table.add(definitions());
  const std::vector<Entry> rows = rows_of(form);
  render::Renderer renderer{EventOptions{}};
  std::string out;
  RenderRow row;
  row.question = question;
  row.per_second = per_second(seconds, [&] {
    out.clear();
    for (const Entry& entry : rows) renderer.event(table, entry, out);
  });
  row.bytes = static_cast<double>(out.size()) / static_cast<double>(kRows);
  const std::string line(static_cast<std::size_t>(row.bytes), 'x');
  row.floor_per_second = per_second(seconds, [&] {
    out.clear();
    for (std::size_t i = 0; i < kRows; ++i) out.append(line);
  });
  return row;
}

}  // namespace

std::vector<RenderRow> render_rows(double seconds) {
  return {measure("events of resources with a handle", Form::Handle, seconds),
          measure("events of resources by name", Form::Name, seconds),
          measure("events with attributes of the request", Form::Attributes, seconds)};
}

}  // namespace writ::bench
