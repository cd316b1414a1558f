// The semantic floor: the least that answers an ACL workload correctly, written by hand. A session
// is its classes (own or any principal, from each matching host); a name is its chain of patterns;
// a cell is two masks. No reasons, no conditions, no scopes, no records, no reload.
#pragma once

#include "tests/support/workload.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace writ::bench {

class SemanticFloor {
 public:
  explicit SemanticFloor(const tests::Workload& workload);

  struct Session {
    std::vector<std::uint32_t> classes;
  };
  [[nodiscard]] Session open(std::string_view principal, std::string_view host) const;
  /// The bit of an operation in this floor's own numbering.
  [[nodiscard]] std::uint32_t operation(std::string_view name) const;
  [[nodiscard]] bool permits(const Session& session, std::string_view kind, std::string_view name,
                             std::uint32_t operation) const;

 private:
  struct Cell {
    std::uint64_t key = 0;  // class + 1 << 32 | node
    std::uint32_t allows = 0;
    std::uint32_t denies = 0;
  };
  struct Name {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;
    std::uint32_t bytes = 0;
    std::uint32_t node = 0;
    bool used = false;
  };
  [[nodiscard]] std::uint32_t find_node(char form, std::string_view kind,
                                        std::string_view text) const;
  std::uint32_t add_node(char form, std::string_view kind, std::string_view text);
  Cell& add_cell(std::uint32_t cls, std::uint32_t node);
  void gather(const Session& session, std::uint32_t node, std::uint32_t& allows,
              std::uint32_t& denies) const;

  std::unordered_map<std::string, std::uint32_t> classes_;  // principal, zero byte, host
  std::vector<std::string> hosts_;
  std::vector<Cell> cells_;
  std::vector<Name> names_;
  std::string text_;
  std::vector<std::uint32_t> prefix_bytes_;  // lengths that occur, descending
  std::uint32_t nodes_ = 0;
};

}  // namespace writ::bench
