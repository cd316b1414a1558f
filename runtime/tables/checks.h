// What both parts of the verifier say of arrays: the first thing that is wrong is kept.
#pragma once

#include <string>

#include <fmt/format.h>

#include "runtime/tables/tables.h"

namespace writ::tables {

class Checks {
 public:
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 protected:
  bool need(bool holds, const char* array, std::size_t index, const char* what) {
    if (!holds && wrong_.empty()) wrong_ = fmt::format("{}[{}]: {}", array, index, what);
    return holds;
  }
  static bool range(std::uint64_t begin, std::uint64_t count, std::size_t size) {
    return begin <= size && count <= size - begin;
  }
  static bool optional_id(std::uint32_t id, std::size_t size) { return id == kNone || id < size; }

  /// Probing ends at an empty slot: each array of slots must have one.
  template <class Slots, class Used>
  void slots(const Slots& array, const char* name, Used used) {
    bool empty = false;
    for (std::size_t at = 0; at < array.size(); ++at) {
      if (used(array[at], at)) continue;
      empty = true;
    }
    need(empty, name, array.size(), "no empty slot");
  }

 private:
  std::string wrong_;
};

/// Pattern sets, groups of rows, protections. The first thing that is wrong, or empty.
[[nodiscard]] std::string verify_rows(const Tables& tables, const ir::Program& program);

}  // namespace writ::tables
