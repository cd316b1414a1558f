#include "tests/bench/scenario.h"

#include "compiler/compile.h"
#include "compiler/pack/pack.h"
#include "runtime/crypto/keys.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>

namespace writ::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool write_text(const fs::path& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return false;
  }
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && whole;
}

}  // namespace

Result<Compiled> compile_policy(const std::string& path) {
  Compiled out;
  auto start = Clock::now();
  {
    WRIT_ASSIGN(compiled, compiler::compile({path}));
    if (compiled.sink.errors() != 0) {
      return fail(ErrorCode::Malformed, diag::render_text(compiled.sink.sorted().front(),
                                                          compiled.sources, diag::Colour::Off));
    }
    out.program = std::move(compiled.program);
  }
  out.compile_seconds = seconds_since(start);
  WRIT_ASSIGN(key, crypto::new_key());
  out.trust.public_keys_pem = {key.public_pem};
  const std::array<std::string, 1> keys = {key.private_pem};
  start = Clock::now();
  pack::PackOptions options;
  options.version = 1;
  options.private_keys_pem = keys;
  WRIT_ASSIGN(bundle, pack::pack(out.program, options));
  out.pack_seconds = seconds_since(start);
  out.bundle = std::move(bundle);
  return out;
}

Result<Compiled> compile_rows(const tests::Workload& workload) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("writ-bench-{}", getpid());
  std::error_code code;
  fs::create_directories(folder, code);
  std::string rows;
  for (const tests::WorkloadRow& row : workload.rows) {
    rows += tests::to_json(row) + "\n";
  }
  const bool written =
      write_text(folder / "rows.jsonl", rows) &&
      write_text(folder / "bench.writ",
                 "package bench \"a workload\"\n\nedition 2026\nuse kafka\n\n"
                 "cluster main = \"main\"\n\nacl at main load \"rows.jsonl\" as kafka\n");
  rows = {};
  auto compiled =
      written ? compile_policy((folder / "bench.writ").string())
              : Result<Compiled>(fail(ErrorCode::Unreadable, "cannot write", folder.string()));
  fs::remove_all(folder, code);
  return compiled;
}

Result<std::unique_ptr<Engine>> load(const Compiled& compiled, const EngineOptions& options) {
  auto engine = Engine::create(options);
  WRIT_TRY(engine->load(compiled.bundle, compiled.trust));
  if (options.tier == Tier::Native) WRIT_TRY(engine->await_native());
  return engine;
}

Asked open(const Engine& engine, const tests::Workload& workload, std::size_t asks) {
  Asked asked;
  std::map<std::string, std::size_t> known;
  const std::size_t count = std::min(asks, workload.asks.size());
  for (std::size_t i = 0; i < count; ++i) {
    const tests::WorkloadAsk& ask = workload.asks[i];
    const auto [at, is_new] = known.emplace(ask.principal + " " + ask.host, asked.sessions.size());
    if (is_new) {
      SessionFacts facts;
      const std::size_t colon = ask.principal.find(':');
      facts.principal_type = ask.principal.substr(0, colon);
      facts.principal_name = ask.principal.substr(colon + 1);
      facts.groups.emplace();
      facts.host = ask.host;
      asked.sessions.push_back(engine.open(facts));
    }
    asked.session_of.push_back(at->second);
    asked.resources.push_back(engine.resource(ask.kind, ask.name));
    RequestFacts request;
    request.operation = ask.operation;
    request.kind = ask.kind;
    request.name = ask.name;
    request.time_us = 1'767'225'600'000'000;
    Ask handle;
    handle.resource = asked.resources.back().get();
    handle.operation = engine.operation(ask.kind, ask.operation).value_or(0);
    handle.time_us = request.time_us;
    asked.asks.push_back(handle);
    asked.requests.push_back(std::move(request));
  }
  return asked;
}

}  // namespace writ::bench
