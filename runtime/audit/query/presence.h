// Which ids occur in a block: exact, in as few bytes as ids or bits take.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/bytes.h"

namespace writ::audit::query {

class Presence {
 public:
  Presence() = default;
  explicit Presence(std::span<const std::uint32_t> ids);  // in any order, with repeats
  [[nodiscard]] bool has(std::uint32_t id) const;
  [[nodiscard]] bool has_any(std::span<const std::uint32_t> ids) const;

  void encode(std::string& out) const;
  /// Fails `in` on bytes that encode() does not write.
  [[nodiscard]] static Presence decode(ByteReader& in);

 private:
  std::vector<std::uint32_t> ids_;  // sorted
};

/// Hashes of names: may say yes for one that is not there, never no for one that is.
class NameFilter {
 public:
  void add(std::string_view name) { hashes_.push_back(hash(name)); }
  void finish();  // after the last name
  [[nodiscard]] bool may_have(std::string_view name) const;
  [[nodiscard]] bool empty() const { return hashes_.empty(); }

  void encode(std::string& out) const;
  [[nodiscard]] static NameFilter decode(ByteReader& in);

 private:
  [[nodiscard]] static std::uint32_t hash(std::string_view name);
  std::vector<std::uint32_t> hashes_;  // sorted, without repeats
};

}  // namespace writ::audit::query
