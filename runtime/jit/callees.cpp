#include "runtime/jit/callees.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "runtime/interp/operations.h"

namespace writ::jit {
namespace {

/// Reads the bytes of a joined text from the front.
class JoinedReader {
 public:
  JoinedReader(const Slot* pieces, std::uint64_t count) : pieces_(pieces, count) { refill(); }

  /// What is left of the current piece; empty at the end.
  [[nodiscard]] std::string_view piece() const { return piece_; }
  void drop(std::size_t bytes) {
    piece_.remove_prefix(bytes);
    refill();
  }
  void skip(std::uint64_t bytes) {
    while (bytes > 0) {
      const std::size_t step = std::min<std::uint64_t>(bytes, piece_.size());
      drop(step);
      bytes -= step;
    }
  }
  [[nodiscard]] static std::uint64_t bytes(const Slot* pieces, std::uint64_t count) {
    std::uint64_t sum = 0;
    for (const Slot& piece : std::span(pieces, count)) sum += piece.b;
    return sum;
  }

 private:
  void refill() {
    while (piece_.empty() && !pieces_.empty()) {
      piece_ = slot_text(pieces_.front());
      pieces_ = pieces_.subspan(1);
    }
  }
  std::span<const Slot> pieces_;
  std::string_view piece_;
};

#define WRIT_CALLEE(name, signature) \
  Callee { #name, signature, reinterpret_cast<const void*>(&name) }
const Callee kCallees[] = {
    WRIT_CALLEE(writ_text_equal, "wpdpd"),
    WRIT_CALLEE(writ_text_compare, "wpdpd"),
    WRIT_CALLEE(writ_text_starts_with, "wpdpd"),
    WRIT_CALLEE(writ_text_ends_with, "wpdpd"),
    WRIT_CALLEE(writ_text_contains, "wpdpd"),
    WRIT_CALLEE(writ_dfa_matches, "wpppwwpd"),
    WRIT_CALLEE(writ_cidr_equal, "wpp"),
    WRIT_CALLEE(writ_set_has_number, "wpdd"),
    WRIT_CALLEE(writ_set_has_text, "wpdpd"),
    WRIT_CALLEE(writ_set_has_ip, "wpddd"),
    WRIT_CALLEE(writ_set_has_cidr, "wpdp"),
    WRIT_CALLEE(writ_networks_hold, "wpddd"),
    WRIT_CALLEE(writ_zone_offset, "dppdd"),
    WRIT_CALLEE(writ_time_year, "dd"),
    WRIT_CALLEE(writ_time_month, "dd"),
    WRIT_CALLEE(writ_time_day, "dd"),
    WRIT_CALLEE(writ_time_weekday, "dd"),
    WRIT_CALLEE(writ_time_hour, "dd"),
    WRIT_CALLEE(writ_time_minute, "dd"),
    WRIT_CALLEE(writ_joined_compare, "wpdpdw"),
};
#undef WRIT_CALLEE

}  // namespace

std::span<const Callee> callees() { return kCallees; }

}  // namespace writ::jit

extern "C" {

std::uint32_t writ_joined_compare(const writ::Slot* a, std::uint64_t a_count, const writ::Slot* b,
                                  std::uint64_t b_count, std::uint32_t form) noexcept {
  using writ::jit::JoinedReader;
  const std::uint64_t a_bytes = JoinedReader::bytes(a, a_count);
  const std::uint64_t b_bytes = JoinedReader::bytes(b, b_count);
  if (a_bytes < b_bytes || (form == 0 && a_bytes != b_bytes)) return 0;
  JoinedReader left(a, a_count);
  JoinedReader right(b, b_count);
  if (form == 2) left.skip(a_bytes - b_bytes);
  while (!right.piece().empty()) {
    const std::size_t step = std::min(left.piece().size(), right.piece().size());
    if (std::memcmp(left.piece().data(), right.piece().data(), step) != 0) return 0;
    left.drop(step);
    right.drop(step);
  }
  return 1;
}

}  // extern "C"
