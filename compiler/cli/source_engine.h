// SOURCE of eval and bench: a signed bundle with a key to trust, or policy paths that are compiled
// and signed in memory by a fresh key. Either way the engine loads a signed bundle.
#pragma once

#include "compiler/cli/command.h"
#include "compiler/compile.h"
#include "runtime/api/include/writ/engine.hpp"
#include "runtime/ir/program.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace writ::cli {

struct SourceOptions {
  std::vector<std::string> paths;  // one bundle, or policy paths
  std::vector<std::string> trust;  // files of public keys
  Format format = Format::Text;    // of diagnostics
};

/// A bundle that verified, with whom it was believed, and the program in it.
struct Source {
  std::vector<std::byte> bundle;
  TrustOptions trust;
  ir::Program program;
};

/// Opens a SOURCE. A mistake is reported where it is found; the code says how the command ends.
[[nodiscard]] std::expected<Source, Exit> open_source(const SourceOptions& options);

/// Signs a program with a key of its own. Errors: those of compiler/pack.
[[nodiscard]] Result<Source> sign_in_memory(ir::Program program);

/// Compiles policy paths, reports diagnostics. Errors in the policy: Unreadable.
[[nodiscard]] std::expected<compiler::Compiled, Exit> compile_paths(
    const std::vector<std::string>& paths, Format format);

/// An engine with the source loaded. Errors: those of Engine::load.
[[nodiscard]] Result<std::unique_ptr<Engine>> make_engine(const Source& source,
                                                          const EngineOptions& options);

/// Is the file a bundle by its first bytes?
[[nodiscard]] bool is_bundle(const std::string& path);

/// Whom to believe, from files of public keys. Errors: Unreadable, Malformed.
[[nodiscard]] Result<TrustOptions> read_trust(const std::vector<std::string>& files);

}  // namespace writ::cli
