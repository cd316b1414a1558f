// The layout, byte by byte: what docs/internals/audit.md says and what stands in the file.
#include <cstring>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/audit_ring/world.h"

namespace writ::audit::ring {
namespace {

struct Field {
  std::string name;
  std::size_t offset;
  std::size_t bytes;
};

// Rows `| 24 | 4 | grant | …` of the table under the heading.
std::vector<Field> documented(const std::string& heading) {
  std::ifstream file("docs/internals/audit.md");
  EXPECT_TRUE(file.is_open());
  std::vector<Field> fields;
  bool here = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) here = line.ends_with(heading);
    if (!here || !line.starts_with("| ") || !std::isdigit(static_cast<unsigned char>(line[2]))) {
      continue;
    }
    Field field;
    std::istringstream row(line);
    std::string bar;
    row >> bar >> field.offset >> bar >> field.bytes >> bar >> field.name;
    fields.push_back(field);
  }
  return fields;
}

#define FIELD(type, field) \
  Field { #field, offsetof(type, field), sizeof(type::field) }

void expect_documented(const std::string& heading, const std::vector<Field>& fields) {
  const std::vector<Field> said = documented(heading);
  ASSERT_EQ(said.size(), fields.size()) << heading;
  for (std::size_t at = 0; at < fields.size(); ++at) {
    EXPECT_EQ(said[at].name, fields[at].name);
    EXPECT_EQ(said[at].offset, fields[at].offset) << said[at].name;
    EXPECT_EQ(said[at].bytes, fields[at].bytes) << said[at].name;
  }
}

TEST(RingLayout, SlotIsAsDocumented) {
  expect_documented("A slot", {FIELD(Slot, number), FIELD(Slot, time), FIELD(Slot, session),
                               FIELD(Slot, resource), FIELD(Slot, grant), FIELD(Slot, error),
                               FIELD(Slot, error_grant), FIELD(Slot, generation),
                               FIELD(Slot, scope), FIELD(Slot, kind), FIELD(Slot, operation),
                               FIELD(Slot, type), FIELD(Slot, reason), FIELD(Slot, verdict),
                               FIELD(Slot, purpose), FIELD(Slot, level), FIELD(Slot, flags),
                               FIELD(Slot, slots), FIELD(Slot, reserved),
                               FIELD(Slot, decisions)});
}

TEST(RingLayout, RegionHeaderIsAsDocumented) {
  expect_documented(
      "The region's header",
      {FIELD(RegionHeader, magic), FIELD(RegionHeader, version), FIELD(RegionHeader, rings),
       FIELD(RegionHeader, instance), FIELD(RegionHeader, boot), FIELD(RegionHeader, pid),
       FIELD(RegionHeader, reserved), FIELD(RegionHeader, pid_start),
       FIELD(RegionHeader, pid_namespace), FIELD(RegionHeader, started_us),
       FIELD(RegionHeader, slots), FIELD(RegionHeader, dictionary_bytes),
       FIELD(RegionHeader, file_bytes), FIELD(RegionHeader, state),
       FIELD(RegionHeader, unleased), FIELD(RegionHeader, unleased_infrastructure),
       FIELD(RegionHeader, told_infrastructure), FIELD(RegionHeader, flips),
       FIELD(RegionHeader, committed), FIELD(RegionHeader, passes_begun),
       FIELD(RegionHeader, passes_ended), FIELD(RegionHeader, doorbell)});
}

TEST(RingLayout, RingHeaderIsAsDocumented) {
  expect_documented("A ring's header",
                    {FIELD(RingHeader, unavailable), FIELD(RingHeader, infrastructure),
                     FIELD(RingHeader, waiting), FIELD(RingHeader, tail),
                     FIELD(RingHeader, durable), FIELD(RingHeader, replicated),
                     FIELD(RingHeader, wake), FIELD(RingHeader, mark),
                     FIELD(RingHeader, marks)});
}

TEST(RingLayout, ARecordStandsInTheFileByteByByte) {
  const Folder folder;
  const auto recorder = open(small(folder, 1));
  Record record = plain_record(0x0A0B'0C0D);
  record.session_id = 0x0102'0304;
  record.decision.error = 0x0506'0708;
  record.decision.error_grant = 0x090A'0B0C;
  record.purpose = Purpose::Filter;
  ASSERT_TRUE(recorder->record(record));
  std::ifstream file(recorder->region()->path(), std::ios::binary);
  file.seekg(kHeaderBytes + kRingHeaderBytes);
  std::string bytes(kSlotBytes, '\0');
  file.read(bytes.data(), kSlotBytes);
  const std::string expected(
      "\x01\0\0\0\0\0\0\0"              // number
      "\xE8\x03\0\0\0\0\0\0"            // time
      "\x04\x03\x02\x01\x0D\x0C\x0B\x0A"  // session, resource
      "\x07\0\0\0\x08\x07\x06\x05"      // grant, error
      "\x0C\x0B\x0A\x09\0\0\0\0"        // error_grant, generation
      "\x03\0\0\0\x01\0\x02\x01"        // scope, kind, operation, type
      "\x0F\x01\x02\0\0\x01\0\0"        // reason, verdict, purpose, level, flags, slots, reserved
      "\x01\0\0\0\0\0\0\0",             // decisions
      kSlotBytes);
  EXPECT_EQ(bytes, expected);
}

}  // namespace
}  // namespace writ::audit::ring
