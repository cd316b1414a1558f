#include "tests/bench/rows.h"

#include "runtime/base/file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <span>

namespace writ::bench {

void print_header() {
  fmt::print("{:<15} {:>9} {:<16} {:<12} {:>10} {:>12} {:<10} {:>10} {:>7}\n", "workload", "grants",
             "question", "tier", "ns", "with record", "floor", "floor ns", "ratio");
}

void print(const Row& row) {
  fmt::print("{:<15} {:>9} {:<16} {:<12} {:>10.1f} {:>12} {:<10} {:>10.1f} {:>7.2f}\n",
             row.workload, row.grants, row.question, row.tier, row.ns,
             row.ns_with_record > 0 ? fmt::format("{:.1f}", row.ns_with_record) : "-", row.floor,
             row.floor_ns, row.floor_ns > 0 ? row.ns / row.floor_ns : 0.0);
  std::fflush(stdout);
}

Status write_json(const std::string& path, const std::vector<Row>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    list.push_back({{"workload", row.workload},
                    {"grants", row.grants},
                    {"question", row.question},
                    {"tier", row.tier},
                    {"ns", row.ns_with_record > 0 ? row.ns_with_record : row.ns},
                    {"ns_without_record", row.ns},
                    {"floor", row.floor},
                    {"floor_ns", row.floor_ns},
                    {"ratio", row.floor_ns > 0 ? row.ns / row.floor_ns : 0.0}});
  }
  const std::string text = nlohmann::ordered_json{{"rows", list}}.dump(2) + "\n";
  return write_file(path, std::as_bytes(std::span(text)));
}

std::string option(int argc, char** argv, const std::string& name, const std::string& otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == name) {
      return argv[i + 1];
    }
  }
  return otherwise;
}

}  // namespace writ::bench
