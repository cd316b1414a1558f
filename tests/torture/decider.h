// Threads that record as fast as they may and note, in memory that outlives them, what was
// acknowledged. Each record says in all its fields which one it is.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/audit/ring/ring_recorder.h"

namespace writ::torture {

inline constexpr std::uint32_t kThreads = 3;

/// Of one deciding process, in memory that parent and child share.
struct Acknowledged {
  std::atomic<std::uint64_t> records[kThreads];  // numbers 1 to this were acknowledged
  std::atomic<std::uint64_t> denied;
};

/// Which record a row is: of the `life`-th process, by thread, counting from 1.
struct Token {
  std::uint32_t life = 0;
  std::uint32_t thread = 0;
  std::uint64_t number = 0;
  friend bool operator==(const Token&, const Token&) = default;
};
/// A token in 63 bits, to stand where a record has its time, and back.
[[nodiscard]] std::int64_t pack(const Token& token);
[[nodiscard]] Token unpack(std::int64_t packed);
/// What a record's other fields must be.
[[nodiscard]] std::string name_of(const Token& token);
[[nodiscard]] std::string principal_of(const Token& token);
[[nodiscard]] std::uint32_t grant_of(const Token& token);

/// Records until the process is killed, or `stop` is true. `paced`: with a breath now and then, for
/// runs of many minutes.
void decide(audit::ring::RingRecorder& recorder, std::uint32_t life, Acknowledged& acknowledged,
            const std::atomic<bool>& stop, bool paced);

/// Small rings, and waits that outlast a drain's death.
[[nodiscard]] audit::ring::RegionOptions small_region(const std::string& directory);
[[nodiscard]] audit::ring::WriterOptions long_waits();

}  // namespace writ::torture
