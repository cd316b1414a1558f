// The audit trail of an embedding, whole: what was decided through the ABI is in a log that proves
// itself, and with the sinks.
#include "runtime/api/include/writ/audit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/audit/log/verify.h"
#include "runtime/crypto/keys.h"
#include "tests/unit/api/c_client.h"
#include "tests/unit/api/signed.h"
#include "tests/unit/audit_drain/world.h"
#include "tests/unit/audit_kafka/mock_cluster.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {
namespace {

using audit::EntryKind;
using audit::Trail;
using audit::TrailOptions;
using audit::drain::Said;
using nlohmann::json;

class AuditApi : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto release = crypto::new_key();
    const auto log = crypto::new_key();
    ASSERT_TRUE(release && log);
    release_ = *release;
    log_ = *log;
    trust_.public_keys_pem = {release_.public_pem};
  }
  [[nodiscard]] TrailOptions options() const {
    TrailOptions out;
    out.log = log_folder();
    out.rings = folder_.path() + "/rings";
    out.key_pem = log_.private_pem;
    out.ring_slots = 1'024;
    out.threads_max = 4;
    out.wait_durable = std::chrono::seconds(60);
    out.close_wait = std::chrono::seconds(60);
    return out;
  }
  [[nodiscard]] std::string log_folder() const { return folder_.path() + "/log"; }
  [[nodiscard]] static std::unique_ptr<Trail> open(const TrailOptions& options) {
    auto trail = Trail::open(options);
    EXPECT_TRUE(trail) << (trail ? "" : trail.error().message);
    return trail ? std::move(*trail) : nullptr;
  }
  [[nodiscard]] static std::unique_ptr<Engine> engine_of(const Trail& trail) {
    EngineOptions options;
    options.tier = Tier::Interpreter;
    options.recorder = trail.recorder();
    return Engine::create(options);
  }
  [[nodiscard]] std::vector<std::byte> bundle(const ir::Program& program) const {
    return bundle_of(program, manifest_of(3), release_.private_pem);
  }
  /// Decides so often, and closes.
  void decide(Trail& trail, const ir::Program& program, int count) const {
    const std::unique_ptr<Engine> engine = engine_of(trail);
    ASSERT_TRUE(engine->load(bundle(program), trust_));
    const auto session = engine->open(session_of("alice"));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Allow);
    }
  }
  /// The rows, after the log was proved and the law held.
  [[nodiscard]] std::vector<Said> proved() const {
    audit::log::VerifyOptions how;
    how.public_keys_pem = {log_.public_pem};
    const auto report = audit::log::verify(log_folder(), how);
    EXPECT_TRUE(report && report->findings.empty());
    EXPECT_EQ(report->rows_after_seal, 0U);
    std::vector<Said> rows = audit::drain::read_log(log_folder());
    audit::drain::expect_law(rows);
    return rows;
  }
  [[nodiscard]] static std::vector<json> lines_of(const std::string& path) {
    std::vector<json> out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
    return out;
  }
  [[nodiscard]] static std::size_t decisions_of(const std::vector<json>& events) {
    return static_cast<std::size_t>(std::ranges::count_if(events, [](const json& event) {
      return event["data"].contains("authorizationInfo");
    }));
  }

  audit::ring::Folder folder_;
  crypto::KeyPair release_;
  crypto::KeyPair log_;
  TrustOptions trust_;
};

TEST_F(AuditApi, AClientInCLeavesALogThatProvesItselfAndEvents) {
  const std::vector<std::byte> file = bundle(small_program());
  const std::string log = log_folder();
  const std::string rings = folder_.path() + "/rings";
  const std::string path = folder_.path() + "/audit.jsonl";
  const std::string sink = "file:" + path;
  const c_audit_world world = {.bundle = reinterpret_cast<const std::uint8_t*>(file.data()),
                               .bundle_bytes = file.size(),
                               .key = release_.public_pem.data(),
                               .key_bytes = release_.public_pem.size(),
                               .log = log.c_str(),
                               .rings = rings.c_str(),
                               .sink = sink.c_str(),
                               .log_key = log_.private_pem.c_str()};
  const char* wrong = run_c_audit_client(&world);
  ASSERT_EQ(wrong, nullptr) << wrong;

  const std::vector<Said> rows = proved();
  std::map<Purpose, std::size_t> purposes;
  std::map<std::string, std::size_t> resources;
  for (const Said& said : rows) {
    if (said.row.question == 0) continue;
    ++purposes[said.row.purpose];
    ++resources[said.resource];
    EXPECT_EQ(said.principal, "alice");
  }
  EXPECT_EQ(purposes, (std::map<Purpose, std::size_t>{
                          {Purpose::Enforce, 5}, {Purpose::Probe, 2}, {Purpose::Filter, 3}}));
  EXPECT_EQ(resources, (std::map<std::string, std::size_t>{{"orders", 9}, {"other", 1}}));
  EXPECT_EQ(audit::drain::count_of(rows, EntryKind::Authentication), 2U);
  const auto told = std::ranges::count_if(
      rows, [](const Said& said) { return said.row.text == "key.created\nkey 7"; });
  EXPECT_EQ(told, 1);

  std::size_t enforced = 0;
  std::size_t logins = 0;
  for (const json& event : lines_of(path)) {
    const json& data = event["data"];
    if (event["type"] == "io.confluent.kafka.server/authentication") ++logins;
    if (data.contains("authorizationInfo") && data["purpose"] == "enforce") ++enforced;
  }
  EXPECT_EQ(enforced, 5U);
  EXPECT_EQ(logins, 2U);
}

