#include "runtime/bundle/bundle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>

#include "tests/unit/bundle/sample.h"

namespace writ::bundle {
namespace {

using namespace testing;

class Bundle : public ::testing::Test {
 protected:
  crypto::KeyPair key_ = make_key();
  std::vector<std::byte> file_ = sample({key_.private_pem});
  Trust trust_{{key_.public_pem}, 1};

  [[nodiscard]] Header header() const { return decode_header(file_).value(); }
  /// The bytes of a manifest of ours, signed and laid out with `sections`.
  [[nodiscard]] std::vector<std::byte> signed_file(std::span<const std::byte> manifest,
                                                   std::span<const std::byte> sections) const {
    const Signature signature = signature_of(key_, manifest);
    return assemble(encode_envelope(std::span(&signature, 1)), manifest, sections);
  }
};

TEST_F(Bundle, ReadsBackWhatWasWritten) {
  const auto contents = read(file_, trust_);
  ASSERT_TRUE(contents) << contents.error().message;
  const Manifest& manifest = contents->manifest;
  const Manifest wanted = sample_manifest();
  EXPECT_EQ(manifest.package, wanted.package);
  EXPECT_EQ(manifest.version, wanted.version);
  EXPECT_EQ(manifest.edition, wanted.edition);
  EXPECT_EQ(manifest.models, wanted.models);
  EXPECT_EQ(manifest.clusters, wanted.clusters);
  EXPECT_EQ(manifest.not_before_us, wanted.not_before_us);
  EXPECT_EQ(manifest.expires_us, wanted.expires_us);
  EXPECT_EQ(manifest.cost.condition_instructions, 7U);
  EXPECT_EQ(manifest.cost.conditional_grants, 8U);
  EXPECT_EQ(manifest.cost.chain_length, 9U);
  EXPECT_EQ(manifest.grants, 42U);
  ASSERT_EQ(contents->parts.size(), 2U);
  EXPECT_EQ(contents->parts[0].name, "program");
  EXPECT_TRUE(std::ranges::equal(contents->parts[0].bytes, bytes_of("the program")));
  EXPECT_EQ(contents->parts[1].bytes.size(), 65U);
  ASSERT_EQ(contents->signers.size(), 1U);
  EXPECT_TRUE(contents->signers[0].trusted);
  EXPECT_EQ(contents->digest.size(), 64U);
}

// Large enough to be hashed by two threads.
TEST_F(Bundle, ShowsSectionsOnlyOnceTheyAreProven) {
  const std::string large(std::size_t{5} << 20, 'x');
  const std::vector<Part> parts = {{"program", bytes_of("the program")},
                                   {"tables", bytes_of(large)},
                                   {"golden", bytes_of("decisions")}};
  const auto file = *write(sample_manifest(), parts, std::span(&key_.private_pem, 1));
  const auto whole = read(file, trust_);
  ASSERT_TRUE(whole.has_value());
  for (const std::string_view altered : {"", "program", "tables", "golden"}) {
    std::vector<std::byte> bytes = file;
    for (const Section& section : whole->parts) {
      const auto at = static_cast<std::size_t>(section.bytes.data() - file.data());
      if (section.name == altered) bytes[at] ^= std::byte{1};
    }
    std::mutex mutex;
    std::vector<std::string> seen;
    const auto contents = read(bytes, trust_, [&](const Section& section) {
      const std::lock_guard lock(mutex);
      seen.push_back(section.name);
    });
    EXPECT_EQ(contents.has_value(), altered.empty()) << altered;
    EXPECT_EQ(seen.size(), altered.empty() ? 3U : 2U) << altered;
    EXPECT_EQ(std::ranges::count(seen, altered), 0) << altered;
    EXPECT_EQ(contents ? std::string() : contents.error().where, altered);
  }
}

TEST_F(Bundle, IsTheSameForTheSameInputInAnyOrderOfKeys) {
  const crypto::KeyPair other = make_key();
  EXPECT_EQ(sample({key_.private_pem, other.private_pem}),
            sample({other.private_pem, key_.private_pem}));
}

TEST_F(Bundle, IsRefusedWithAnyBitFlipped) {
  for (std::size_t bit = 0; bit < file_.size() * 8; ++bit) {
    std::vector<std::byte> altered = file_;
    altered[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_FALSE(read(altered, trust_)) << "bit " << bit % 8 << " of byte " << bit / 8;
  }
}

TEST_F(Bundle, IsRefusedWithAnyByteOfTheEnvelopeAlteredThoughTwoSigned) {
  const crypto::KeyPair other = make_key();
  const std::vector<std::byte> file = sample({key_.private_pem, other.private_pem});
  const Trust trust{{key_.public_pem, other.public_pem}, 1};
  ASSERT_TRUE(read(file, trust));
  const std::size_t end = decode_header(file).value().manifest_offset;
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < end; ++at) {
    std::vector<std::byte> altered = file;
    altered[at] ^= std::byte{1} << (at % 8);
    accepted += read(altered, trust) ? 1U : 0U;
  }
  EXPECT_EQ(accepted, 0U);
}

TEST_F(Bundle, IsRefusedWhenCutAnywhereOrLonger) {
  for (std::size_t size = 0; size < file_.size(); ++size) {
    const auto contents = read(std::span(file_).first(size), trust_);
    ASSERT_FALSE(contents) << size;
    ASSERT_EQ(contents.error().code, ErrorCode::Malformed) << size;
    ASSERT_FALSE(contents.error().where.empty()) << size;
  }
  file_.push_back({});
  EXPECT_EQ(read(file_, trust_).error().code, ErrorCode::Malformed);
}

TEST_F(Bundle, NamesTheSectionThatIsCutOrAltered) {
  const auto cut = read(std::span(file_).first(file_.size() - 1), trust_);
  EXPECT_EQ(cut.error().where, "tables");
  const auto cut_early = read(std::span(file_).first(header().sections_offset + 3), trust_);
  EXPECT_EQ(cut_early.error().where, "program");
  file_[header().sections_offset] ^= std::byte{1};
  EXPECT_EQ(read(file_, trust_).error().where, "program");
}

TEST_F(Bundle, IsRefusedWhenSectionsAreSwapped) {
  const Part same[] = {{"program", bytes_of(std::string(64, 'p'))},
                       {"tables", bytes_of(std::string(64, 't'))}};
  std::vector<std::byte> file =
      write(sample_manifest(), same, std::span(&key_.private_pem, 1)).value();
  const auto at = file.begin() + static_cast<std::ptrdiff_t>(decode_header(file)->sections_offset);
  std::swap_ranges(at, at + 64, at + 64);
  const auto contents = read(file, trust_);
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().where, "program");
}

TEST_F(Bundle, ThatNeedsAFeatureOfANewerEngineIsUnsupported) {
  Manifest manifest = sample_manifest();
  manifest.features = {"teleport"};
  const auto file = write(manifest, sample_parts(), std::span(&key_.private_pem, 1));
  const auto contents = read(file.value(), trust_);
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, ErrorCode::Unsupported);
  EXPECT_NE(contents.error().message.find("teleport"), std::string::npos);
}

