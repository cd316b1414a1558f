// What a bench found: rows for people on the screen, for machines in a JSON file.
#pragma once

#include "runtime/base/error.h"

#include <string>
#include <vector>

namespace writ::bench {

struct Row {
  std::string workload;
  std::size_t grants = 0;
  std::string question;
  std::string tier = "native";
  double ns = 0;              // without a record
  double ns_with_record = 0;  // 0: not measured
  std::string floor;          // its name
  double floor_ns = 0;
};

void print_header();
void print(const Row& row);
/// Errors: Unreadable.
[[nodiscard]] Status write_json(const std::string& path, const std::vector<Row>& rows);

/// `--name VALUE` of the command line, or `otherwise`.
[[nodiscard]] std::string option(int argc, char** argv, const std::string& name,
                                 const std::string& otherwise);

}  // namespace writ::bench
