// What the numbers of a segment's rows mean, for each instance that has rows in it.
#pragma once

#include <map>
#include <memory>

#include "runtime/audit/definitions.h"
#include "runtime/audit/log/format.h"

namespace writ::audit::log {

/// Threads: one.
class Dictionary {
 public:
  /// The block's definitions, of the instance that its header names.
  void add(const Id128& instance, const Batch& batch) { table(instance).add(batch); }
  /// For the start of a segment.
  void clear() { tables_.clear(); }
  /// Lives until clear(); empty for an instance that defined nothing.
  [[nodiscard]] const Definitions& of(const Id128& instance) { return table(instance); }

 private:
  // A table's own epochs start again with it; those of a dictionary never come back.
  class Table final : public Definitions {
   public:
    explicit Table(std::uint64_t base) : base_(base) {}
    void add(const Batch& batch) { table_.add(batch); }
    [[nodiscard]] const InstanceDef& instance() const override { return table_.instance(); }
    [[nodiscard]] const SessionDef* session(std::uint32_t id) const override {
      return table_.session(id);
    }
    [[nodiscard]] const ResourceDef* resource(std::uint32_t id) const override {
      return table_.resource(id);
    }
    [[nodiscard]] const QuestionDef* question(std::uint32_t id) const override {
      return table_.question(id);
    }
    [[nodiscard]] const ReasonDef* reason(std::uint32_t id) const override {
      return table_.reason(id);
    }
    [[nodiscard]] std::uint64_t epoch() const override { return base_ + table_.epoch(); }

   private:
    DefinitionTable table_;
    std::uint64_t base_;
  };
  static constexpr std::uint64_t kEpochsOfTable = std::uint64_t{1} << 32;

  Table& table(const Id128& instance) {
    std::unique_ptr<Table>& table = tables_[instance];
    if (!table) table = std::make_unique<Table>(kEpochsOfTable * ++made_);
    return *table;
  }
  std::map<Id128, std::unique_ptr<Table>> tables_;
  std::uint64_t made_ = 0;
};

}  // namespace writ::audit::log
