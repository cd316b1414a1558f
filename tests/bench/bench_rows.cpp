// bench_rows: what a decision takes over one cell of 10 and of 10,000 conditional rows, by the form
// of their test. The ratio of the two is the result: nothing may grow with grants.
#include "compiler/cli/measure.h"
#include "tests/bench/scenario.h"
#include "tests/support/random.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>

namespace writ::bench {
namespace {

constexpr std::size_t kFew = 10;
constexpr std::size_t kMany = 10'000;
constexpr std::size_t kAsks = 4'096;
constexpr std::size_t kSessions = 256;

/// Conditions that differ in a constant, and what requests bring.
struct Form {
  const char* name;
  std::function<std::string(std::size_t)> condition;
  std::function<std::string(std::size_t)> type;  // the request's; empty: it brings none
  bool hosts = false;  // the row that a request is meant for is that of its session
};

std::string quoted(std::size_t i) { return fmt::format("\"type-{:05}\"", i); }
std::string brought(std::size_t i) { return fmt::format("type-{:05}", i); }
std::string nothing(std::size_t) { return {}; }
std::string network(std::size_t i) { return fmt::format("10.{}.{}.0/24", i / 250, i % 250); }

const std::array<Form, 7>& forms() {
  static const std::array<Form, 7> kForms = {{
      {"equal", [](std::size_t i) { return "request.type == " + quoted(i); }, brought},
      {"in a set",
       [](std::size_t i) { return "request.type in { " + quoted(i) + ", \"any\" }"; }, brought},
      {"prefix", [](std::size_t i) { return "request.type startsWith " + quoted(i); }, brought},
      {"network", [](std::size_t i) { return "host in " + network(i); }, brought, true},
      {"two tests",
       [](std::size_t i) {
         return fmt::format("request.type == {} and host in {}", quoted(i % 100), network(i));
       },
       [](std::size_t i) { return brought(i % 100); }, true},
      {"equal, missing", [](std::size_t i) { return "request.type == " + quoted(i); }, nothing},
      {"two, one missing",
       [](std::size_t i) {
         return fmt::format("request.type == {} and host in {}", quoted(i), network(i));
       },
       nothing, true},
  }};
  return kForms;
}

Result<Compiled> compile(const Form& form, std::size_t rows) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / fmt::format("writ-rows-{}", getpid());
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  std::ofstream policy(folder / "policy.writ");
  policy << "package rows\nuse kafka\nacl {\n";
  for (std::size_t i = 0; i < rows; ++i) {
    policy << "  allow Read on Topic * to User:app when " << form.condition(i) << "\n";
  }
  policy << "}\n";
  policy.close();
  Result<Compiled> compiled = compile_policy(folder.string());
  fs::remove_all(folder, ignored);
  return compiled;
}

struct Timed {
  double ns = 0;
  std::size_t allowed = 0;
};

Result<Timed> time(const Form& form, std::size_t rows) {
  WRIT_ASSIGN(compiled, compile(form, rows));
  WRIT_ASSIGN(engine, load(compiled, {}));
  tests::Random random(1);
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<RequestFacts> requests;
  std::vector<std::size_t> asked;
  for (std::size_t at = 0; at < kAsks; ++at) {
    const bool own = form.hosts && at >= kSessions;
    asked.push_back(own ? asked[at % kSessions] : random.below(rows));
    const std::size_t row = asked.back();
    SessionFacts session;
    session.principal_type = "User";
    session.principal_name = "app";
    session.groups.emplace();
    session.host = fmt::format("10.{}.{}.7", row / 250, row % 250);
    if (at < kSessions) sessions.push_back(engine->open(session));
    RequestFacts request;
    request.kind = "Topic";
    request.operation = "Read";
    request.name = "orders";
    const std::string type = form.type(row);
    if (!type.empty()) request.attributes.emplace_back("request.type", Value::of_text(type));
    requests.push_back(request);
  }
  Timed timed;
  const auto pass = [&] {
    std::uint64_t allowed = 0;
    for (std::size_t at = 0; at < kAsks; ++at) {
      const Decision decision = engine->authorize(*sessions[at % kSessions], requests[at]);
      allowed += decision.verdict == Verdict::Allow ? 1 : 0;
    }
    return allowed;
  };
  timed.allowed = pass();
  timed.ns = cli::measure_ns(kAsks, pass);
  return timed;
}

int run() {
  fmt::print("| test | ns, {} rows | ns, {} rows | ratio | allowed of {} |\n", kFew, kMany, kAsks);
  fmt::print("| --- | ---: | ---: | ---: | ---: |\n");
  for (const Form& form : forms()) {
    const Result<Timed> few = time(form, kFew);
    const Result<Timed> many = few ? time(form, kMany) : few;
    if (!many) {
      fmt::print(stderr, "{}: {}\n", form.name, many.error().message);
      return 1;
    }
    fmt::print("| {} | {:.1f} | {:.1f} | {:.2f} | {}, {} |\n", form.name, few->ns, many->ns,
               many->ns / few->ns, few->allowed, many->allowed);
  }
  return 0;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
