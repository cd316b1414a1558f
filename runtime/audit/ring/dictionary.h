// The writing end of a region's dictionary: what ids of sessions, resources and bundles mean,
// written before the first record that carries them. Append-only; when a half is full, what still
// lives moves to the other one, so a million sessions opened and closed take no more room than one.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/audit/recorder.h"
#include "runtime/audit/ring/writer.h"

namespace writ::audit::ring {

class Dictionary : public std::enable_shared_from_this<Dictionary> {
 public:
  Dictionary(std::shared_ptr<Pool> pool, std::chrono::nanoseconds wait);
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  /// Id 0: there is no room, and none came while we waited.
  [[nodiscard]] Opened open(EntryType type, std::string_view payload);
  /// `id` is the generation.
  [[nodiscard]] std::shared_ptr<const void> open_policy(
      std::uint32_t id, std::string_view payload, std::shared_ptr<const PolicyWords> words);
  /// Of a generation that this process opened. Null: nobody knows it, or it is long over.
  [[nodiscard]] std::shared_ptr<const PolicyWords> words(std::uint32_t generation) const;
  /// Lets go of the words of bundles that are closed and drained. A drain calls it each second.
  void forget();
  [[nodiscard]] std::size_t live_entries() const;

 private:
  struct Entry {
    std::uint64_t offset = 0;  // in the half that is written
    std::uint32_t bytes = 0;   // head, payload and padding
    bool closed = false;
    std::uint64_t closed_in = 0;  // passes that had begun then
    std::shared_ptr<const PolicyWords> words = {};
  };
  using Key = std::uint64_t;  // type << 32 | id
  static Key key(EntryType type, std::uint32_t id) {
    return std::uint64_t{static_cast<std::uint16_t>(type)} << 32 | id;
  }
  [[nodiscard]] bool add(EntryType type, std::uint32_t id, std::string_view payload,
                         std::shared_ptr<const PolicyWords> words);
  void close(EntryType type, std::uint32_t id) noexcept;
  [[nodiscard]] std::shared_ptr<const void> owner(EntryType type, std::uint32_t id);
  [[nodiscard]] bool make_room(std::uint64_t bytes, std::unique_lock<std::mutex>& lock);
  void forget_closed();
  void move_live();

  std::shared_ptr<Pool> pool_;
  Region& region_;
  std::chrono::nanoseconds wait_;
  mutable std::mutex mutex_;
  std::unordered_map<Key, Entry> entries_;
  std::uint64_t live_bytes_ = 0;  // of entries_
  std::uint64_t used_ = 0;        // of the half that is written
  std::uint32_t next_id_ = 1;     // of sessions and resources
};

}  // namespace writ::audit::ring
