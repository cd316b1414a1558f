// The C client linked against libwrit.so: the exported names suffice.
#include <gtest/gtest.h>

#include "runtime/crypto/keys.h"
#include "tests/unit/api/c_client.h"
#include "tests/unit/api/signed.h"

namespace writ::testing {
namespace {

TEST(SharedLibrary, AClientInCSeesTheWholeAbi) {
  const auto key = crypto::new_key();
  const auto other = crypto::new_key();
  ASSERT_TRUE(key && other);
  const std::vector<std::byte> file =
      bundle_of(small_program(), manifest_of(3), key->private_pem);
  const char* wrong = run_c_client(
      reinterpret_cast<const std::uint8_t*>(file.data()), file.size(), key->public_pem.data(),
      key->public_pem.size(), other->public_pem.data(), other->public_pem.size());
  EXPECT_EQ(wrong, nullptr) << wrong;
}

}  // namespace
}  // namespace writ::testing
