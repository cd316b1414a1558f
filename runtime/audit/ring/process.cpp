#include "runtime/audit/ring/process.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/file.h"

namespace writ::audit::ring {
namespace {

constexpr std::size_t kProcFileBytesMax = 64 << 10;

std::string read_text(const std::string& path) {
  const auto bytes = read_file(path, kProcFileBytesMax);
  if (!bytes) return {};
  std::string text;
  for (const std::byte byte : *bytes) text += static_cast<char>(byte);
  return text;
}

// SOURCE: proc(5): the name of the program, in brackets, may hold anything; `starttime` is field
// 22, the 20th after it.
std::optional<std::uint64_t> start_of(std::uint32_t pid) {
  const std::string stat = read_text(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(stat).substr(name_end + 1);
  for (int field = 2; field < 22; ++field) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(space + 1);
  }
  std::uint64_t start = 0;
  const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), start);
  if (end.ec != std::errc()) return std::nullopt;
  return start;
}

std::uint64_t pid_space() {
  struct stat info {};
  return stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

}  // namespace

ProcessId this_process() {
  const auto pid = static_cast<std::uint32_t>(getpid());
  return {pid, start_of(pid).value_or(0), pid_space()};
}

bool may_live(const ProcessId& process) {
  if (process.pid_space != pid_space()) return true;
  const auto start = start_of(process.pid);
  if (start) return *start == process.start;
  // It may be there and not be readable: where this process has no descriptor left, say.
  return ::kill(static_cast<pid_t>(process.pid), 0) == 0 || errno != ESRCH;
}

std::string boot_id() {
  std::string id = read_text("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace writ::audit::ring
