// The C client linked against libwrit.so: the exported names suffice.
#include <gtest/gtest.h>

#include "runtime/crypto/keys.h"
#include "tests/unit/api/c_client.h"
#include "tests/unit/api/signed.h"
#include "tests/unit/audit_ring/world.h"

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

TEST(SharedLibrary, AClientInCKeepsAnAuditTrail) {
  const auto release = crypto::new_key();
  const auto log = crypto::new_key();
  ASSERT_TRUE(release && log);
  const std::vector<std::byte> file =
      bundle_of(small_program(), manifest_of(3), release->private_pem);
  const audit::ring::Folder folder;
  const std::string to = folder.path() + "/log";
  const std::string rings = folder.path() + "/rings";
  const std::string sink = "file:" + folder.path() + "/audit.jsonl";
  const c_audit_world world = {.bundle = reinterpret_cast<const std::uint8_t*>(file.data()),
                               .bundle_bytes = file.size(),
                               .key = release->public_pem.data(),
                               .key_bytes = release->public_pem.size(),
                               .log = to.c_str(),
                               .rings = rings.c_str(),
                               .sink = sink.c_str(),
                               .log_key = log->private_pem.c_str()};
  const char* wrong = run_c_audit_client(&world);
  EXPECT_EQ(wrong, nullptr) << wrong;
}

}  // namespace
}  // namespace writ::testing
