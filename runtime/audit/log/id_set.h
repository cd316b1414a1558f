// A set of 4-byte ids that mostly count up: a bit each, in pages that are made when needed.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

namespace writ::audit::log {

class IdSet {
 public:
  void add(std::uint32_t id) {
    const std::size_t page = id / kPageBits;
    if (pages_.size() <= page) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<Page>();
    pages_[page]->set(id % kPageBits);
  }
  [[nodiscard]] bool has(std::uint32_t id) const {
    const std::size_t page = id / kPageBits;
    return page < pages_.size() && pages_[page] && pages_[page]->test(id % kPageBits);
  }

 private:
  static constexpr std::size_t kPageBits = 65'536;
  using Page = std::bitset<kPageBits>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace writ::audit::log
