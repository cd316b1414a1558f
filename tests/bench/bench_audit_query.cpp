// bench_audit_query: a log of many decisions, written once, then searched, counted and proved.
//   --events 10000000   --json FILE   --log FOLDER (kept, and used again if it is there)
#include "runtime/audit/log/verify.h"
#include "runtime/audit/log/writer.h"
#include "runtime/audit/query/query.h"
#include "runtime/crypto/keys.h"
#include "tests/bench/rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

namespace writ::bench {
namespace {

constexpr std::uint32_t kPrincipals = 2'000;
constexpr std::uint32_t kSessions = 10'000;
constexpr std::uint32_t kResources = 50'000;
constexpr std::uint32_t kQuestions = 24;
constexpr std::uint32_t kReasons = 600;
constexpr std::size_t kBatchRows = 16'384;
constexpr std::size_t kBlocksASync = 8;
constexpr std::uint16_t kRings = 8;
constexpr const char* kInstance = "0123456789abcdef0123456789abcdef";

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

audit::Batch definitions() {
  audit::Batch batch;
  batch.instance = {kInstance, "boot", 1, 0};
  for (std::uint32_t id = 1; id <= kSessions; ++id) {
    audit::SessionDef& session = batch.sessions.emplace_back();
    session.id = id;
    session.facts.principal_type = "User";
    session.facts.principal_name = fmt::format("sa-{}", id % kPrincipals);
    session.facts.host = fmt::format("10.{}.{}.{}", id >> 16, id >> 8 & 255, id & 255);
  }
  for (std::uint32_t id = 1; id <= kResources; ++id) {
    batch.resources.push_back({id, "Topic", fmt::format("team-{}.orders.{}", id % 97, id)});
  }
  for (std::uint32_t id = 1; id <= kQuestions; ++id) {
    audit::QuestionDef& question = batch.questions.emplace_back();
    question.id = id;
    question.kind = "Topic";
    question.operations = {fmt::format("Operation{}", id)};
    question.scope = "acme.prod.payments";
  }
  for (std::uint32_t id = 1; id <= kReasons; ++id) {
    audit::ReasonDef& reason = batch.reasons.emplace_back();
    reason.id = id;
    reason.reason = id % 10 == 0 ? ReasonClass::Default : ReasonClass::Allow;
    reason.why.file = "teams.writ";
    reason.why.line = id;
  }
  return batch;
}

// Sessions ask again and again about their own resources; a few principals are rare.
void fill(audit::Batch& batch, std::mt19937_64& random, std::uint64_t* sequences,
          std::int64_t& time_us) {
  const auto ring = static_cast<std::uint16_t>(random() % kRings);
  batch.entries.resize(kBatchRows);
  for (audit::Entry& row : batch.entries) {
    const std::uint64_t bits = random();
    row.ring = ring;
    row.sequence = row.decisions = ++sequences[ring];
    row.time_us = time_us += static_cast<std::int64_t>(bits % 3);
    row.uncertainty_us = 20;
    row.session = 1 + static_cast<std::uint32_t>(bits >> 8) % kSessions;
    const auto own = static_cast<std::uint32_t>(bits >> 40) % 16;
    row.resource = 1 + (row.session * 31 + own) % kResources;
    row.question = 1 + static_cast<std::uint32_t>(bits >> 48) % kQuestions;
    row.reason = 1 + (row.session * 7 + static_cast<std::uint32_t>(bits >> 52) % 2) % kReasons;
    row.verdict = row.reason % 10 == 0 ? Verdict::Deny : Verdict::Allow;
  }
}

struct Asked {
  std::string question;
  double seconds = 0;
  std::uint64_t events = 0;
  std::uint64_t found = 0;
};

void show(const Asked& asked) {
  fmt::print("{:<44} {:>9.3f} s {:>14.0f} /s  {:>12} found\n", asked.question, asked.seconds,
             static_cast<double>(asked.events) / asked.seconds, asked.found);
  std::fflush(stdout);
}

Status write_log(const std::string& folder, const std::string& key, std::uint64_t events,
                 std::vector<Asked>& rows) {
  audit::log::WriterOptions options;
  options.key_pem = key;
  WRIT_ASSIGN(writer, audit::log::Writer::open(folder, options));
  audit::Batch batch = definitions();
  WRIT_ASSIGN(defined, writer->append(batch));
  static_cast<void>(defined);
  batch = {};
  batch.instance.id = kInstance;
  std::mt19937_64 random(1);
  std::uint64_t sequences[kRings] = {};
  std::int64_t time_us = 1'767'268'800'000'000;
  double spent = 0;
  for (std::uint64_t written = 0; written < events; written += kBatchRows) {
    fill(batch, random, sequences, time_us);
    const auto start = Clock::now();
    WRIT_ASSIGN(appended, writer->append(batch));
    static_cast<void>(appended);
    if (written / kBatchRows % kBlocksASync == 0) {
      WRIT_ASSIGN(synced, writer->sync());
      static_cast<void>(synced);
    }
    spent += seconds_since(start);
  }
  WRIT_TRY(writer->close());
  rows.push_back({"append, a sync each 8 blocks", spent, events, 0});
  show(rows.back());
  return {};
}

Status ask(const std::string& folder, const std::string& name, const audit::query::Filter& filter,
           audit::query::UseIndex index, std::vector<Asked>& rows) {
  audit::query::Options options;
  options.index = index;
  const auto start = Clock::now();
  WRIT_ASSIGN(counts, audit::query::run(folder, filter, options,
                                        [](const audit::Definitions&, const audit::Entry&) {
                                          return true;
                                        }));
  rows.push_back({name, seconds_since(start), counts.rows, counts.matched});
  show(rows.back());
  return {};
}

Status run(int argc, char** argv) {
  const std::uint64_t events = std::stoull(option(argc, argv, "--events", "10000000"));
  const std::string json = option(argc, argv, "--json", "");
  const std::string kept = option(argc, argv, "--log", "");
  const std::filesystem::path folder =
      kept.empty() ? std::filesystem::temp_directory_path() / fmt::format("writ-log-{}", getpid())
                   : std::filesystem::path(kept);
  std::vector<Asked> rows;
  WRIT_ASSIGN(key, crypto::new_key());
  const bool fresh = !std::filesystem::exists(folder);
  if (fresh) WRIT_TRY(write_log(folder, key.private_pem, events, rows));
  using audit::query::UseIndex;
  const audit::query::Filter one{.principals = {"User:sa-7"}};
  const audit::query::Filter rare{.resources = {"team-5.orders.102"}, .verdict = Verdict::Deny};
  WRIT_TRY(ask(folder, "make indexes", {.principals = {"User:none"}}, UseIndex::Make, rows));
  WRIT_TRY(ask(folder, "one of 2,000 principals", one, UseIndex::Make, rows));
  WRIT_TRY(ask(folder, "one resource, denied", rare, UseIndex::Make, rows));
  WRIT_TRY(ask(folder, "nobody", {.principals = {"User:none"}}, UseIndex::Make, rows));
  WRIT_TRY(ask(folder, "one principal, every block read", one, UseIndex::No, rows));
  const auto start = Clock::now();
  audit::log::VerifyOptions how;
  if (fresh) how.public_keys_pem = {key.public_pem};
  WRIT_ASSIGN(report, audit::log::verify(folder, how));
  rows.push_back({"verify", seconds_since(start), report.rows, report.findings_count});
  show(rows.back());
  fmt::print("{:.2f} bytes a decision; verify {:.0f} MB/s\n",
             static_cast<double>(report.bytes) / static_cast<double>(report.rows),
             static_cast<double>(report.bytes) / 1e6 / rows.back().seconds);
  if (kept.empty()) std::filesystem::remove_all(folder);
  if (json.empty()) return {};
  auto out = nlohmann::ordered_json::array();
  for (const Asked& asked : rows) {
    out.push_back({{"question", asked.question},
                   {"seconds", asked.seconds},
                   {"per_second", static_cast<double>(asked.events) / asked.seconds},
                   {"found", asked.found}});
  }
  std::ofstream(json) << out.dump(2) << "\n";
  return {};
}

}  // namespace
}  // namespace writ::bench

int main(int argc, char** argv) {
  const writ::Status status = writ::bench::run(argc, argv);
  if (status) return 0;
  fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
  return 1;
}
