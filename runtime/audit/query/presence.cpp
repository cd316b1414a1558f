#include "runtime/audit/query/presence.h"

#include <algorithm>
#include <limits>

#include "runtime/audit/log/varint.h"

namespace writ::audit::query {
namespace {

// Sorted numbers as the distances between them.
void encode_sorted(const std::vector<std::uint32_t>& numbers, std::string& out) {
  log::put_number(out, numbers.size());
  std::uint32_t before = 0;
  for (const std::uint32_t number : numbers) {
    log::put_number(out, number - before);
    before = number;
  }
}

std::vector<std::uint32_t> decode_sorted(ByteReader& in) {
  std::vector<std::uint32_t> numbers;
  const std::uint64_t count = log::take_number(in, in.left());
  numbers.reserve(static_cast<std::size_t>(count));
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    number += log::take_number(in);
    if (number > std::numeric_limits<std::uint32_t>::max()) in.fail();
    numbers.push_back(static_cast<std::uint32_t>(number));
  }
  return in.failed() ? std::vector<std::uint32_t>() : numbers;
}

void sort_unique(std::vector<std::uint32_t>& numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  numbers.shrink_to_fit();
}

}  // namespace

Presence::Presence(std::vector<std::uint32_t> ids) : ids_(std::move(ids)) { sort_unique(ids_); }

bool Presence::has(std::uint32_t id) const { return std::ranges::binary_search(ids_, id); }

bool Presence::has_any(std::span<const std::uint32_t> ids) const {
  // The shorter side is walked.
  if (ids.size() <= ids_.size()) {
    return std::ranges::any_of(ids, [this](std::uint32_t id) { return has(id); });
  }
  return std::ranges::any_of(
      ids_, [&](std::uint32_t id) { return std::ranges::binary_search(ids, id); });
}

void Presence::encode(std::string& out) const { encode_sorted(ids_, out); }
Presence Presence::decode(ByteReader& in) {
  Presence presence;
  presence.ids_ = decode_sorted(in);
  return presence;
}

// FNV-1a, 64 bits folded to 32.
std::uint32_t NameFilter::hash(std::string_view name) {
  std::uint64_t value = 0xCBF2'9CE4'8422'2325;
  for (const char c : name) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x0100'0000'01B3;
  }
  return static_cast<std::uint32_t>(value ^ value >> 32);
}
void NameFilter::finish() { sort_unique(hashes_); }
bool NameFilter::may_have(std::string_view name) const {
  return std::ranges::binary_search(hashes_, hash(name));
}
void NameFilter::encode(std::string& out) const { encode_sorted(hashes_, out); }
NameFilter NameFilter::decode(ByteReader& in) {
  NameFilter filter;
  filter.hashes_ = decode_sorted(in);
  return filter;
}

}  // namespace writ::audit::query
