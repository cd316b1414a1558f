// Ids that were given for keys: a small array that is looked at first, and a map behind it that is
// emptied when it grows too large, so that nobody's inventions fill the memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>

namespace writ::audit::drain {

/// Keys are plain data without padding.
template <class Key>
class Memo {
 public:
  static constexpr std::size_t kNear = 32'768;  // a power of two
  explicit Memo(std::size_t most) : most_(most) {}

  /// 0: none was given.
  [[nodiscard]] std::uint32_t find(const Key& key) {
    const std::uint64_t hash = hash_of(key);
    Near& near = (*near_)[hash % kNear];
    if (near.id != 0 && near.key == key) return near.id;
    const auto found = all_.find(key);
    if (found == all_.end()) return 0;
    near = {key, found->second};
    return found->second;
  }
  void put(const Key& key, std::uint32_t id) {
    all_.insert_or_assign(key, id);
    (*near_)[hash_of(key) % kNear] = {key, id};
  }
  [[nodiscard]] bool is_full() const { return all_.size() >= most_; }
  /// Calls `each(id)` for all that were given.
  template <class Each>
  void clear(Each each) {
    for (const auto& [key, id] : all_) each(id);
    all_.clear();
    near_->fill({});
  }

 private:
  struct Near {
    Key key{};
    std::uint32_t id = 0;
  };
  static std::uint64_t hash_of(const Key& key) {
    static_assert(sizeof(Key) % sizeof(std::uint64_t) == 0);
    std::uint64_t words[sizeof(Key) / sizeof(std::uint64_t)];
    std::memcpy(words, &key, sizeof key);
    std::uint64_t hash = 0;
    for (const std::uint64_t word : words) {
      hash = (hash ^ word) * 0x9E37'79B9'7F4A'7C15ULL;
      hash ^= hash >> 29;
    }
    return hash;
  }
  struct Hash {
    std::size_t operator()(const Key& key) const { return hash_of(key); }
  };

  std::size_t most_;
  std::unordered_map<Key, std::uint32_t, Hash> all_;
  std::unique_ptr<std::array<Near, kNear>> near_ = std::make_unique<std::array<Near, kNear>>();
};

}  // namespace writ::audit::drain
