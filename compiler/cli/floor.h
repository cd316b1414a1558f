// The least that any engine must do, measured beside ours in the same process. `CallFloor`: a call
// through a pointer, an acquire load of the tables, one dense word, a bit test. `ProbeFloor`: one
// probe of a flat hash table by (principal, kind, name) as strings. Neither knows prefixes,
// denials or conditions: the ratio to them is what semantics cost.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace writ::cli {

class CallFloor {
 public:
  CallFloor(std::size_t sessions, std::size_t resources);
  /// Through a function pointer that the optimiser cannot see through.
  [[nodiscard]] bool permits(std::size_t session, std::size_t resource,
                             std::uint32_t operation) const {
    return function_(*this, session, resource, operation);
  }

 private:
  using Function = bool (*)(const CallFloor&, std::size_t, std::size_t, std::uint32_t);
  static bool decide(const CallFloor& floor, std::size_t session, std::size_t resource,
                     std::uint32_t operation);

  std::vector<std::uint64_t> words_;
  std::size_t width_ = 1;
  std::atomic<const std::uint64_t*> tables_{nullptr};
  Function volatile function_;
};

class ProbeFloor {
 public:
  explicit ProbeFloor(std::size_t keys);
  void add(std::string_view principal, std::string_view kind, std::string_view name,
           std::uint64_t word);
  [[nodiscard]] std::uint64_t find(std::string_view principal, std::string_view kind,
                                   std::string_view name) const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;
    std::uint32_t principal_bytes = 0;
    std::uint32_t kind_bytes = 0;
    std::uint32_t name_bytes = 0;
    std::uint64_t word = 0;
    bool used = false;
  };
  [[nodiscard]] bool equal(const Slot& slot, std::string_view principal, std::string_view kind,
                           std::string_view name) const;

  std::vector<Slot> slots_;
  std::string text_;
};

}  // namespace writ::cli
