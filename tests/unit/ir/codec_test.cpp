#include <gtest/gtest.h>

#include "runtime/ir/codec.h"
#include "runtime/ir/print.h"
#include "runtime/ir/read_text.h"
#include "runtime/ir/verify.h"
#include "runtime/reference/reference.h"
#include "tests/support/random_program.h"

namespace writ::ir {
namespace {

constexpr std::uint64_t kSeeds = 150;

TEST(IrCodec, ReadsBackWhatItWrote) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Program program = tests::random_program(seed);
    const std::vector<std::byte> bytes = encode(program);
    const Result<Program> read = decode(bytes);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().message;
    EXPECT_EQ(encode(*read), bytes) << "seed " << seed;
    EXPECT_EQ(print(*read), print(program)) << "seed " << seed;
    const Status sound = verify(*read);
    EXPECT_TRUE(sound) << "seed " << seed << ": " << sound.error().message;
  }
}

TEST(IrCodec, RefusesEveryTruncation) {
  const std::vector<std::byte> bytes = encode(tests::random_program(7));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<Program> read = decode(std::span(bytes).first(size));
    ASSERT_FALSE(read) << size << " bytes of " << bytes.size();
    EXPECT_EQ(read.error().code, ErrorCode::Malformed);
  }
}

TEST(IrCodec, RefusesBytesAfterTheEnd) {
  std::vector<std::byte> bytes = encode(tests::random_program(7));
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode(bytes));
}

TEST(IrCodec, NamesTheFormatThatItCannotRead) {
  std::vector<std::byte> bytes = encode(Program{});
  bytes[4] = std::byte{9};
  const Result<Program> read = decode(bytes);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::Unsupported);
  EXPECT_EQ(read.error().message, "the program is of format 9, this engine reads 3");
}

// Whatever is altered: refused by the reader or the verifier, or a program that can be run.
TEST(IrCodec, SurvivesEveryAlteredByte) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::vector<std::byte> bytes = encode(tests::random_program(seed));
    tests::Random random(seed);
    for (int round = 0; round < 1'500; ++round) {
      std::vector<std::byte> altered = bytes;
      for (std::size_t flips = random.between(1, 3); flips > 0; --flips) {
        altered[random.below(altered.size())] ^= std::byte{
            static_cast<unsigned char>(1U << random.below(8))};
      }
      const Result<Program> read = decode(altered);
      if (!read || !verify(*read)) continue;
      const SessionFacts session = tests::random_session(*read, random);
      const RequestFacts request = tests::random_request(*read, random);
      static_cast<void>(reference::decide(*read, session, request));
      static_cast<void>(print(*read));
      static_cast<void>(cost(*read));
    }
  }
}

TEST(IrText, ReadsBackWhatItPrinted) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Program program = tests::random_program(seed);
    const std::string text = print(program);
    const Result<Program> read = read_text(text);
    ASSERT_TRUE(read) << "seed " << seed << ", " << read.error().where << "\n" << text;
    ASSERT_EQ(print(*read), text) << "seed " << seed;
    const Status sound = verify(*read);
    ASSERT_TRUE(sound) << "seed " << seed << ": " << sound.error().message;
    tests::Random random(seed);
    for (int round = 0; round < 20; ++round) {
      const SessionFacts session = tests::random_session(program, random);
      const RequestFacts request = tests::random_request(program, random);
      EXPECT_EQ(reference::decide(*read, session, request),
                reference::decide(program, session, request));
    }
  }
}

struct BadText {
  const char* name;
  const char* text;
  const char* where;
};
class IrTextMistake : public testing::TestWithParam<BadText> {};

TEST_P(IrTextMistake, IsNamedByItsLine) {
  const Result<Program> read = read_text(GetParam().text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::Malformed);
  EXPECT_EQ(read.error().where, GetParam().where);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, IrTextMistake,
    testing::Values(BadText{"UnknownStore", "package \"p\"\nnothings 1\n  0\n", "line 2"},
                    BadText{"TooFewRows", "models 2\n  0 name=\"m\"\n", "line 1"},
                    BadText{"BadNumber", "models 1\n  0 version=x\n", "line 2"},
                    BadText{"OpenText", "models 1\n  0 name=\"m\n", "line 2"},
                    BadText{"UnknownWord", "patterns 1\n  0 form=middle text=\"\"\n", "line 2"},
                    BadText{"OpenList", "kinds 1\n  0 implied_by=[1, 2\n", "line 2"},
                    BadText{"HostBits", "networks 1\n  0 cidr=10.0.0.1/8\n", "line 2"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace writ::ir
