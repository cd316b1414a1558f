// A workload or a policy, compiled, signed and loaded: what the benches ask. Takes rows or paths,
// gives bundles and engines.
#pragma once

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "tests/support/workload.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace writ::bench {

struct Compiled {
  ir::Program program;
  std::vector<std::byte> bundle;
  TrustOptions trust;
  double compile_seconds = 0;  // text and data → program
  double pack_seconds = 0;     // program → tables → signed bytes
};

/// Rows as a data file `as kafka`, in a cluster `main`.
[[nodiscard]] Result<Compiled> compile_rows(const tests::Workload& workload);
[[nodiscard]] Result<Compiled> compile_policy(const std::string& path);
/// An engine that has its native code, if it is asked for.
[[nodiscard]] Result<std::unique_ptr<Engine>> load(const Compiled& compiled,
                                                   const EngineOptions& options);

/// Requests with sessions and resources opened; equal sessions are one.
struct Asked {
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<Resource>> resources;
  std::vector<std::size_t> session_of;  // by ask
  std::vector<Ask> asks;
  std::vector<RequestFacts> requests;
};
[[nodiscard]] Asked open(const Engine& engine, const tests::Workload& workload, std::size_t asks);

}  // namespace writ::bench
