// ACLs → the listing that Kafka prints of them → policy text and data → decisions, against the same
// ACLs loaded as they are; and listings that are none.
#include "compiler/compile.h"
#include "compiler/convert/kafka_acls/convert.h"
#include "compiler/convert/kafka_acls/listing.h"
#include "compiler/convert/kafka_acls/words.h"
#include "runtime/reference/reference.h"
#include "tests/support/random.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace writ::differential {
namespace {

namespace acls = convert::kafka_acls;
using tests::Random;

struct Row {
  std::size_t kind = 0;
  std::string name;
  bool prefixed = false;
  bool deny = false;
  std::size_t operation = 0;
  std::string principal;
  std::string host;
};

// Names hold what lists are made of; some lie below others.
const std::vector<std::string> kNames = {
    "*", "a", "ab", "abc", "a, name=b", "a, patternType=LITERAL)`:", "(b)", "q\"uo\\te", "ta\tb",
    "b`", "LITERAL:a", "PREFIXED:x", "ünï", "u\u0308", "\u0430", "\u0430b", "ложка",
    "\u200Bx", "\u202Ex", "kafka-cluster", "User:a", " a", "a ", ", host=*", "😀", "any", "\rx"};
const std::vector<std::string> kPrincipals = {
    "User:*", "User:ANONYMOUS", "User:a", "User:b", "User:a.b@c-d", "User:CN=a,O=\"b\"",
    "User:a, host=10.0.0.1", "User:a b", "User:x:y", "User:ü", "User:\u0430", "User:p\u0430y",
    "User:-", "User:(c)", "User:\\"};
// Those that policy text cannot say.
const std::vector<std::string> kOddPrincipals = {
    "Role:a", "User:", ":a", "Group:*", "User:\u200Ba"};
const std::vector<std::string> kHosts = {
    "*", "*", "*", "10.0.0.1", "10.0.0.0/8", "10.9.0.0/8", "10.1.0.0/16", "0:0:0:0:0:0:0:1",
    "2001:db8::/32", "::1", "10.0.0", "broker.example", "010.0.0.1", "10.0.0.0/33"};
const std::vector<std::string> kOddHosts = {"fe80:0:0:0:0:0:0:1%eth0", "fe80:0:0:0:0:0:0:1"};
const std::vector<std::string> kClients = {"10.0.0.1", "10.1.2.3", "11.0.0.1", "0:0:0:0:0:0:0:1",
                                           "2001:db8:0:0:0:0:0:1", "fe80:0:0:0:0:0:0:1%eth0",
                                           "fe80:0:0:0:0:0:0:1"};
enum class Odd : std::uint8_t { None, Allows, All };

// ACLs of one cluster speak of few things, so that they meet.
struct Pool {
  std::vector<std::size_t> kinds;
  std::vector<std::string> names;
  std::vector<std::string> principals;
};
Pool random_pool(Random& random) {
  Pool pool;
  for (std::size_t i = 0; i < 2; ++i) {
    pool.kinds.push_back(random.below(acls::kKinds.size()));
  }
  for (std::size_t i = 0; i < 6; ++i) {
    pool.names.push_back(random.one_of(kNames));
    pool.principals.push_back(random.one_of(kPrincipals));
  }
  return pool;
}

Row random_row(Random& random, Odd odd, const Pool& pool) {
  Row row;
  row.kind = random.one_of(pool.kinds);
  row.name = random.one_of(pool.names);
  row.prefixed = random.percent(40);
  row.deny = random.percent(15);
  row.operation = random.below(acls::kOperations.size());
  const bool may = odd == Odd::All || (odd == Odd::Allows && !row.deny);
  row.principal = may && random.percent(20) ? random.one_of(kOddPrincipals)
                                            : random.one_of(pool.principals);
  row.host = may && random.percent(10) ? random.one_of(kOddHosts) : random.one_of(kHosts);
  // A denial of a name that nobody sees can be said in data only.
  while (!may && (row.name.find("\u200B") == 0 || row.name.find("\u202E") == 0 ||
                  row.name.find_first_of("\t\r") != std::string::npos)) {
    row.name = random.one_of(kNames);
  }
  return row;
}

std::string upper(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) {
      out += '_';
    }
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

/// As Kafka prints it since 2.0 of resources and 2.4 of entries.
std::string listing(const std::vector<Row>& rows, Random& random) {
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const bool again = i > 0 && rows[i - 1].kind == row.kind && rows[i - 1].name == row.name &&
                       rows[i - 1].prefixed == row.prefixed;
    if (!again) {
      out += fmt::format("{}Current ACLs for resource `ResourcePattern(resourceType={}, name={}, "
                         "patternType={})`: \n ",
                         i == 0 ? "" : "\n", upper(acls::kKinds[row.kind].name), row.name,
                         row.prefixed ? "PREFIXED" : "LITERAL");
    }
    out += fmt::format("\t(principal={}, host={}, operation={}, permissionType={}){}\n",
                       row.principal, row.host, upper(acls::kOperations[row.operation]),
                       row.deny ? "DENY" : "ALLOW", random.percent(30) ? " " : "");
  }
  return out;
}

