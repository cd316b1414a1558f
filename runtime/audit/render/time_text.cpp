#include "runtime/audit/render/time_text.h"

#include <algorithm>

#include "runtime/audit/event.h"
#include "runtime/value/calendar.h"

namespace writ::audit::render {

std::string_view TimeText::of(std::int64_t time_us) {
  const std::int64_t held = held_time(time_us);
  const std::int64_t second = calendar::floor_div(held, calendar::kMicrosPerSecond);
  if (!known_ || second != second_) {
    std::ranges::copy(event_time(held), text_.begin());
    known_ = true;
    second_ = second;
  }
  std::int64_t fraction = calendar::floor_mod(held, calendar::kMicrosPerSecond);
  for (std::size_t at = kBytes - 2; at >= kSecondBytes; --at) {
    text_[at] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  return {text_.data(), text_.size()};
}

}  // namespace writ::audit::render
