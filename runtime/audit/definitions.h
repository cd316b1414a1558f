// What the numbers of rows mean. Who reads rows asks for their words here; the log's dictionary
// is one, and DefinitionTable is the plain one in memory.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "runtime/audit/entry.h"

namespace writ::audit {

/// Pointers live until the numbers are given anew (see epoch); null: nobody said what it means.
class Definitions {
 public:
  virtual ~Definitions() = default;
  [[nodiscard]] virtual const InstanceDef& instance() const = 0;
  [[nodiscard]] virtual const SessionDef* session(std::uint32_t id) const = 0;
  [[nodiscard]] virtual const ResourceDef* resource(std::uint32_t id) const = 0;
  [[nodiscard]] virtual const QuestionDef* question(std::uint32_t id) const = 0;
  [[nodiscard]] virtual const ReasonDef* reason(std::uint32_t id) const = 0;
  /// Another number whenever an id that was defined may stand for something else: a new segment,
  /// another instance. What was made of definitions of an earlier epoch is to be forgotten.
  [[nodiscard]] virtual std::uint64_t epoch() const = 0;
};

/// Keeps what batches define. Threads: one.
class DefinitionTable final : public Definitions {
 public:
  /// Adds the batch's definitions. Another instance than before clears the table first; a
  /// definition of an id that is there already replaces it.
  void add(const Batch& batch);
  /// Forgets everything, for the start of a segment.
  void clear();

  [[nodiscard]] const InstanceDef& instance() const override { return instance_; }
  [[nodiscard]] const SessionDef* session(std::uint32_t id) const override;
  [[nodiscard]] const ResourceDef* resource(std::uint32_t id) const override;
  [[nodiscard]] const QuestionDef* question(std::uint32_t id) const override;
  [[nodiscard]] const ReasonDef* reason(std::uint32_t id) const override;
  [[nodiscard]] std::uint64_t epoch() const override { return epoch_; }

 private:
  InstanceDef instance_;
  std::unordered_map<std::uint32_t, SessionDef> sessions_;
  std::unordered_map<std::uint32_t, ResourceDef> resources_;
  std::unordered_map<std::uint32_t, QuestionDef> questions_;
  std::unordered_map<std::uint32_t, ReasonDef> reasons_;
  std::uint64_t epoch_ = 1;
};

}  // namespace writ::audit
