// What the verbs of the command share: exit codes, formats, how errors and results are printed. One
// file a verb; each adds its options to the application and leaves its action in a Command.
#pragma once

#include "runtime/base/error.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace writ::compiler {
struct Compiled;
}
namespace writ::diag {
class Sink;
}
namespace writ::source {
class SourceSet;
}

namespace writ::cli {

/// docs/operations/exit_codes.md.
enum class Exit : std::uint8_t {
  Ok = 0,
  Findings = 1,  // diagnostics, failed tests, a single request denied
  Usage = 2,
  Unreadable = 3,  // the input could not be read or compiled, the output not written
  Unknown = 4,
  Internal = 5,
};
[[nodiscard]] Exit exit_of(ErrorCode code);

enum class Format : std::uint8_t { Text, Json, Junit };

/// The verb that was chosen on the command line; empty: none.
using Action = std::function<Exit()>;

void add_keys(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_test(CLI::App& app, Action& action);
void add_build(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_import(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_auditd(CLI::App& app, Action& action);

/// Adds `--format`, of `names` in the order of Format.
void add_format(CLI::App& verb, Format& format, const std::vector<std::string>& names);

/// Writes to standard output; what cannot be written is found by finish().
void print(std::string_view text);
/// Flushes standard output: Unreadable with a sentence if it could not be written (a full disk).
[[nodiscard]] Exit finish(Exit exit);

/// `error: message (where)` to standard error, or as one JSON object to standard output.
Exit report(const Error& error, Format format);
/// A sentence about the use of the command to standard error.
Exit usage(std::string_view message);
/// Every diagnostic. JSON goes where `json_to` says: to standard output where diagnostics are the
/// answer, else to standard error, so that answers stay alone. Text goes to standard error.
void report(const compiler::Compiled& compiled, Format format, std::FILE* json_to);
void report(const diag::Sink& sink, const source::SourceSet& sources, Format format,
            std::FILE* json_to);

/// Is standard error a terminal that wants colour (NO_COLOR is respected)?
[[nodiscard]] bool colour_on_stderr();

}  // namespace writ::cli