TEST_F(Bundle, OfANewerFormatIsUnsupported) {
  file_[6] = std::byte{2};
  EXPECT_EQ(read(file_, trust_).error().code, ErrorCode::Unsupported);
}

TEST_F(Bundle, LargerThanItsLimitsIsRefusedByTheHeaderAlone) {
  Header header = this->header();
  header.manifest_bytes = kManifestBytesMax + 1;
  std::vector<std::byte> file = encode_header(header);
  EXPECT_EQ(read(file, trust_).error().code, ErrorCode::Limit);
  header.manifest_bytes = kManifestBytesMax;
  file = encode_header(header);
  EXPECT_EQ(read(file, trust_).error().code, ErrorCode::Malformed);
}

// A manifest of ours up to its sections, one section over the byte `x`, and the rest.
const std::string kHead =
    R"({"clusters":[],"cost":{"cell_rows":0,"chain_length":0,"condition_instructions":0,)"
    R"("conditional_grants":0},)"
    R"("edition":1,"features":[],"grants":0,"models":[],"package":"p","sections":[)";
const std::string kTail = "],\"version\":1}";
std::string tail(const char* version) {
  return std::string("],\"version\":") + version + "}";
}
std::string section(const char* name, const char* offset, const char* bytes) {
  const std::string digest = crypto::hex(crypto::sha256(bytes_of("x")));
  return std::string("{\"bytes\":") + bytes + ",\"name\":\"" + name + "\",\"offset\":" + offset +
         ",\"sha256\":\"" + digest + "\"}";
}

