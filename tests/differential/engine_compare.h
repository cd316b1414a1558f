// Puts the same questions to the engine in every way it can be asked, and to the specification.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/index/index.h"
#include "runtime/api/include/writ/engine.hpp"
#include "runtime/ir/program.h"

namespace writ::differential {

/// Engines of every tier that this build has, with one program active.
class Engines {
 public:
  /// The program must verify. Empty: it could not be activated, and `why_not` says why.
  static std::optional<Engines> create(const ir::Program& program, Tier highest,
                                       std::string& why_not,
                                       const index::Options& options = {});

  /// Empty, or how an engine's answer differs from the specification's.
  [[nodiscard]] std::string compare(const ir::Program& program, const SessionFacts& session,
                                    std::span<const RequestFacts> requests) const;
  /// Masks, batches, filters and by-kind questions against asking one by one.
  [[nodiscard]] std::string compare_many(const ir::Program& program, const SessionFacts& session,
                                         std::span<const RequestFacts> requests) const;

 private:
  struct Tiered {
    const char* name = "";
    std::unique_ptr<Engine> engine;
  };
  std::vector<Tiered> engines_;
};

/// `deny default grant=3 error=2:7@5`.
[[nodiscard]] std::string decision_text(const Decision& decision);

}  // namespace writ::differential
