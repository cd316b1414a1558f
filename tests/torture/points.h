// Where a process is killed: at a named point, the n-th time that it comes there. Points are those
// of the ring and the drain (runtime/audit/ring/points.h) and each operation on the log's files.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/audit/log/files.h"

namespace writ::torture {

/// Points that a deciding process comes to, and that a drain comes to.
[[nodiscard]] std::span<const std::string_view> decider_points();
[[nodiscard]] std::span<const std::string_view> drain_points();

/// This process ends by SIGKILL at the point. `point` must outlive it.
void die_at(std::string_view point, std::uint32_t time);

/// The system's files, with a point before and after each operation that alters something; a write
/// may also stop half way.
class DyingFiles final : public audit::log::Files {
 public:
  [[nodiscard]] ssize_t pwrite(int fd, std::span<const std::byte> bytes,
                               std::uint64_t offset) override;
  [[nodiscard]] int fdatasync(int fd) override;
  [[nodiscard]] int sync_folder(int fd) override;
  [[nodiscard]] int allocate(int fd, std::uint64_t bytes) override;
  [[nodiscard]] int rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] int unlink(const std::string& path) override;
};

}  // namespace writ::torture
