// A trail in folders of its own, and what its log says afterwards.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/audit/drain/trail.h"
#include "runtime/audit/log/reader.h"
#include "tests/unit/audit_ring/world.h"

namespace writ::audit::drain {

/// Words by which rows can be told: kind `Topic`, operation `op N`, rule `grant N`.
class TestWords final : public PolicyWords {
 public:
  explicit TestWords(std::uint64_t generation, AuditPolicy policy = {});
  [[nodiscard]] const PolicyFacts& facts() const override { return facts_; }
  [[nodiscard]] Question question(std::uint16_t kind, std::uint8_t operation,
                                  std::uint32_t scope) const override;
  [[nodiscard]] std::vector<std::string_view> operations(std::uint16_t kind) const override;
  [[nodiscard]] Explained explain(const Decision& decision, const Question& question,
                                  const SessionFacts* session,
                                  std::string_view name) const override;
  [[nodiscard]] AuditPolicy audit() const override { return policy_; }

 private:
  PolicyFacts facts_;
  AuditPolicy policy_;
};

[[nodiscard]] TrailOptions trail_options(const ring::Folder& folder);
[[nodiscard]] std::unique_ptr<Trail> open_trail(const TrailOptions& options);

/// One row with the words of its definitions.
struct Said {
  std::string instance;
  Entry row;
  std::string principal, resource, operation, rule, nearest;
};
/// Calls `see` with each row of the log, for logs that are too large to keep.
void each_row(const std::string& folder, const std::function<void(const Said&)>& see);
/// All rows of the log but the log's own. Fails the test if the log cannot be read.
[[nodiscard]] std::vector<Said> read_log(const std::string& folder);
/// The same one by one.
class Law {
 public:
  void see(const Said& said);

 private:
  struct At {
    std::uint64_t sequence = 0;
    std::uint64_t decisions = 0;
  };
  std::map<std::pair<std::string, std::uint16_t>, At> rings_;
};
/// Do the rows of every ring count up without a gap, and do counts and decisions agree?
void expect_law(const std::vector<Said>& rows);
[[nodiscard]] std::size_t count_of(const std::vector<Said>& rows, EntryKind kind);

}  // namespace writ::audit::drain