/// As Kafka 2.0 printed it.
std::string old_listing(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("Current ACLs for resource `{}:{}:{}`: \n\t{} has {} permission for "
                       "operations: {} from hosts: {} \n\n",
                       acls::kKinds[row.kind].name, row.prefixed ? "PREFIXED" : "LITERAL",
                       row.name, row.principal, row.deny ? "Deny" : "Allow",
                       acls::kOperations[row.operation], row.host);
  }
  return out;
}

std::string as_data(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    out += nlohmann::json({{"principal", row.principal},
                           {"host", row.host},
                           {"operation", acls::kOperations[row.operation]},
                           {"permission", row.deny ? "Deny" : "Allow"},
                           {"resourceType", acls::kKinds[row.kind].name},
                           {"patternType", row.prefixed ? "Prefixed" : "Literal"},
                           {"resourceName", row.name}})
               .dump() +
           "\n";
  }
  return out;
}

struct Imported {
  std::string policy;
  std::string data;
  std::size_t errors = 0;
  std::string said;
};
Imported import(const std::string& text) {
  source::SourceSet sources;
  diag::Sink sink;
  const auto file = sources.add_text("listing.txt", text);
  if (!file) {
    return {"", "", 1, file.error().message};
  }
  const auto all = acls::different(acls::read_listing(sources, *file, sink));
  Imported out;
  if (sink.errors() == 0) {
    out.data = acls::data_rows(all);
    out.policy = acls::policy_text(all, {}, sink).text;
  }
  out.errors = sink.errors();
  for (const diag::Diag& one : sink.sorted()) {
    out.said += diag::render_text(one, sources, diag::Colour::Off);
    static_cast<void>(diag::render_json(one, sources));
  }
  return out;
}

class Import : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "writ-import-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// The program of a policy text, or of rows; none, with a failure, when it does not compile.
  std::optional<ir::Program> compile(const std::string& policy) const {
    std::ofstream(folder_ / "p.writ", std::ios::binary) << policy;
    auto compiled = compiler::compile({(folder_ / "p.writ").string()});
    if (!compiled) {
      ADD_FAILURE() << compiled.error().message;
      return std::nullopt;
    }
    for (const diag::Diag& one : compiled->sink.sorted()) {
      if (diag::severity(one.code) == diag::Severity::Error) {
        ADD_FAILURE() << diag::render_text(one, compiled->sources, diag::Colour::Off) << policy;
        return std::nullopt;
      }
    }
    return std::move(compiled->program);
  }
  std::optional<ir::Program> load(const std::string& rows) const {
    std::ofstream(folder_ / "rows.jsonl", std::ios::binary) << rows;
    return compile("package d\nuse kafka\nacl load \"rows.jsonl\" as kafka\n");
  }

  std::filesystem::path folder_;
};

struct Asked {
  SessionFacts session;
  RequestFacts request;
};
Asked random_request(Random& random, const std::vector<Row>& rows) {
  const Row& near = random.one_of(rows);
  const std::string principal =
      random.percent(80) && near.principal != "User:*" ? near.principal
                                                       : random.one_of(kPrincipals);
  Asked out;
  const std::size_t colon = principal.find(':');
  out.session.principal_type = principal.substr(0, colon);
  out.session.principal_name = principal.substr(colon + 1);
  out.session.groups.emplace();
  out.session.host = random.one_of(kClients);
  const auto known = [&](const std::string& host) { return host == near.host; };
  if (std::ranges::any_of(kClients, known) && random.percent(70)) {
    out.session.host = near.host;
  }
  const std::size_t kind = random.percent(95) ? near.kind : random.below(acls::kKinds.size());
  std::size_t operation = near.operation;
  if (operation == acls::kAll || random.percent(30)) {
    operation = random.below(acls::kAll);
  }
  out.request.kind = acls::kKinds[kind].name;
  out.request.operation = acls::kOperations[operation];
  out.request.name = (random.percent(85) ? near.name : random.one_of(kNames)) +
                     (random.percent(15) ? "b" : "");
  out.request.time_us = 0;
  return out;
}

