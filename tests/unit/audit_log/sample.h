// A folder for a log, and batches of rows that keep the law of counts.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/audit/log/reader.h"
#include "runtime/audit/log/writer.h"
#include "runtime/crypto/keys.h"

namespace writ::audit::log::testing {

inline constexpr const char* kInstance = "0123456789abcdef0123456789abcdef";

/// One key pair for all tests: RFC 8032 section 7.1, test 1.
inline const std::string kPrivateKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

class Folder {
 public:
  Folder() {
    std::string name = (base() / "writ-log-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  // In memory where that is: the tests sync more often than any broker.
  static std::filesystem::path base() {
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
  }
  std::filesystem::path path_;
};

inline std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_all(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Flips one bit in place: a file that is written anew is flushed to disk by some file systems.
inline void flip_bit(const std::string& path, std::size_t bit) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(bit / 8));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(static_cast<char>(byte ^ (1 << bit % 8)));
}

/// Options with a clock that moves by a millisecond a reading, and no reserve.
inline WriterOptions options(std::int64_t now_us = 1'767'268'800'000'000) {
  WriterOptions options;
  options.key_pem = kPrivateKey;
  options.reserve_bytes = 0;
  options.new_log_id = id_of("000102030405060708090a0b0c0d0e0f");
  options.now_us = [now_us]() mutable { return now_us += 1'000; };
  return options;
}

/// Rows of one instance, ring by ring, without a gap.
class Rows {
 public:
  explicit Rows(std::string instance = kInstance) : instance_(std::move(instance)) {}

  /// `count` decisions of the ring, about the sessions and resources with ids 1 to 3. The first
  /// batch defines what all rows use.
  [[nodiscard]] Batch batch(std::size_t count, std::uint16_t ring = 0) {
    Batch batch;
    batch.instance = {instance_, "boot", 7, 1'767'268'800'000'000};
    if (!defined_) define(batch);
    defined_ = true;
    if (rings_.size() <= ring) rings_.resize(std::size_t{ring} + 1);
    for (std::size_t i = 0; i < count; ++i) batch.entries.push_back(row(ring));
    return batch;
  }
  /// The next batch defines everything again, as a drain does that was started again.
  void attach_again() { defined_ = false; }
  [[nodiscard]] std::uint64_t last(std::uint16_t ring = 0) const {
    return ring < rings_.size() ? rings_[ring].sequence : 0;
  }

  [[nodiscard]] Entry row(std::uint16_t ring) {
    RingPosition& at = rings_[ring];
    Entry row;
    row.ring = ring;
    row.sequence = ++at.sequence;
    row.decisions = ++at.decisions;
    row.time_us = time_us_ += 37 * static_cast<std::int64_t>(at.sequence % 5);
    row.uncertainty_us = 50;
    row.session = 1 + static_cast<std::uint32_t>(at.sequence % 3);
    row.resource = 1 + static_cast<std::uint32_t>(at.sequence * 7 % 3);
    row.question = 1 + static_cast<std::uint32_t>(at.sequence % 2);
    row.reason = 1 + static_cast<std::uint32_t>(at.sequence % 2);
    row.verdict = at.sequence % 2 == 0 ? Verdict::Allow : Verdict::Deny;
    if (at.sequence % 4 == 0) {
      row.resource = 0;
      row.name = "name-" + std::to_string(at.sequence);
    }
    return row;
  }

 private:
  static void define(Batch& batch) {
    for (std::uint32_t id = 1; id <= 3; ++id) {
      SessionDef session;
      session.id = id;
      session.facts.principal_type = "User";
      session.facts.principal_name = "user-" + std::to_string(id);
      session.facts.groups = {"writers"};
      session.facts.host = "10.0.0." + std::to_string(id);
      session.facts.attributes = {{"client.id", Value::of_text("c")}, {"absent", std::nullopt}};
      batch.sessions.push_back(session);
      batch.resources.push_back({id, "Topic", "topic-" + std::to_string(id)});
    }
    for (std::uint32_t id = 1; id <= 2; ++id) {
      QuestionDef question;
      question.id = id;
      question.generation = 1;
      question.version = 7;
      question.digest = "ab12";
      question.package = "acme";
      question.kind = "Topic";
      question.operations = {id == 1 ? "Read" : "Write"};
      question.scope = "acme.prod";
      batch.questions.push_back(question);
      ReasonDef reason;
      reason.id = id;
      reason.reason = id == 1 ? ReasonClass::Allow : ReasonClass::Default;
      reason.grant = id == 1 ? 3 : kNoGrant;
      reason.why.statement = id == 1 ? "allow Read" : "";
      reason.why.file = "a.writ";
      reason.why.line = id;
      batch.reasons.push_back(reason);
    }
  }

  std::string instance_;
  bool defined_ = false;
  std::vector<RingPosition> rings_;
  std::int64_t time_us_ = 1'767'268'800'000'000;
};

inline Columns columns_of(const std::vector<Entry>& rows) {
  Columns columns;
  for (const Entry& row : rows) columns.add(row);
  return columns;
}

/// Everything that a reader gives, from the start.
inline std::vector<Entry> read_entries(const std::string& folder, Shown shown = Shown::Written) {
  std::vector<Entry> entries;
  ReaderOptions how;
  how.shown = shown;
  const auto reader = Reader::open(folder, {}, how);
  EXPECT_TRUE(reader) << reader.error().message;
  Batch batch;
  while (reader) {
    const auto more = (*reader)->next(batch);
    EXPECT_TRUE(more) << more.error().message << " at " << more.error().where;
    if (!more || !*more) break;
    entries.insert(entries.end(), batch.entries.begin(), batch.entries.end());
  }
  return entries;
}

/// Sequences of the rows of the sample instance in the ring, in the order of the log.
inline std::vector<std::uint64_t> sequences(const std::vector<Entry>& entries,
                                            std::uint16_t ring = 0) {
  std::vector<std::uint64_t> out;
  for (const Entry& entry : entries) {
    if (entry.kind == EntryKind::Decision && entry.ring == ring) out.push_back(entry.sequence);
  }
  return out;
}
inline std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 1; i <= last; ++i) out.push_back(i);
  return out;
}

}  // namespace writ::audit::log::testing
