// RFC 3339 of rows that mostly fall into the second of the row before.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace writ::audit::render {

class TimeText {
 public:
  /// As event_time(); the text lives until the next call.
  [[nodiscard]] std::string_view of(std::int64_t time_us);

 private:
  static constexpr std::size_t kSecondBytes = 20;  // `2026-01-01T12:00:00.`
  static constexpr std::size_t kBytes = kSecondBytes + 7;
  bool known_ = false;
  std::int64_t second_ = 0;
  std::array<char, kBytes> text_{};
};

}  // namespace writ::audit::render
