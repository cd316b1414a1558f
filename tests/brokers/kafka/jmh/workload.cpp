// writ-workload SHAPE ROWS ASKS FOLDER: rows.jsonl and asks.jsonl of a workload, in Kafka's
// words, for benches that are not C++.
#include "tests/support/workload.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace writ::tests {
namespace {

// No name of a workload needs an escape.
std::string to_json(const WorkloadAsk& ask) {
  return fmt::format(
      R"({{"principal":"{}","host":"{}","operation":"{}",)"
      R"("resourceType":"{}","resourceName":"{}"}})",
      ask.principal, ask.host, ask.operation, ask.kind, ask.name);
}

template <typename Lines>
bool write(const std::filesystem::path& file, const Lines& lines) {
  std::ofstream out(file, std::ios::binary);
  for (const auto& line : lines) {
    out << to_json(line) << '\n';
  }
  out.flush();
  return out.good();
}

int run(const std::string& name, std::size_t rows, std::size_t asks,
        const std::filesystem::path& folder) {
  for (const Shape shape : kShapes) {
    if (name_of(shape) == name) {
      const Workload workload = make_workload(shape, rows, asks, 1);
      std::error_code ignored;
      std::filesystem::create_directories(folder, ignored);
      return write(folder / "rows.jsonl", workload.rows) &&
                     write(folder / "asks.jsonl", workload.asks)
                 ? 0
                 : 3;
    }
  }
  fmt::print(stderr, "no shape {}\n", name);
  return 2;
}

}  // namespace
}  // namespace writ::tests

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "writ-workload SHAPE ROWS ASKS FOLDER\n");
    return 2;
  }
  return writ::tests::run(argv[1], std::strtoull(argv[2], nullptr, 10),
                          std::strtoull(argv[3], nullptr, 10), argv[4]);
}
