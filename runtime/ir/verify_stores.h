// The parts of the verifier, by store, and where they write down the first thing that is wrong.
// Each part assumes that those called before it in verify.cpp found nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/ir/program.h"

namespace writ::ir {

/// The first violation. Parts go on looking at rows that stay in bounds, and stop before any
/// that would not.
class Findings {
 public:
  /// Answers `holds`, so that a test which needs it may follow.
  // WHY texts as pointers: their lengths are of no use while everything holds.
  bool require(bool holds, const char* store, std::size_t index, const char* message,
               ErrorCode code = ErrorCode::Malformed) {
    if (!holds) [[unlikely]] {
      record(store, index, message, code);
    }
    return holds;
  }
  template <class Tag>
  bool in_store(Id<Tag> id, std::size_t count, const char* store, std::size_t index,
                const char* message) {
    return require(id.valid() && id.index < count, store, index, message);
  }
  template <class Tag>
  bool none_or_in_store(Id<Tag> id, std::size_t count, const char* store, std::size_t index,
                        const char* message) {
    return require(!id.valid() || id.index < count, store, index, message);
  }
  [[nodiscard]] bool clean() const { return !first_.has_value(); }
  [[nodiscard]] Status status() const;

 private:
  void record(const char* store, std::size_t index, const char* message, ErrorCode code);
  std::optional<Error> first_;
};

/// A type that a value may have: a known kind, an enumeration that exists.
[[nodiscard]] bool is_sound(const Program& program, const Type& type);
/// A value that is one of its type: flags 0 or 1, ordinals in range, sets sorted without repeats.
[[nodiscard]] bool is_sound(const Program& program, const Value& value);
[[nodiscard]] bool is_sound(const Cidr& cidr);

void verify_strings(const Program& program, Findings& findings);
void verify_vocabulary(const Program& program, Findings& findings);
void verify_scopes(const Program& program, Findings& findings);
void verify_who(const Program& program, Findings& findings);
void verify_what(const Program& program, Findings& findings);
void verify_automata(const Program& program, Findings& findings);
void verify_zones(const Program& program, Findings& findings);
void verify_conditions(const Program& program, Findings& findings);
/// Conditions where they are used: subtypes of principals, classes of networks.
void verify_tests(const Program& program, Findings& findings);
void verify_grants(const Program& program, Findings& findings);
void verify_audit(const Program& program, Findings& findings);

/// Is the shape one that reads nothing but the session?
[[nodiscard]] bool reads_session_only(const Program& program, const std::vector<Inst>& insts);

template <class T>
[[nodiscard]] bool ascends(const std::vector<T>& items) {
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (!(items[i - 1] < items[i])) return false;
  }
  return true;
}

}  // namespace writ::ir
