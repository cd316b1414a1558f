// The parts of a record that take more than its first slot: a name without a handle, attributes,
// text. Written by the recorder on its slow path, read by a drain that trusts nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/audit/ring/slot.h"

namespace writ::audit::ring {

/// Parts of one record, side by side; as many bytes as a record carries at most.
class PayloadWriter {
 public:
  /// False: it does not fit; nothing is written.
  [[nodiscard]] bool add(Part part, std::string_view bytes);
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::size_t left() const { return kPayloadBytesMax - bytes_.size(); }
  /// Of the whole record.
  [[nodiscard]] std::size_t slots() const {
    return 1 + (bytes_.size() + kPayloadBytes - 1) / kPayloadBytes;
  }

 private:
  std::string bytes_;
};

inline constexpr std::size_t kPartHeadBytes = 3;

struct Parts {
  std::optional<std::string_view> name, kind, operation, attributes, text;
};
/// None for bytes that PayloadWriter does not write. Views are of `payload`.
[[nodiscard]] std::optional<Parts> read_parts(std::string_view payload);

}  // namespace writ::audit::ring
