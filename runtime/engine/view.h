// A session as one snapshot and one scope see it: takes what the broker and the identity provider
// said, gives the classes that are active, what is folded, and the frame that conditions read.
// Immutable once built, but for its plans; shared by the threads of the session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/attributes.h"
#include "runtime/engine/cache.h"
#include "runtime/engine/plan.h"
#include "runtime/engine/snapshot.h"

namespace writ::engine {

/// A class that the session is in: for sure, or through an error. In the latter only its denials
/// count, and they carry the error.
struct ActiveClass {
  std::uint32_t cls = kNone;
  std::uint32_t error = 0;
  bool networked = false;  // its grants are not plain
};

/// A guard on every name that was settled at session open.
struct FoldedGuard {
  std::uint32_t kind = kNone;
  std::uint32_t mask = 0;
  std::uint32_t grant = kNone;
  std::uint32_t error = 0;
  bool plain = false;
};

/// A grant of the infrastructure layer that the session holds, while its validity lasts.
struct Holder {
  std::uint32_t grant = kNone;
  std::uint32_t validity = kNone;
};

/// True, false, or an error.
struct Answer {
  bool truth = false;
  std::uint32_t error = 0;
};

/// The error that a three-valued `and` reports when neither operand is false.
[[nodiscard]] constexpr std::uint32_t first_error(std::uint32_t left, std::uint32_t right) {
  return left != 0 ? left : right;
}

class View {
 public:
  View(const Snapshot& snapshot, std::shared_ptr<const SessionFacts> facts,
       std::string_view scope_text);
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  // INVARIANT: constant once it is shared.
  std::uint64_t generation = 0;
  std::uint32_t scope = kNone;
  std::uint32_t audit_session = 0;     // of the recorder, as long as the facts live
  Remembered remembered;               // settled answers, in the session's memory
  std::optional<ReasonClass> refusal;  // everything is denied with it
  std::vector<ActiveClass> guards;
  std::vector<ActiveClass> grants;
  std::vector<ActiveClass> listed;
  std::vector<FoldedGuard> folded;     // by kind
  std::vector<Holder> infrastructure;  // ascending
  std::uint32_t superuser = kNone;     // the first grant that makes the session one
  bool unlisted = false;               // names that nothing lists are allowed here
  std::optional<std::int64_t> auth_expires_us;
  std::vector<std::uint32_t> closed;   // groups that the identity provider vouches for in vain
  Frame frame;                         // without resource, request and clock
  std::shared_ptr<const SessionFacts> facts;

  // WHY mutable: a memory of what was asked, not a part of the value.
  mutable PlanCache plans;
  View* next = nullptr;  // of the session's other scopes

  /// Is the session one of the subject, for sure?
  [[nodiscard]] bool is_of(const Snapshot& snapshot, std::uint32_t subject) const {
    return in_subject(snapshot, subject).truth;
  }

 private:
  void resolve_principal(const Snapshot& snapshot);
  void resolve_groups(const Snapshot& snapshot);
  void resolve_host(const Snapshot& snapshot);
  void resolve_networks(const Snapshot& snapshot);
  [[nodiscard]] std::optional<Answer> forced_network(const Snapshot& snapshot,
                                                     std::string_view& name) const;
  void read_expiry(const Snapshot& snapshot);
  void activate(const Snapshot& snapshot);
  void activate_subject(const Snapshot& snapshot, std::uint32_t subject);
  void activate_class(const Snapshot& snapshot, std::uint32_t cls, std::uint32_t error);
  void fold(const Snapshot& snapshot, const tables::Class& cls, std::uint32_t error);
  void tidy_folded(const Snapshot& snapshot);
  [[nodiscard]] Answer in_type(const Snapshot& snapshot, std::uint32_t type) const;
  [[nodiscard]] Answer in_group(const Snapshot& snapshot, std::uint32_t group) const;
  [[nodiscard]] Answer in_base(const Snapshot& snapshot, const ir::Subject& subject) const;
  [[nodiscard]] Answer in_subject(const Snapshot& snapshot, std::uint32_t subject) const;

  std::string principal_type_;
  std::string principal_name_;
  bool bad_subtype_ = false;
  std::uint32_t principal_subject_ = kNone;
  std::vector<std::uint32_t> groups_;    // that hold for sure; sorted
  std::vector<std::uint32_t> networks_;  // that hold the host
  std::vector<std::uint32_t> scopes_;    // the view's scope and those above it
  std::vector<std::uint8_t> memberships_;
  std::vector<std::uint8_t> network_truths_;
  std::vector<std::uint32_t> network_errors_;
  AttributeSlots attributes_;
};

}  // namespace writ::engine
