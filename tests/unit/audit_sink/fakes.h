// A log in memory, a cursor in memory, a sink that fails when it is told to.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "runtime/audit/sink/feeder.h"

namespace writ::audit::sink::testing {

/// Batches of `rows_each` rows of ring 4, from sequence 1; block i is batch i of segment 1.
struct FakeLog {
  std::vector<Batch> batches;
  std::uint64_t skipped = 0;
  std::string id = std::string(32, 'f');
  bool fails = false;

  void grow(std::size_t count, std::size_t rows_each) {
    for (std::size_t i = 0; i < count; ++i) batches.push_back(batch(rows_each));
  }

 private:
  Batch batch(std::size_t rows) {
    Batch out;
    out.instance.id = std::string(32, 'a');
    QuestionDef question;
    question.id = 1;
    question.kind = "Topic";
    question.model = "kafka";
    question.operations = {"Read"};
    question.scope = "acme.prod";
    out.questions = {question};
    ReasonDef reason;
    reason.id = 1;
    out.reasons = {reason};
    for (std::size_t i = 0; i < rows; ++i) {
      Entry row;
      row.ring = 4;
      row.sequence = ++sequence_;
      row.question = 1;
      row.reason = 1;
      row.verdict = row.sequence % 2 == 0 ? Verdict::Allow : Verdict::Deny;
      out.entries.push_back(row);
    }
    return out;
  }
  std::uint64_t sequence_ = 0;
};

class FakeSource final : public Source {
 public:
  explicit FakeSource(FakeLog& log) : log_(log) {}
  Status seek(log::Position position) override {
    next_ = position.block;
    table_.clear();
    return {};
  }
  Result<bool> next(Batch& batch) override {
    if (log_.fails) return fail(ErrorCode::Unreadable, "the log cannot be read");
    if (next_ >= log_.batches.size()) return false;
    batch = log_.batches[next_++];
    table_.add(batch);
    return true;
  }
  Result<std::string> log_id() const override { return log_.id; }
  const Definitions& definitions() const override { return table_; }
  log::Position position() const override { return {1, next_}; }
  std::uint64_t skipped_segments() const override { return log_.skipped; }

 private:
  FakeLog& log_;
  DefinitionTable table_;
  std::uint64_t next_ = 0;
};

struct MemoryCursor {
  std::optional<Cursor> saved;
  bool fails = false;
};
class MemoryCursors final : public CursorStore {
 public:
  explicit MemoryCursors(MemoryCursor& of) : of_(of) {}
  Result<std::optional<Cursor>> load() override { return of_.saved; }
  Status save(const Cursor& cursor) override {
    if (of_.fails) return fail(ErrorCode::Unreadable, "no room for the cursor");
    of_.saved = cursor;
    return {};
  }

 private:
  MemoryCursor& of_;
};

/// What reached the outside, and what the test lets happen.
struct Outside {
  std::vector<std::string> ids;      // acknowledged and not, in order
  std::uint64_t room = 1'000'000;    // deliveries that may be unacknowledged
  std::uint64_t acknowledge = ~0ULL; // only deliveries up to here
  bool fails_to_begin = false;
  bool fails_to_deliver = false;
  bool fails_to_poll = false;
  std::vector<std::string> begun_with;
};
class FakeSink final : public Sink {
 public:
  explicit FakeSink(Outside& outside) : outside_(outside) {}
  Status begin(std::string_view state, std::uint64_t next) override {
    if (outside_.fails_to_begin) return fail(ErrorCode::Unreadable, "nobody there");
    outside_.begun_with.emplace_back(state);
    delivered_ = acknowledged_ = next - 1;
    return {};
  }
  Result<bool> deliver(const Delivery& delivery) override {
    if (outside_.fails_to_deliver) return fail(ErrorCode::Unreadable, "refused");
    if (delivered_ - acknowledged_ >= outside_.room) return false;
    for (const Event& event : delivery.events) outside_.ids.emplace_back(event.id);
    delivered_ = delivery.number;
    return true;
  }
  Result<std::uint64_t> poll(std::uint32_t) override {
    if (outside_.fails_to_poll) return fail(ErrorCode::Unreadable, "lost");
    acknowledged_ = std::max(acknowledged_, std::min(delivered_, outside_.acknowledge));
    return acknowledged_;
  }
  std::string state(std::uint64_t number) override { return "at " + std::to_string(number); }
  std::string name() const override { return "fake"; }

 private:
  Outside& outside_;
  std::uint64_t delivered_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace writ::audit::sink::testing