TEST_F(AuditApi, ASecondEngineOnATrailLoadsNothingAndDeniesEverything) {
  const auto trail = open(options());
  auto first = engine_of(*trail);
  ASSERT_TRUE(first->load(bundle(small_program()), trust_));
  const auto second = engine_of(*trail);
  const Status status = second->load(bundle(small_program()), trust_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Usage);
  const auto session = second->open(session_of("alice"));
  EXPECT_EQ(second->authorize(*session, request_of("Read", "orders")).reason,
            ReasonClass::AuditUnavailable);
  EXPECT_EQ(trail->close().error().code, ErrorCode::Usage);
  EXPECT_EQ(first->active()->generation, 1U);
  first.reset();
  // The next one goes on where this one stopped: no two bundles of a log have one number.
  const auto third = engine_of(*trail);
  ASSERT_TRUE(third->load(bundle(small_program()), trust_));
  EXPECT_EQ(third->active()->generation, 2U);
}

TEST_F(AuditApi, ASinkThatIsNoneLeavesNoLog) {
  TrailOptions with = options();
  with.sinks = {"file:" + folder_.path() + "/audit.jsonl", "kafka:audit"};
  const auto trail = Trail::open(with);
  ASSERT_FALSE(trail);
  EXPECT_EQ(trail.error().code, ErrorCode::Usage);
  EXPECT_EQ(trail.error().where, "audit");
  EXPECT_FALSE(std::filesystem::exists(log_folder()));
}

TEST_F(AuditApi, TheNextTrailSendsWhatASinkDidNotGet) {
  TrailOptions with = options();
  const std::string path = folder_.path() + "/late/audit.jsonl";
  with.sinks = {"file:" + path};
  with.close_wait = std::chrono::nanoseconds(1);
  std::vector<std::string> notes;
  std::mutex mutex;
  with.note = [&](std::string_view text) {
    const std::lock_guard lock(mutex);
    notes.emplace_back(text);
  };
  auto trail = open(with);
  decide(*trail, small_program(), 5);
  ASSERT_TRUE(trail->close());
  trail.reset();
  EXPECT_FALSE(notes.empty()) << "its folder is not there";
  std::filesystem::create_directory(folder_.path() + "/late");
  with.close_wait = std::chrono::seconds(60);
  trail = open(with);
  decide(*trail, small_program(), 2);
  ASSERT_TRUE(trail->close());
  EXPECT_EQ(decisions_of(lines_of(path)), 7U);
  EXPECT_EQ(proved().back().row.text, "audit.drained\nthe process closed in order");
}

TEST_F(AuditApi, ATopicGetsEveryDecision) {
  const audit::kafka::testing::MockCluster cluster;
  TrailOptions with = options();
  with.sinks = {"kafka:audit"};
  with.kafka = {{"bootstrap.servers", cluster.brokers()}};
  const auto trail = open(with);
  decide(*trail, small_program(), 20);
  ASSERT_TRUE(trail->close());
  std::vector<json> events;
  for (const auto& message : cluster.read(20)) events.push_back(json::parse(message.value));
  EXPECT_EQ(decisions_of(events), 20U);
}

TEST_F(AuditApi, LevelReplicatedWaitsForTheSinksOfTheTrail) {
  World world;
  world.allow("R", "orders", {.subject = world.alice});
  ir::AuditRule& rule = world.builder.program().audit_rules.emplace_back();
  rule.form = ir::AuditForm::Level;
  rule.verdicts = 3;
  rule.kind = world.topic;
  rule.operations = 3;
  rule.scope = world.prod;
  rule.level = static_cast<std::uint8_t>(audit::Level::Replicated);
  TrailOptions with = options();
  const std::string path = folder_.path() + "/audit.jsonl";
  with.sinks = {"file:" + path};
  const auto trail = open(with);
  const std::unique_ptr<Engine> engine = engine_of(*trail);
  ASSERT_TRUE(engine->load(bundle(world.builder.take()), trust_));
  const auto session = engine->open(session_of("alice"));
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Allow);
    EXPECT_EQ(decisions_of(lines_of(path)), i);
  }
}

TEST_F(AuditApi, AForkedChildDecidesNothingAndEndsNothing) {
  TrailOptions with = options();
  with.sinks = {"file:" + folder_.path() + "/audit.jsonl"};
  auto trail = open(with);
  auto engine = engine_of(*trail);
  ASSERT_TRUE(engine->load(bundle(small_program()), trust_));
  const auto session = engine->open(session_of("alice"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool denied = engine->authorize(*session, request_of("Read", "orders")).reason ==
                        ReasonClass::AuditUnavailable;
    const bool refused = !trail->close() && trail->state().closed;
    engine.reset();
    trail.reset();
    ::_exit(denied && refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(engine->authorize(*session, request_of("Read", "orders")).verdict, Verdict::Allow);
  EXPECT_EQ(trail->state().denied, 1U);
  engine.reset();
  EXPECT_TRUE(trail->close());
  EXPECT_EQ(proved().back().row.text, "audit.drained\nthe process closed in order");
}

TEST_F(AuditApi, ThePolicySaysTheSource) {
  for (const bool said : {false, true}) {
    World world;
    world.allow("R", "orders", {.subject = world.alice});
    if (said) world.builder.program().audit_source = {world.builder.string("of.the.policy")};
    TrailOptions with = options();
    const std::string path = folder_.path() + (said ? "/two.jsonl" : "/one.jsonl");
    with.sinks = {"file:" + path};
    with.source = "of.the.trail";
    const auto trail = open(with);
    decide(*trail, world.builder.take(), 1);
    ASSERT_TRUE(trail->close());
    std::string source;
    for (const json& event : lines_of(path)) {
      if (event["data"].contains("authorizationInfo")) source = event["source"];
    }
    EXPECT_NE(source.find(said ? "of.the.policy" : "of.the.trail"), std::string::npos) << source;
  }
}

}  // namespace
}  // namespace writ::testing
