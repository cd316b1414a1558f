// Which process is it, and does it live? Pids are used again; a pid with its start time is not,
// until the machine starts anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace writ::audit::ring {

struct ProcessId {
  std::uint32_t pid = 0;
  std::uint64_t start = 0;      // clock ticks since the machine's start
  std::uint64_t pid_space = 0;  // inode of the pid namespace
  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

/// This process.
[[nodiscard]] ProcessId this_process();
/// False only when it is sure to have ended: what lives in another pid namespace is not known.
[[nodiscard]] bool may_live(const ProcessId& process);
/// As /proc/sys/kernel/random/boot_id says it; empty where there is none.
[[nodiscard]] std::string boot_id();

}  // namespace writ::audit::ring
