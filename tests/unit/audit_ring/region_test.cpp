// A region read as hostile: whatever its bytes, attaching and draining end, within its bounds.
#include <filesystem>
#include <fstream>
#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/audit_ring/world.h"

namespace writ::audit::ring {
namespace {

TEST(Region, BelongsToItsUserAlone) {
  const Folder folder;
  const auto recorder = open(small(folder));
  struct stat info {};
  ASSERT_EQ(::stat(recorder->region()->path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_GE(info.st_blocks * 512, info.st_size);
  EXPECT_FALSE(recorder->region()->is_orphan());
  ASSERT_EQ(::chmod(recorder->region()->path().c_str(), 0640), 0);
  EXPECT_FALSE(Region::attach(recorder->region()->path()));
}

TEST(Region, ADirectoryThatOthersWriteToIsRefused) {
  const Folder folder;
  const std::string open_to_all = folder.path() + "/open";
  ASSERT_EQ(::mkdir(open_to_all.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(open_to_all.c_str(), 0777), 0);
  RecorderOptions options = small(folder);
  options.region.directory = open_to_all;
  EXPECT_FALSE(RingRecorder::open(options));
}

TEST(Region, ARingWhereOthersMayPutOneIsNotRead) {
  const Folder folder;
  const auto recorder = open(small(folder));
  const std::string path = recorder->region()->path();
  ASSERT_TRUE(Region::attach(path));
  for (const mode_t mode : {0722U, 0720U, 0702U}) {
    ASSERT_EQ(::chmod(folder.path().c_str(), mode), 0);
    const auto refused = Region::attach(path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Malformed);
  }
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
  EXPECT_TRUE(Region::attach(path));
}

TEST(Region, SizesOutsideTheLimitsAreRefused) {
  const Folder folder;
  struct {
    std::uint32_t rings;
    std::uint64_t slots;
    std::uint64_t dictionary;
  } const sizes[] = {
      {0, kRingSlotsMin, kDictionaryBytesMin},
      {kRingsMax + 1, kRingSlotsMin, kDictionaryBytesMin},
      {1, kRingSlotsMin / 2, kDictionaryBytesMin},
      {1, kRingSlotsMin + 1, kDictionaryBytesMin},
      {1, kRingSlotsMax * 2, kDictionaryBytesMin},
      {1, kRingSlotsMin, kDictionaryBytesMin - kHeaderBytes},
      {1, kRingSlotsMin, kDictionaryBytesMin + 1},
      {1, kRingSlotsMin, kDictionaryBytesMax + kHeaderBytes},
  };
  for (const auto& size : sizes) {
    EXPECT_FALSE(Region::create({folder.path(), size.rings, size.slots, size.dictionary}));
  }
  EXPECT_TRUE(find_regions(folder.path()).empty());
}

TEST(Region, OneDrainAtATime) {
  const Folder folder;
  const auto recorder = open(small(folder));
  auto one = Region::attach(recorder->region()->path());
  const auto two = Region::attach(recorder->region()->path());
  ASSERT_TRUE(one && two);
  EXPECT_TRUE((*one)->hold_for_drain());
  EXPECT_FALSE((*two)->hold_for_drain());
  one->reset();
  EXPECT_TRUE((*two)->hold_for_drain());
}

TEST(Region, ATailThatNobodyHonestWroteMeansNoRoom) {
  const Folder folder;
  const auto recorder = open(small(folder, 1));
  ASSERT_TRUE(recorder->record(plain_record(1)));
  recorder->region()->ring(0).tail.store(~std::uint64_t{0} / 2);
  std::uint64_t recorded = 1;
  for (std::uint64_t at = 0; at < 2 * kRingSlotsMin; ++at) {
    recorded += recorder->record(plain_record(1)) ? 1 : 0;
  }
  EXPECT_LE(recorded, kRingSlotsMin);
}

std::string filled(const Folder& folder) {
  const auto recorder = open(small(folder, 2));
  const Opened session = recorder->open_session({});
  const Opened resource = recorder->open_resource("Topic", "orders");
  for (int at = 0; at < 50; ++at) static_cast<void>(recorder->record(plain_record(resource.id)));
  Record record = plain_record(0);
  record.name = "orders";
  for (int at = 0; at < 20; ++at) static_cast<void>(recorder->record(record));
  return recorder->region()->path();
}

/// Reads all there is, as a drain does; the point is that it ends.
void read_all(const std::string& path) {
  const auto region = Region::attach(path);
  if (!region) return;
  DictionaryReader dictionary(*region);
  static_cast<void>(dictionary.read());
  std::vector<Slot> slots(kRingSlotsMin + kSlotsMax);
  for (std::size_t ring = 0; ring < (*region)->facts().rings; ++ring) {
    Mark cursor = load_mark((*region)->ring(ring));
    const Read read = read_records(**region, ring, cursor, slots);
    ASSERT_LE(read.slots, slots.size());
    for (std::size_t at = 0; at < read.slots; at += slots[at].slots) {
      const std::span record = std::span(slots).subspan(at, slots[at].slots);
      std::string payload;
      append_payload(record, payload);
      static_cast<void>(read_parts(payload));
      static_cast<void>(is_sound(record.front()));
      static_cast<void>(dictionary.session(record.front().session));
    }
  }
}

TEST(Region, AnyBytesAreReadWithinBounds) {
  const Folder folder;
  const std::string path = filled(folder);
  std::string good(std::filesystem::file_size(path), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(good.data(), static_cast<std::streamsize>(good.size()));
  std::mt19937_64 random(20261124);
  const int fd = ::open(path.c_str(), O_RDWR);
  ASSERT_GE(fd, 0);
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::pair<std::size_t, char>> changes;
    for (std::uint64_t count = random() % 8 + 1; count > 0; --count) {
      // Mostly where something stands: the headers, the first records, the dictionary's begin.
      const std::size_t starts[] = {0, kHeaderBytes, kHeaderBytes + 2 * kRingHeaderBytes,
                                    good.size() - 2 * kDictionaryBytesMin};
      const std::size_t spans[] = {384, 2 * kRingHeaderBytes, 100 * kSlotBytes, 128};
      const std::size_t where = random() % 4;
      const std::size_t at = starts[where] + random() % spans[where];
      const char values[] = {'\0', '\x01', '\x7F', '\xFF', static_cast<char>(random())};
      changes.emplace_back(at, values[random() % 5]);
    }
    for (const auto& [at, value] : changes) {
      ASSERT_EQ(::pwrite(fd, &value, 1, static_cast<off_t>(at)), 1);
    }
    read_all(path);
    for (const auto& [at, value] : changes) {
      ASSERT_EQ(::pwrite(fd, &good[at], 1, static_cast<off_t>(at)), 1);
    }
  }
  ::close(fd);
}

TEST(Region, AFileOfAnotherSizeIsRefused) {
  const Folder folder;
  const std::string path = filled(folder);
  const auto size = static_cast<off_t>(std::filesystem::file_size(path));
  const auto header = static_cast<off_t>(kHeaderBytes);
  for (const off_t bytes : {size - 1, size + 1, header, off_t{100}, off_t{0}}) {
    ASSERT_EQ(::truncate(path.c_str(), bytes), 0);
    EXPECT_FALSE(Region::attach(path)) << bytes;
  }
}

}  // namespace
}  // namespace writ::audit::ring
