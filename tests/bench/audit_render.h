// How fast rows become events: one thread, warm, every byte written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace writ::bench {

struct RenderRow {
  std::string question;   // which rows
  double per_second = 0;  // events
  double bytes = 0;       // an event
  double floor_per_second = 0;  // copying as many bytes, once an event
};

/// About `seconds` for each of the rows.
[[nodiscard]] std::vector<RenderRow> render_rows(double seconds);

}  // namespace writ::bench
