// A column of 32-bit numbers in as few bytes as its values need: what a million grants share is
// stored once, line numbers as steps. There is one right form for given values, and the reader
// refuses every other, so that equal programs are equal bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/bytes.h"

namespace writ::ir {

enum class PackedForm : std::uint8_t {
  Same,   // one value for all rows
  One,    // a byte a value
  Two,    // two bytes a value
  Four,   // four bytes a value
  Steps,  // the first value, then for each row how much it is above the one before: a byte each
};

/// What is known of the values so far; it alone chooses the form.
struct PackedStats {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint32_t bits = 0;     // all values, or-ed
  std::uint32_t differs = 0;  // not zero: some value is not the first
  std::uint32_t leaps = 0;    // not zero: some step is below 0 or above 255
  void begin(std::uint32_t value) { *this = {value, value, value, 0, 0}; }
  void add(std::uint32_t value) {
    bits |= value;
    differs |= value ^ first;
    // A step down wraps and is large too.
    leaps |= (value - last) >> 8;
    leaps |= value < last ? 1U : 0U;
    last = value;
  }
  [[nodiscard]] PackedForm form() const {
    if (differs == 0) return PackedForm::Same;
    if (bits <= 0xFF) return PackedForm::One;
    if (leaps == 0) return PackedForm::Steps;
    return bits <= 0xFFFF ? PackedForm::Two : PackedForm::Four;
  }
};

void write_packed(ByteWriter& out, std::span<const std::uint32_t> values);

/// Reads a column from front to back, a block at a time.
class PackedColumn {
 public:
  /// Takes the column of `count` values from the reader, which fails when it is not whole.
  void open(ByteReader& in, std::size_t count);
  /// All values are the first: there is nothing to read.
  [[nodiscard]] bool same() const { return form_ == PackedForm::Same; }
  [[nodiscard]] std::uint32_t first() const { return first_; }
  /// Calls set(row, value) for rows from ≤ row < to, which follow those of the call before.
  template <class Set>
  void read(std::size_t from, std::size_t to, Set set) {
    switch (form_) {
      case PackedForm::Same: return;
      case PackedForm::One: return read_as<std::uint8_t>(from, to, set);
      case PackedForm::Two: return read_as<std::uint16_t>(from, to, set);
      case PackedForm::Four: return read_as<std::uint32_t>(from, to, set);
      case PackedForm::Steps: return read_steps(from, to, set);
    }
  }
  /// After all rows: was this the right form for the values?
  [[nodiscard]] bool right() const { return !wrapped_ && (count_ == 0 || stats_.form() == form_); }

 private:
  template <class Integer, class Set>
  void read_as(std::size_t from, std::size_t to, Set set) {
    PackedStats stats = stats_;
    if (from == 0) stats.begin(load_integer<Integer>(at_));
    for (std::size_t row = from; row < to; ++row) {
      const std::uint32_t value = load_integer<Integer>(at_ + row * sizeof(Integer));
      stats.add(value);
      set(row, value);
    }
    stats_ = stats;
  }
  template <class Set>
  void read_steps(std::size_t from, std::size_t to, Set set) {
    PackedStats stats = stats_;
    bool wrapped = wrapped_;
    if (from == 0) stats.begin(first_);
    for (std::size_t row = from; row < to; ++row) {
      const std::uint32_t step = row == 0 ? 0 : load_integer<std::uint8_t>(at_ + row - 1);
      const std::uint32_t value = stats.last + step;
      wrapped = wrapped || value < stats.last;
      stats.add(value);
      set(row, value);
    }
    stats_ = stats;
    wrapped_ = wrapped;
  }

  const std::byte* at_ = nullptr;
  std::size_t count_ = 0;
  std::uint32_t first_ = 0;
  PackedForm form_ = PackedForm::Same;
  bool wrapped_ = false;
  PackedStats stats_;
};

}  // namespace writ::ir
