// What the compiler has to say about a policy. A diagnostic has a stable code, one sentence about
// *this* input, the place, related places, and what to write instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/source_set.h"
#include "compiler/source/span.h"
#include "runtime/base/error.h"

namespace writ::diag {

enum class Severity : std::uint8_t { Error, Warning };

/// Codes by area, appended, never reused: E01xx reading and syntax, E02xx names, E03xx types and
/// expressions, E04xx models, E05xx scopes and principals, E06xx patterns and networks, E07xx
/// grants, roles and bindings, E08xx data files, E09xx keys, E10xx tests,
/// E11xx the audit trail, E12xx what is imported, E13xx what a plug-in supplies; W…: warnings, same
/// areas.
enum class Code : std::uint16_t {
#define WRIT_DIAG(code, name, severity, title) name,
#include "compiler/diag/kinds.def"
#undef WRIT_DIAG
};
[[nodiscard]] std::string_view code_text(Code code);   // E0201
[[nodiscard]] std::string_view title(Code code);       // what the docs page is called
[[nodiscard]] Severity severity(Code code);
[[nodiscard]] std::vector<Code> all_codes();           // every row, in the table's order

struct Label {
  source::Span span;
  std::string text;
};
struct Diag {
  Code code{};
  std::string message;         // lower case, no full stop, user text in backticks
  Label primary;
  std::vector<Label> related;
  std::string help;            // what to write; may be empty
};

/// Collects diagnostics; the step that reports goes on with an error type.
class Sink {
 public:
  /// Equal code, place and message count once.
  void add(Diag diag);
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] std::size_t warnings() const { return diags_.size() - errors_; }
  /// By file, then place.
  [[nodiscard]] std::vector<Diag> sorted() const;

 private:
  std::vector<Diag> diags_;
  std::size_t errors_ = 0;
};

enum class Colour : std::uint8_t { Off, On };
/// In the manner of rustc: `error[E0201]: …`, ` --> file:line:column`, the line, the underline.
[[nodiscard]] std::string render_text(const Diag& diag, const source::SourceSet& sources,
                                      Colour colour);
/// One JSON object: code, severity, message, file, line, column, end_line, end_column, label,
/// related, help.
[[nodiscard]] std::string render_json(const Diag& diag, const source::SourceSet& sources);

/// A file that could not be read at all has no spans: the diagnostic of an error of
/// source::SourceSet (E0101, E0102, E0106), as code, text and JSON.
[[nodiscard]] Code code_of(const Error& error);
[[nodiscard]] std::string render_text(const Error& error, Colour colour);
[[nodiscard]] std::string render_json(const Error& error);

/// The known name nearest to `name`, or empty when none is near (edit distance ≤ a third).
[[nodiscard]] std::string nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace writ::diag
