// JSON that nobody's text can break out of: control characters, bidirectional and other invisible
// format characters are escaped, bytes that are no UTF-8 become U+FFFD. Appends to a string that
// the caller keeps, so that a warm one is not allocated again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace writ::audit {

/// Was a byte replaced, so that the text is not the whole truth?
enum class Fidelity : std::uint8_t { Exact, Replaced };

/// Appends `text` as a JSON string, quotes included.
Fidelity append_json(std::string& out, std::string_view text);

/// At most `bytes_max` bytes of the front, not cut within a character of UTF-8.
[[nodiscard]] std::string_view front(std::string_view text, std::size_t bytes_max);

/// Members of nested objects in the order of the calls. Names are ours: they are not escaped.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  void begin_object();
  void begin_object(std::string_view name);
  void end_object();
  void begin_list(std::string_view name);
  void end_list();
  Fidelity text(std::string_view name, std::string_view value);
  Fidelity text(std::string_view value);  // an element of a list
  void number(std::string_view name, std::uint64_t value);
  void boolean(std::string_view name, bool value);
  /// `json` is a value that append_json or another writer made.
  void raw(std::string_view name, std::string_view json);

 private:
  void separate();
  void name(std::string_view name);
  std::string& out_;
};

}  // namespace writ::audit
