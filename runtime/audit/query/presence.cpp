#include "runtime/audit/query/presence.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "runtime/audit/log/varint.h"

namespace writ::audit::query {
namespace {

constexpr std::uint32_t kBitsMax = 1U << 22;
constexpr std::size_t kWordBits = 64;

enum Form : std::uint8_t { kDistances = 0, kBits = 1 };

// Sorted numbers as the distances between them, or as bits from the first on: what is shorter.
void encode_bits(const std::vector<std::uint32_t>& numbers, std::string& out) {
  out += static_cast<char>(kBits);
  const std::uint32_t low = numbers.front();
  log::put_number(out, low);
  std::string bits((numbers.back() - low) / 8 + 1, '\0');
  for (const std::uint32_t number : numbers) {
    char& byte = bits[(number - low) / 8];
    byte = static_cast<char>(byte | 1 << (number - low) % 8);
  }
  log::put_text(out, bits);
}

void encode_sorted(const std::vector<std::uint32_t>& numbers, std::string& out) {
  if (!numbers.empty() && (numbers.back() - numbers.front()) / 8 < numbers.size()) {
    return encode_bits(numbers, out);
  }
  out += static_cast<char>(kDistances);
  log::put_number(out, numbers.size());
  std::uint32_t before = 0;
  for (const std::uint32_t number : numbers) {
    log::put_number(out, number - before);
    before = number;
  }
}

std::vector<std::uint32_t> decode_bits(ByteReader& in) {
  std::vector<std::uint32_t> numbers;
  const std::uint64_t low = log::take_number(in, std::numeric_limits<std::uint32_t>::max());
  const std::string_view bits = log::take_text(in);
  if (low + bits.size() * 8 > std::uint64_t{1} << 32) in.fail();
  for (std::size_t at = 0; at < bits.size() && !in.failed(); ++at) {
    for (auto left = static_cast<unsigned char>(bits[at]); left != 0;
         left = static_cast<unsigned char>(left & (left - 1))) {
      numbers.push_back(static_cast<std::uint32_t>(
          low + at * 8 + static_cast<std::uint64_t>(std::countr_zero(left))));
    }
  }
  return numbers;
}

std::vector<std::uint32_t> decode_sorted(ByteReader& in) {
  std::vector<std::uint32_t> numbers;
  const auto form = in.integer<std::uint8_t>();
  if (form == kBits) return decode_bits(in);
  if (form != kDistances) in.fail();
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

Presence::Presence(std::span<const std::uint32_t> ids) {
  if (ids.empty()) return;
  const auto [low, high] = std::ranges::minmax(ids);
  if (high - low > kBitsMax) {
    ids_.assign(ids.begin(), ids.end());
    sort_unique(ids_);
    return;
  }
  // Ids count up, so a bit for each is little; walking the bits gives them in order.
  std::vector<std::uint64_t> bits((high - low) / kWordBits + 1);
  for (const std::uint32_t id : ids) {
    bits[(id - low) / kWordBits] |= std::uint64_t{1} << (id - low) % kWordBits;
  }
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (std::uint64_t left = bits[word]; left != 0; left &= left - 1) {
      ids_.push_back(low + static_cast<std::uint32_t>(word * kWordBits +
                                                      static_cast<std::size_t>(
                                                          std::countr_zero(left))));
    }
  }
}

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
