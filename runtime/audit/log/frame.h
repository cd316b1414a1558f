// Bytes pressed by zstd, and back. The only file of Writ's that knows zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/audit/log/format.h"
#include "runtime/base/error.h"

namespace writ::audit::log {

/// Keeps zstd's memory from block to block. Threads: one.
class Press {
 public:
  Press();
  ~Press();
  Press(const Press&) = delete;
  Press& operator=(const Press&) = delete;

  /// Appends to `out`; what would not become smaller stands as it is. Gives both sizes.
  [[nodiscard]] PartSize press(std::span<const std::byte> raw, std::vector<std::byte>& out);
  /// The raw bytes in `out`. *errors* Malformed, also when they are not `size.raw` bytes.
  [[nodiscard]] Status unpress(std::span<const std::byte> stored, PartSize size,
                               std::vector<std::byte>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace writ::audit::log
