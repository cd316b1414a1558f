// One activated program with everything that decisions read beside it: tables, constants, native
// code, look-ups by name. Takes a verified program and its tables; immutable but for its code,
// which comes later and changes no answer; shared by all threads under an epoch guard.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/audit/recorder.h"
#include "runtime/engine/audit_rules.h"
#include "runtime/interp/frame.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/unsettled.h"
#include "runtime/ir/program.h"
#include "runtime/tables/tables.h"

namespace writ::engine {

using tables::kNone;

/// Native code of a program. The composition root makes it, so that this folder knows nothing of a
/// JIT.
struct Native {
  std::vector<ShapeFn> shapes;        // by ShapeId
  std::vector<KindFn> kinds;          // by KindId; null: there is none
  std::shared_ptr<const void> owner;  // keeps the code alive
};

/// What a scope text means.
struct ScopeAnswer {
  std::uint32_t scope = kNone;
  ReasonClass refusal = ReasonClass::UnknownScope;  // where scope is kNone
};

/// Facts of one declared resource at one scope, as a frame reads them.
struct FactRow {
  std::uint32_t scope = kNone;  // kNone: everywhere
  std::vector<Slot> slots;
  std::vector<std::uint8_t> presence;
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <class T>
using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

/// A few names, found by their size and three of their bytes, then compared in full. For the
/// kinds and operations of a model, which every question by strings looks up.
class FewNames {
 public:
  /// The first of equal names stays.
  void build(std::span<const std::string_view> names);
  [[nodiscard]] std::uint32_t find(std::string_view name) const {
    if (slots_.empty()) return kNone;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash(name) & mask; slots_[at] != kNone; at = (at + 1) & mask) {
      if (names_[slots_[at]] == name) return slots_[at];
    }
    return kNone;
  }

 private:
  static std::size_t hash(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [&name](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(name[at]));
    };
    return name.size() * 7 + byte(0) * 31 + byte(name.size() / 2) * 131 + byte(name.size() - 1) * 3;
  }
  std::vector<std::string_view> names_;
  std::vector<std::uint32_t> slots_;  // a power of two, a quarter full at most
};

class Snapshot {
 public:
  /// The program and tables must be verified.
  Snapshot(ir::Program program, tables::Tables tables, BundleInfo info);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  ir::Program program;
  tables::Tables tables;
  BundleInfo info;
  audit::PolicyFacts policy;  // the same for records
  AuditLevels audit_levels;   // how long decisions wait for their records

  // INVARIANT: filled by the constructor, constant afterwards.
  std::vector<std::string> scope_paths;             // by ScopeId: acme.prod.payments
  std::vector<std::string> scope_levels;            // by ScopeId: see audit::Question::levels
  std::vector<std::uint32_t> group_subjects;        // by GroupId: its subject without exceptions
  std::vector<std::uint8_t> reachable_groups;       // by GroupId: an external group leads to it
  std::vector<std::uint32_t> reachable_subjects;    // plain subjects of those that have classes
  std::vector<std::uint32_t> general_subjects;      // types, any, authenticated, with exceptions
  std::vector<std::uint32_t> slot_counts;           // attributes by AttributeMoment
  std::vector<interp::Reads> reads;                 // by ShapeId
  std::vector<std::vector<interp::Unsettled>> unsettled;  // by KindId (interp/unsettled.h)
  std::vector<std::uint32_t> first_of_number;       // by grant: the first grant of its number
  std::uint32_t auth_expires = kNone;               // AttributeId of auth.expires
  std::uint32_t network_attribute = kNone;          // AttributeId of network

  [[nodiscard]] ScopeAnswer find_scope(std::string_view text) const;
  [[nodiscard]] std::uint32_t find_kind(std::string_view name) const;
  /// The bit of an operation in a kind, or kNone.
  [[nodiscard]] std::uint32_t find_operation(std::uint32_t kind, std::string_view name) const;
  [[nodiscard]] std::uint32_t find_group(std::string_view name) const;
  [[nodiscard]] std::uint32_t find_type(std::string_view name) const;
  [[nodiscard]] std::uint32_t find_attribute(std::string_view name) const;
  /// Is `below` the scope `above`, or within it?
  [[nodiscard]] bool scope_within(std::uint32_t below, std::uint32_t above) const;
  /// The facts that speak of a resource at a scope: those of the nearest scope at or above it.
  [[nodiscard]] const FactRow* find_facts(std::uint32_t kind, std::string_view name,
                                          std::uint32_t scope) const;
  /// Names that answer questions by kind; made when first asked for. Threads: any.
  [[nodiscard]] const std::vector<std::string>& witnesses(std::uint32_t kind) const;
  /// Does a condition on the kind tell names apart?
  [[nodiscard]] bool names_read(std::uint32_t kind) const { return names_read_[kind] != 0; }
  /// Says once for each group of this bundle: nobody was told yet that an identity provider vouches
  /// for it in vain. Threads: any.
  [[nodiscard]] bool first_vouched(std::uint32_t group) const {
    return !vouched_[group].exchange(true, std::memory_order_relaxed);
  }
  /// Evaluates a condition by native code where there is some.
  [[nodiscard]] Outcome evaluate(std::uint32_t condition, const Frame& frame) const;
  /// The same without native code.
  [[nodiscard]] Outcome interpret(std::uint32_t condition, const Frame& frame) const;
  /// From now on conditions are native code's; null: the interpreter's. What was used before is
  /// kept until its last reader has left. Threads: one at a time, beside any that decide.
  void use(std::unique_ptr<const Native> native) const;
  /// Native code that asks a kind's unsettled grants, or null.
  [[nodiscard]] KindFn decision_function(std::uint32_t kind) const {
    const Function* code = code_.load(std::memory_order_acquire);
    return code == nullptr ? nullptr : code[kind].kind;
  }
  /// All constants of the program.
  [[nodiscard]] const Slot* constants() const { return constants_.all(); }

 private:
  void index_scopes();
  void index_names();
  void index_subjects();
  void index_facts();

  /// An entry of the one array that a decision reads: kinds, then shapes.
  union Function {
    KindFn kind;
    ShapeFn shape;
  };
  struct Code {
    std::vector<Function> functions;
    std::unique_ptr<const Native> native;
  };

  struct KindWitnesses {
    std::once_flag once;
    std::vector<std::string> names;
  };

  interp::Constants constants_;
  // WHY mutable: code comes after the snapshot, and changes no answer. Null: the interpreter.
  mutable std::atomic<const Function*> code_{nullptr};
  mutable std::unique_ptr<const Code> code_owner_;  // of whoever calls use()
  std::size_t first_shape_ = 0;                     // in the array
  ByName<ScopeAnswer> scopes_;
  // WHY mutable: made late, since only some kinds are ever asked about as a whole.
  mutable std::deque<KindWitnesses> witnesses_;  // by KindId
  std::vector<std::uint8_t> names_read_;         // by KindId
  // WHY mutable: what was told, not a part of the policy.
  mutable std::vector<std::atomic<bool>> vouched_;  // by GroupId
  FewNames kinds_;
  std::vector<FewNames> operations_;
  ByName<std::uint32_t> groups_;
  ByName<std::uint32_t> types_;
  ByName<std::uint32_t> attributes_;
  struct NamedFacts {
    std::uint32_t kind = kNone;
    std::string_view name;  // of the program
    std::vector<FactRow> rows;
  };
  std::unordered_map<std::uint64_t, std::vector<NamedFacts>> facts_;  // by hash of kind and name
  std::deque<std::vector<Slot>> fact_elements_;                       // of sets among the facts
};

}  // namespace writ::engine
