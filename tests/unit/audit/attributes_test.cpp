#include "runtime/audit/attributes.h"

#include <gtest/gtest.h>

#include "runtime/audit/facts.h"

namespace writ::audit {
namespace {

std::vector<NamedValue> every_type() {
  Value set = Value::of_text("");
  set.type.set = true;
  set.text.clear();
  set.elements = {Value::of_text("a"), Value::of_text(std::string("b\0c", 3))};
  Value optional = Value::of_int(INT64_MIN);
  optional.type.optional = true;
  Value member = Value::of(TypeKind::Enum, 3);
  member.type.enumeration = 7;
  return {{"absent", std::nullopt},
          {"bool", Value::boolean(true)},
          {"int", optional},
          {"text", Value::of_text("x")},
          {"ip", Value::of_ip(*parse_ip("10.1.2.3"))},
          {"cidr", Value::of_cidr(*parse_cidr("2001:db8::/32", HostBits::Refuse))},
          {"time", Value::of(TypeKind::Time, -1)},
          {"version", Value::of(TypeKind::Version, 1)},
          {"enum", member},
          {"set", set}};
}

TEST(Attributes, ComeBackAsTheyWere) {
  std::string bytes;
  encode_attributes(every_type(), bytes);
  const auto back = decode_attributes(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, every_type());
}

TEST(Attributes, NoneAreNoBytes) {
  std::string bytes;
  encode_attributes({}, bytes);
  EXPECT_EQ(bytes, "");
  EXPECT_TRUE(decode_attributes("").value().empty());
}

TEST(Attributes, CutOrAlteredBytesAreRefusedOrReadAsSomethingElse) {
  std::string bytes;
  encode_attributes(every_type(), bytes);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_attributes(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_attributes(bytes + "x"));
  EXPECT_FALSE(decode_attributes(std::string(1, '\0')));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string altered = bytes;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    const auto back = decode_attributes(altered);
    EXPECT_TRUE(!back || *back != every_type()) << bit;
  }
}

SessionFacts someone() {
  SessionFacts facts;
  facts.principal_type = "User";
  facts.principal_name = "ada";
  facts.groups = {"a", ""};
  facts.host = "10.0.0.1";
  facts.scope = "prod";
  facts.opened_us = -1;
  facts.attributes = every_type();
  return facts;
}

TEST(Facts, ComeBackAsTheyWere) {
  std::string bytes;
  encode_session(someone(), bytes);
  const auto back = decode_session(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->principal_name, "ada");
  EXPECT_EQ(back->groups, someone().groups);
  EXPECT_EQ(back->host, someone().host);
  EXPECT_EQ(back->scope, "prod");
  EXPECT_EQ(back->opened_us, -1);
  EXPECT_EQ(back->attributes, every_type());
}

TEST(Facts, UnknownIsNotEmpty) {
  std::string bytes;
  encode_session({}, bytes);
  const auto back = decode_session(bytes);
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->groups);
  EXPECT_FALSE(back->host);
}

TEST(Facts, CutBytesAreRefused) {
  SessionFacts plain = someone();
  plain.attributes.clear();
  std::string bytes;
  encode_session(plain, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_session(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(NameSeen, TellsAWholeNameFromACutOne) {
  std::string whole;
  append_name(std::string(kNameWholeBytesMax, 'x'), whole);
  EXPECT_EQ(name_seen(whole).front, std::string(kNameWholeBytesMax, 'x'));
  EXPECT_EQ(name_seen(whole).digest, "");
  std::string cut;
  append_name(std::string(kNameWholeBytesMax + 1, 'x'), cut);
  EXPECT_EQ(cut.size(), kCutNameBytes);
  EXPECT_EQ(name_seen(cut).length, kNameWholeBytesMax + 1);
  EXPECT_EQ(name_seen(cut).digest.size(), 32U);
}

}  // namespace
}  // namespace writ::audit
