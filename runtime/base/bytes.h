// Little-endian bytes, written and read back. The reader is for foreign bytes: each step is
// checked against what is left; once something is wrong it stays wrong and gives zeros, so a
// decoder may test at its end.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace writ {

static_assert(std::endian::native == std::endian::little, "stored integers are little-endian");

class ByteWriter {
 public:
  template <std::integral T>
  void integer(T value) {
    append(&value, sizeof value);
  }
  void text(std::string_view text) { append(text.data(), text.size()); }
  /// Room for `count` integers, to be filled by store_integer.
  template <std::integral T>
  [[nodiscard]] std::byte* room(std::size_t count) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + count * sizeof(T));
    return bytes_.data() + at;
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
  }
  std::vector<std::byte> bytes_;
};

template <std::integral T>
void store_integer(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof value);
}
template <std::integral T>
[[nodiscard]] T load_integer(const std::byte* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::integral T>
  [[nodiscard]] T integer() {
    const std::byte* at = take(sizeof(T));
    return at == nullptr ? T{} : load_integer<T>(at);
  }
  [[nodiscard]] std::string_view text(std::size_t size) {
    const std::byte* at = take(size);
    if (at == nullptr) return {};
    return {reinterpret_cast<const char*>(at), size};  // NOLINT: bytes as characters
  }
  /// `count` integers side by side, or null.
  template <std::integral T>
  [[nodiscard]] const std::byte* column(std::size_t count) {
    if (count > left() / sizeof(T)) {
      fail();
      return nullptr;
    }
    return take(count * sizeof(T));
  }
  /// Null, and wrong from then on, when fewer are left.
  [[nodiscard]] const std::byte* take(std::size_t size) {
    if (failed_ || size > left()) {
      fail();
      return nullptr;
    }
    const std::byte* at = bytes_.data() + offset_;
    offset_ += size;
    return at;
  }
  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - offset_; }
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

}  // namespace writ
