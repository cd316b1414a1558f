#include "runtime/audit/authentication.h"

#include <gtest/gtest.h>

namespace writ::audit {
namespace {

TEST(AuthenticationText, GivesBackWhatWasSaid) {
  Authentication said;
  said.principal = "User:\xFF\n\"";
  said.mechanism = "MTLS";
  said.identifier = "k-1";
  said.success = true;
  said.message = "\u202Ehello";
  said.host = "2001:db8::1";
  said.port = 65'535;
  said.scope_id = "lkc-7";
  said.client_id = "c";
  said.connection_id = "9";
  const std::optional<Authentication> read = read_authentication(authentication_text(said));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->principal, said.principal);
  EXPECT_EQ(read->mechanism, said.mechanism);
  EXPECT_EQ(read->identifier, said.identifier);
  EXPECT_EQ(read->success, said.success);
  EXPECT_EQ(read->message, said.message);
  EXPECT_EQ(read->host, said.host);
  EXPECT_EQ(read->port, said.port);
  EXPECT_EQ(read->scope_id, said.scope_id);
  EXPECT_EQ(read->client_id, said.client_id);
  EXPECT_EQ(read->connection_id, said.connection_id);
}

TEST(AuthenticationText, RefusesWhatItDoesNotWrite) {
  for (const char* text :
       {"", "7", "{}", "[true]", R"({"success":1})", R"({"success":true,"port":65536})",
        R"({"success":true,"port":-1})", R"({"success":true,"host":7})",
        R"({"success":true,"hostBase64":"?"})", R"({"success":true,"hostBase64":7})", "{"}) {
    EXPECT_FALSE(read_authentication(text)) << text;
  }
}

}  // namespace
}  // namespace writ::audit