bool is_asked(const RequestFacts& request) {
  const auto kind = acls::find_kind(request.kind);
  const auto operation = acls::find_operation(request.operation);
  return kind && operation && (acls::kKinds[*kind].asked >> *operation & 1) != 0;
}

/// Whether the rows are the reason that policy text, which leaves out odd allows, denies more.
bool rests_on_odd(const Asked& asked, const std::vector<Row>& rows) {
  const auto& principal = asked.session.principal_type + ":" + asked.session.principal_name;
  return std::ranges::find(kOddPrincipals, principal) != kOddPrincipals.end() ||
         asked.session.host->starts_with("fe80") ||
         std::ranges::any_of(rows, [&](const Row& row) {
           return row.name.find_first_of("\t\r") != std::string::npos ||
                  row.name.starts_with("\u200B") || row.name.starts_with("\u202E");
         });
}

std::string text_of(const Asked& asked, const std::string& listed) {
  return fmt::format("{}:{} from {} {} {} `{}`\n{}", asked.session.principal_type,
                     asked.session.principal_name, *asked.session.host, asked.request.operation,
                     asked.request.kind, asked.request.name, listed);
}

std::size_t rounds() { return std::getenv("WRIT_LONG") != nullptr ? 5'000 : 150; }
constexpr std::size_t kRequests = 300;

std::vector<Row> random_rows(Random& random, Odd odd) {
  std::vector<Row> rows;
  const Pool pool = random_pool(random);
  for (std::size_t count = random.between(1, 40); count > 0; --count) {
    rows.push_back(random_row(random, odd, pool));
    if (random.percent(50)) {  // entries of one resource, some equal
      Row more = rows.back();
      more.operation = random.percent(50) ? random.below(acls::kOperations.size()) : more.operation;
      more.host = random.percent(30) ? random.one_of(kHosts) : more.host;
      rows.push_back(more);
    }
  }
  return rows;
}

TEST_F(Import, PolicyTextDecidesWhateverABrokerAsksAsTheAclsDo) {
  std::size_t allowed = 0;
  std::size_t compared = 0;
  for (std::size_t seed = 1; seed <= rounds(); ++seed) {
    Random random(seed);
    const std::vector<Row> rows = random_rows(random, Odd::None);
    const std::string listed = listing(rows, random);
    const Imported imported = import(listed);
    ASSERT_EQ(imported.errors, 0U) << "seed " << seed << "\n" << imported.said << listed;
    const auto expected = load(as_data(rows));
    const auto got = compile(imported.policy);
    ASSERT_TRUE(expected && got) << "seed " << seed << "\n" << listed;
    for (std::size_t i = 0; i < kRequests; ++i) {
      const Asked asked = random_request(random, rows);
      if (!is_asked(asked.request)) {
        continue;
      }
      const auto want = reference::decide(*expected, asked.session, asked.request).verdict;
      ASSERT_EQ(reference::decide(*got, asked.session, asked.request).verdict, want)
          << "seed " << seed << "\n" << text_of(asked, listed) << imported.policy;
      allowed += want == Verdict::Allow ? 1 : 0;
      ++compared;
    }
  }
  fmt::print("{} decisions, {} allowed\n", compared, allowed);
  EXPECT_GT(allowed, compared / 10);
}

TEST_F(Import, WhatTextLeavesOutIsOnlyEverDenied) {
  for (std::size_t seed = 1; seed <= rounds(); ++seed) {
    Random random(seed);
    const std::vector<Row> rows = random_rows(random, Odd::Allows);
    const std::string listed = listing(rows, random);
    const Imported imported = import(listed);
    ASSERT_EQ(imported.errors, 0U) << "seed " << seed << "\n" << imported.said << listed;
    const auto expected = load(as_data(rows));
    const auto got = compile(imported.policy);
    ASSERT_TRUE(expected && got);
    for (std::size_t i = 0; i < kRequests; ++i) {
      const Asked asked = random_request(random, rows);
      const auto want = reference::decide(*expected, asked.session, asked.request).verdict;
      const auto is = reference::decide(*got, asked.session, asked.request).verdict;
      const bool narrower = is == Verdict::Deny && (!is_asked(asked.request) ||
                                                    rests_on_odd(asked, rows));
      // What is never asked has no denials in text either: only an allow of it would be wrong.
      ASSERT_TRUE(is == want || narrower) << "seed " << seed << "\n" << text_of(asked, listed)
                                          << imported.policy;
    }
  }
}

TEST_F(Import, DataDecidesEverythingAsTheAclsDo) {
  for (std::size_t seed = 1; seed <= rounds(); ++seed) {
    Random random(seed);
    const std::vector<Row> rows = random_rows(random, Odd::All);
    const std::string listed = listing(rows, random);
    source::SourceSet sources;
    diag::Sink sink;
    const auto file = sources.add_text("listing.txt", listed);
    ASSERT_TRUE(file);
    const auto all = acls::different(acls::read_listing(sources, *file, sink));
    ASSERT_EQ(sink.errors(), 0U) << listed;
    const auto expected = load(as_data(rows));
    const auto got = load(acls::data_rows(all));
    ASSERT_TRUE(expected && got);
    ASSERT_EQ(got->grants.size(), expected->grants.size()) << "seed " << seed << "\n" << listed;
    for (std::size_t i = 0; i < kRequests; ++i) {
      const Asked asked = random_request(random, rows);
      ASSERT_EQ(reference::decide(*got, asked.session, asked.request).verdict,
                reference::decide(*expected, asked.session, asked.request).verdict)
          << "seed " << seed << "\n" << text_of(asked, listed);
    }
  }
}

TEST_F(Import, TheOlderFormSaysTheSame) {
  for (std::size_t seed = 1; seed <= rounds(); ++seed) {
    Random random(seed);
    const std::vector<Row> rows = random_rows(random, Odd::None);
    const Imported now = import(listing(rows, random));
    const Imported before = import(old_listing(rows));
    ASSERT_EQ(before.data, now.data) << "seed " << seed << "\n" << before.said;
    ASSERT_EQ(before.policy, now.policy) << "seed " << seed;
  }
}

// The same ACLs in another order are the same text.
TEST_F(Import, OrderSaysNothing) {
  for (std::size_t seed = 1; seed <= rounds(); ++seed) {
    Random random(seed);
    std::vector<Row> rows = random_rows(random, Odd::None);
    const Imported once = import(listing(rows, random));
    for (std::size_t i = rows.size(); i > 1; --i) {
      std::swap(rows[i - 1], rows[random.below(i)]);
    }
    const Imported again = import(listing(rows, random));
    ASSERT_EQ(once.policy, again.policy) << "seed " << seed;
    ASSERT_EQ(once.data, again.data) << "seed " << seed;
  }
}

// Cut, doubled, overwritten: a mistake or a listing, and what is read as one can be compiled.
TEST_F(Import, NoListingBringsItDown) {
  const std::string_view pieces[] = {
      "`", ")", ", host=", ", name=", "\n", "\t", "(principal=", ":", "*", "\"", "\xFF",
      "Current ACLs for resource `", " has Allow permission for operations: ",
      ", patternType=LITERAL)`:", std::string_view("\0", 1)};
  std::size_t read = 0;
  for (std::size_t seed = 1; seed <= rounds() * 4; ++seed) {
    Random random(seed);
    const std::vector<Row> rows = random_rows(random, Odd::All);
    std::string text = random.percent(70) ? listing(rows, random) : old_listing(rows);
    for (std::size_t count = random.between(1, 3); count > 0; --count) {
      const std::size_t at = random.below(text.size());
      const std::size_t length = random.between(0, std::min<std::size_t>(30, text.size() - at));
      text.replace(at, random.percent(50) ? length : 0, random.one_of(pieces));
    }
    if (random.percent(20)) {
      text.resize(random.below(text.size()) + 1);
    }
    const Imported imported = import(text);
    ASSERT_TRUE(imported.errors == 0 || !imported.said.empty());
    if (imported.errors == 0 && seed % 8 == 0) {
      ++read;
      ASSERT_TRUE(compile(imported.policy)) << "seed " << seed << "\n" << text;
      ASSERT_TRUE(load(imported.data)) << "seed " << seed << "\n" << text;
    }
  }
  EXPECT_GT(read, 0U);
}

// The tables of the import say what the model says.
TEST_F(Import, WordsAreThoseOfTheModel) {
  const auto program = compile("package w\nuse kafka\n");
  ASSERT_TRUE(program);
  ASSERT_EQ(program->kinds.size(), acls::kKinds.size());
  for (const ir::Kind& kind : program->kinds) {
    const auto at = acls::find_kind(program->text(kind.name));
    ASSERT_TRUE(at) << program->text(kind.name);
    std::uint32_t asked = 0;
    for (std::size_t i = 0; i < kind.operations.size(); ++i) {
      const auto operation = acls::find_operation(
          program->text(program->operations[kind.operations[i].index].name));
      ASSERT_TRUE(operation);
      asked |= (kind.listed >> i & 1) << *operation;
    }
    EXPECT_EQ(asked, acls::kKinds[*at].asked) << program->text(kind.name);
  }
}

}  // namespace
}  // namespace writ::differential
