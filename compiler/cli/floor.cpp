#include "compiler/cli/floor.h"

#include <bit>
#include <functional>

namespace writ::cli {
namespace {

std::uint64_t hash_of(std::string_view principal, std::string_view kind, std::string_view name) {
  const std::hash<std::string_view> hash;
  std::uint64_t h = hash(name);
  h ^= hash(principal) + 0x9E37'79B9'7F4A'7C15 + (h << 6) + (h >> 2);
  h ^= kind.size() * 0xFF51'AFD7'ED55'8CCD;
  return h | 1;
}

}  // namespace

CallFloor::CallFloor(std::size_t sessions, std::size_t resources)
    : words_(sessions * resources, 0), width_(resources), function_(&CallFloor::decide) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    words_[i] = i * 0x9E37'79B9'7F4A'7C15;
  }
  tables_.store(words_.data(), std::memory_order_release);
}

[[gnu::noinline]] bool CallFloor::decide(const CallFloor& floor, std::size_t session,
                                         std::size_t resource, std::uint32_t operation) {
  const std::uint64_t* words = floor.tables_.load(std::memory_order_acquire);
  return (words[session * floor.width_ + resource] >> operation & 1) != 0;
}

ProbeFloor::ProbeFloor(std::size_t keys) : slots_(std::bit_ceil(keys * 2 + 2)) {}

bool ProbeFloor::equal(const Slot& slot, std::string_view principal, std::string_view kind,
                       std::string_view name) const {
  const std::string_view text(text_);
  return slot.principal_bytes == principal.size() && slot.kind_bytes == kind.size() &&
         slot.name_bytes == name.size() && text.substr(slot.begin, principal.size()) == principal &&
         text.substr(slot.begin + principal.size(), kind.size()) == kind &&
         text.substr(slot.begin + principal.size() + kind.size(), name.size()) == name;
}

void ProbeFloor::add(std::string_view principal, std::string_view kind, std::string_view name,
                     std::uint64_t word) {
  const std::uint64_t hash = hash_of(principal, kind, name);
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].used &&
         !(slots_[at].hash == hash && equal(slots_[at], principal, kind, name))) {
    at = (at + 1) & (slots_.size() - 1);
  }
  Slot& slot = slots_[at];
  if (!slot.used) {
    slot = {hash,
            static_cast<std::uint32_t>(text_.size()),
            static_cast<std::uint32_t>(principal.size()),
            static_cast<std::uint32_t>(kind.size()),
            static_cast<std::uint32_t>(name.size()),
            0,
            true};
    text_.append(principal).append(kind).append(name);
  }
  slot.word |= word;
}

std::uint64_t ProbeFloor::find(std::string_view principal, std::string_view kind,
                               std::string_view name) const {
  const std::uint64_t hash = hash_of(principal, kind, name);
  for (std::size_t at = hash & (slots_.size() - 1); slots_[at].used;
       at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash && equal(slots_[at], principal, kind, name)) {
      return slots_[at].word;
    }
  }
  return 0;
}

}  // namespace writ::cli
