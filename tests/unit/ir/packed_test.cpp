// Columns come back as they were written, in the fewest bytes, and in no other form.
#include "runtime/ir/packed.h"

#include <gtest/gtest.h>

namespace writ::ir {
namespace {

using Values = std::vector<std::uint32_t>;
constexpr std::uint32_t kMax = 0xFFFF'FFFF;

std::vector<std::byte> packed(const Values& values) {
  ByteWriter out;
  write_packed(out, values);
  return out.take();
}

/// What is read, in blocks of two rows; empty when the column is refused.
Values unpacked(std::span<const std::byte> bytes, std::size_t count) {
  ByteReader in(bytes);
  PackedColumn column;
  column.open(in, count);
  if (in.failed() || in.left() != 0) return {};
  Values values(count, column.first());
  for (std::size_t from = 0; from < count; from += 2) {
    column.read(from, std::min(from + 2, count),
                [&values](std::size_t row, std::uint32_t value) { values[row] = value; });
  }
  return column.right() ? values : Values{};
}

struct Column {
  const char* name;
  Values values;
  std::size_t bytes;
};
const Column kColumns[] = {
    {"Same", {7, 7, 7}, 5},
    {"SameAndLarge", {kMax, kMax}, 5},
    {"Alone", {300}, 5},
    {"OneByte", {0, 255, 3}, 4},
    {"TwoBytes", {0, 256, 3}, 7},
    {"TwoBytesAtTheEnd", {0, 0xFFFF, 0}, 7},
    {"FourBytes", {0, 0x1'0000, 0}, 13},
    {"Steps", {1'000'000, 1'000'001, 1'000'001, 1'000'256}, 8},
    {"AStepTooLarge", {1'000'000, 1'000'001, 1'000'257}, 13},
    {"AStepDown", {1'000'000, 999'999, 1'000'000}, 13},
    {"StepsToTheEnd", {kMax - 1, kMax}, 6},
};

TEST(Packed, ColumnsComeBackInTheFewestBytes) {
  for (const Column& column : kColumns) {
    const std::vector<std::byte> bytes = packed(column.values);
    EXPECT_EQ(bytes.size(), column.bytes) << column.name;
    EXPECT_EQ(unpacked(bytes, column.values.size()), column.values) << column.name;
  }
}

TEST(Packed, NoRowsAreNoBytes) {
  EXPECT_TRUE(packed({}).empty());
  ByteReader in({});
  PackedColumn column;
  column.open(in, 0);
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(column.right());
}

TEST(Packed, TruncatedColumnsAreRefused) {
  for (const Column& column : kColumns) {
    const std::vector<std::byte> bytes = packed(column.values);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_TRUE(unpacked(std::span(bytes).first(size), column.values.size()).empty())
          << column.name << " at " << size;
    }
  }
}

TEST(Packed, OtherFormsOfTheSameValuesAreRefused) {
  const struct {
    const char* name;
    std::vector<std::uint8_t> bytes;
    std::size_t count;
  } cases[] = {
      {"OneForSame", {1, 7, 7}, 2},
      {"TwoForOne", {2, 7, 0, 8, 0}, 2},
      {"TwoForSteps", {2, 0, 1, 1, 1}, 2},
      {"FourForTwo", {3, 0, 1, 0, 0, 1, 0, 0, 0}, 2},
      {"FourForSteps", {3, 0, 0, 1, 0, 1, 0, 1, 0}, 2},
      {"StepsForSame", {4, 0, 1, 0, 0, 0}, 2},
      {"StepsForOne", {4, 1, 0, 0, 0, 1}, 2},
      {"StepsThatWrap", {4, 0xFF, 0xFF, 0xFF, 0xFF, 2}, 2},
      {"UnknownForm", {5, 0, 0, 0, 0}, 2},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(unpacked(std::as_bytes(std::span(c.bytes)), c.count).empty()) << c.name;
  }
}

}  // namespace
}  // namespace writ::ir
