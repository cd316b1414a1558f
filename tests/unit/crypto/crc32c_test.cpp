#include "runtime/crypto/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace writ::crypto {
namespace {

// SOURCE: RFC 3720 appendix B.4, and the check value of CRC-32/ISCSI.
TEST(Crc32c, GivesThePublishedValues) {
  std::vector<std::byte> counting;
  for (unsigned i = 0; i < 32; ++i) counting.push_back(static_cast<std::byte>(i));
  const std::string digits = "123456789";
  EXPECT_EQ(crc32c(std::vector<std::byte>(32)), 0x8A91'36AAU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8'AB43U);
  EXPECT_EQ(crc32c(counting), 0x46DD'794EU);
  EXPECT_EQ(crc32c(std::as_bytes(std::span(digits))), 0xE306'9283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, IsTheSameByTableAndInPieces) {
  std::vector<std::byte> bytes;
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_EQ(crc32c(bytes), crc32c_by_table(bytes)) << i;
    const std::span<const std::byte> all(bytes);
    EXPECT_EQ(crc32c(all.subspan(i / 3), crc32c(all.first(i / 3))), crc32c(all)) << i;
    bytes.push_back(static_cast<std::byte>(i * 37));
  }
}

}  // namespace
}  // namespace writ::crypto
