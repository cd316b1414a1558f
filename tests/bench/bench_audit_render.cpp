// bench_audit_render [--seconds S] [--json FILE]: events a second and core, beside copying as many
// bytes.
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/bench/audit_render.h"
#include "tests/bench/rows.h"

int main(int argc, char** argv) {
  using writ::bench::option;
  const double seconds = std::atof(option(argc, argv, "--seconds", "1").c_str());
  const auto rows = writ::bench::render_rows(seconds);
  nlohmann::json out = nlohmann::json::array();
  fmt::print("{:<40} {:>14} {:>8} {:>14}\n", "question", "per second", "bytes", "floor: copy");
  for (const auto& row : rows) {
    fmt::print("{:<40} {:>14.0f} {:>8.0f} {:>14.0f}\n", row.question, row.per_second, row.bytes,
               row.floor_per_second);
    out.push_back({{"question", row.question},
                   {"per_second", row.per_second},
                   {"bytes", row.bytes},
                   {"floor", row.floor_per_second}});
  }
  const std::string file = option(argc, argv, "--json", "");
  if (!file.empty()) std::ofstream(file) << out.dump(1) << "\n";
  return 0;
}
