#include "runtime/audit/sink/cursor.h"

#include <unistd.h>

#include <span>

#include <nlohmann/json.hpp>

#include "runtime/audit/json_writer.h"
#include "runtime/base/file.h"

namespace writ::audit::sink {
namespace {

using nlohmann::json;

constexpr std::uint64_t kCursorVersion = 2;
constexpr std::uint64_t kCursorBytesMax = 65'536;

std::optional<std::uint64_t> number(const json& of, const char* name) {
  const auto found = of.find(name);
  if (found == of.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::optional<std::string> text_of(const json& of, const char* name) {
  const auto found = of.find(name);
  if (found == of.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

Result<std::optional<Cursor>> CursorFile::load() {
  if (::access(path_.c_str(), F_OK) != 0) return std::nullopt;
  WRIT_ASSIGN(bytes, read_file(path_, kCursorBytesMax));
  std::string text;
  for (const std::byte byte : bytes) text += static_cast<char>(byte);
  const json object = json::parse(text, nullptr, false);
  const auto malformed = [&] {
    return fail(ErrorCode::Malformed,
                "not a cursor; without it everything in the log is sent again", path_);
  };
  if (!object.is_object() || number(object, "version") != kCursorVersion) return malformed();
  const auto segment = number(object, "segment");
  const auto block = number(object, "block");
  const auto state = text_of(object, "state");
  const auto log = text_of(object, "log");
  if (!segment || !block || !state || !log) return malformed();
  return Cursor{{*segment, *block}, *state, *log};
}

Status CursorFile::save(const Cursor& cursor) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.number("version", kCursorVersion);
  out.number("segment", cursor.position.segment);
  out.number("block", cursor.position.block);
  out.text("state", cursor.state);
  out.text("log", cursor.log);
  out.end_object();
  text += '\n';
  return write_file(path_, std::as_bytes(std::span(text)), 0640);
}

}  // namespace writ::audit::sink