TEST_F(Bundle, IsRefusedWhenASignedManifestIsNotWhatWeWrite) {
  const struct {
    const char* name;
    std::string json;
    bool good;
  } rows[] = {
      {"one section", kHead + section("a", "0", "1") + kTail, true},
      {"no JSON", "{", false},
      {"a list", "[]", false},
      {"spaces", kHead + section("a", "0", "1") + tail(" 1"), false},
      {"an unknown member", kHead + section("a", "0", "1") + tail("1,\"x\":1"), false},
      {"a fraction", kHead + section("a", "0", "1") + tail("1.0"), false},
      {"a version below zero", kHead + section("a", "0", "1") + tail("-1"), false},
      {"a version over 64 bits",
       kHead + section("a", "0", "1") + tail("18446744073709551616"), false},
      {"no sections", kHead + kTail, false},
  };
  for (const auto& row : rows) {
    const auto contents = read(signed_file(bytes_of(row.json), bytes_of("x")), trust_);
    EXPECT_EQ(contents.has_value(), row.good)
        << row.name << ": " << (contents ? "accepted" : contents.error().message);
  }
}

TEST_F(Bundle, IsRefusedWhenSignedSectionsDoNotLieSideBySide) {
  const struct {
    const char* name;
    std::string json;
  } rows[] = {
      {"an offset that leaves a gap", kHead + section("a", "64", "1") + kTail},
      {"two that overlap", kHead + section("a", "0", "1") + "," + section("b", "0", "1") + kTail},
      {"one name twice", kHead + section("a", "0", "1") + "," + section("a", "64", "1") + kTail},
      {"a name that is a path", kHead + section("../a", "0", "1") + kTail},
      {"more bytes than there are", kHead + section("a", "0", "2") + kTail},
      {"bytes that overflow", kHead + section("a", "0", "18446744073709551615") + kTail},
  };
  for (const auto& row : rows) {
    const auto contents = read(signed_file(bytes_of(row.json), bytes_of("x")), trust_);
    ASSERT_FALSE(contents) << row.name;
    EXPECT_EQ(contents.error().code, ErrorCode::Malformed) << row.name;
  }
}

TEST_F(Bundle, IsNotWrittenFromBadInput) {
  const std::span<const std::string> keys(&key_.private_pem, 1);
  const auto code = [&](const std::vector<Part>& parts) {
    return write(sample_manifest(), parts, keys).error().code;
  };
  EXPECT_EQ(code({}), ErrorCode::Usage);
  EXPECT_EQ(code({{"Program", {}}}), ErrorCode::Usage);
  EXPECT_EQ(code({{"a", {}}, {"a", {}}}), ErrorCode::Usage);
  EXPECT_EQ(write(sample_manifest(), sample_parts(), {}).error().code, ErrorCode::Usage);
  const std::vector<std::string> twice = {key_.private_pem, key_.private_pem};
  EXPECT_EQ(write(sample_manifest(), sample_parts(), twice).error().code, ErrorCode::Usage);
  const std::string public_part = key_.public_pem;
  EXPECT_FALSE(write(sample_manifest(), sample_parts(), std::span(&public_part, 1)));
  Manifest manifest = sample_manifest();
  manifest.package = "\xFF";
  EXPECT_EQ(write(manifest, sample_parts(), keys).error().code, ErrorCode::Malformed);
}

TEST(Validity, IsFromNotBeforeUntilExpires) {
  Manifest manifest;
  EXPECT_TRUE(check_validity(manifest, 0));
  manifest.not_before_us = 10;
  manifest.expires_us = 20;
  EXPECT_EQ(check_validity(manifest, 9).error().code, ErrorCode::Version);
  EXPECT_TRUE(check_validity(manifest, 10));
  EXPECT_TRUE(check_validity(manifest, 19));
  EXPECT_EQ(check_validity(manifest, 20).error().code, ErrorCode::Version);
}

}  // namespace
}  // namespace writ::bundle
