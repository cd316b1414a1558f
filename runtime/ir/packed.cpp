#include "runtime/ir/packed.h"

namespace writ::ir {
namespace {

template <class Integer>
void write_as(ByteWriter& out, std::span<const std::uint32_t> values) {
  std::byte* at = out.room<Integer>(values.size());
  for (const std::uint32_t value : values) {
    store_integer(at, static_cast<Integer>(value));
    at += sizeof(Integer);
  }
}

void write_steps(ByteWriter& out, std::span<const std::uint32_t> values) {
  out.integer(values.front());
  std::byte* at = out.room<std::uint8_t>(values.size() - 1);
  for (std::size_t row = 1; row < values.size(); ++row) {
    store_integer(at++, static_cast<std::uint8_t>(values[row] - values[row - 1]));
  }
}

}  // namespace

void write_packed(ByteWriter& out, std::span<const std::uint32_t> values) {
  if (values.empty()) return;
  PackedStats stats;
  stats.begin(values.front());
  for (const std::uint32_t value : values) stats.add(value);
  const PackedForm form = stats.form();
  out.integer(static_cast<std::uint8_t>(form));
  switch (form) {
    case PackedForm::Same: return out.integer(values.front());
    case PackedForm::One: return write_as<std::uint8_t>(out, values);
    case PackedForm::Two: return write_as<std::uint16_t>(out, values);
    case PackedForm::Four: return write_as<std::uint32_t>(out, values);
    case PackedForm::Steps: return write_steps(out, values);
  }
}

void PackedColumn::open(ByteReader& in, std::size_t count) {
  count_ = count;
  if (count == 0) return;
  const auto form = in.integer<std::uint8_t>();
  if (form > static_cast<std::uint8_t>(PackedForm::Steps)) return in.fail();
  form_ = static_cast<PackedForm>(form);
  switch (form_) {
    case PackedForm::Same:
      first_ = in.integer<std::uint32_t>();
      stats_.begin(first_);
      return;
    case PackedForm::One: at_ = in.column<std::uint8_t>(count); return;
    case PackedForm::Two: at_ = in.column<std::uint16_t>(count); return;
    case PackedForm::Four: at_ = in.column<std::uint32_t>(count); return;
    case PackedForm::Steps:
      first_ = in.integer<std::uint32_t>();
      at_ = in.column<std::uint8_t>(count - 1);
  }
}

}  // namespace writ::ir
