// Waiting for a word in shared memory to move, and waking whoever waits, across processes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace writ::audit::ring {

/// Returns when the word is no longer `seen`, when woken, or after `at_most`; the caller looks
/// again at what it waits for.
void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                std::chrono::nanoseconds at_most) noexcept;
/// Moves the word and wakes all.
void move_and_wake(std::atomic<std::uint32_t>& word) noexcept;

}  // namespace writ::audit::ring
