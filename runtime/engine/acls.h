// What a policy says at one scope that a plain access control list can say too: one principal or
// everybody, one host, network or every host, one operation or all, a name, a prefix or every name.
// Takes a snapshot, gives rows without repeats; what a list cannot say is counted by why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/engine/snapshot.h"

namespace writ::engine {

/// Why a statement or row is not, or not wholly, in the list.
enum class Unsaid : std::uint8_t { Condition, Validity, Pattern, Principal, Host };
inline constexpr std::size_t kUnsaidCount = 5;

/// A group of a thousand in a thousand bindings is a million rows; nobody reads a longer list, and
/// it must fit into memory.
inline constexpr std::size_t kAclRowsMax = 10'000'000;

/// A row in ids of the program, kNone: everybody, every operation, every host.
struct AclRow {
  std::uint32_t kind = 0;
  std::uint32_t pattern = 0;
  std::uint32_t subject = kNone;
  std::uint32_t operation = kNone;  // a bit of the kind
  std::uint32_t network = kNone;
  ir::Effect effect = ir::Effect::Deny;
  friend auto operator<=>(const AclRow&, const AclRow&) = default;
};

class Acls {
 public:
  /// Errors: Usage, an unknown scope; Limit, more than `rows_max` rows. Infrastructure and
  /// superusers pass by any list and are not in it; denials of guards are.
  [[nodiscard]] static Result<Acls> at(std::shared_ptr<const Snapshot> snapshot,
                                       std::string_view scope,
                                       std::size_t rows_max = kAclRowsMax);

  [[nodiscard]] const std::vector<AclRow>& rows() const { return rows_; }
  [[nodiscard]] const ir::Program& program() const { return snapshot_->program; }
  /// As Java prints it: `10.0.0.1`, `10.0.0.0/8`, `2001:db8:0:0:0:0:0:1/128`.
  [[nodiscard]] const std::string& host(const AclRow& row) const { return hosts_[row.network]; }
  /// Statements and data rows, each counted once for each why.
  [[nodiscard]] std::size_t unsaid(Unsaid why) const {
    return unsaid_[static_cast<std::size_t>(why)];
  }

 private:
  explicit Acls(std::shared_ptr<const Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
  void print_hosts();
  void gather_members();
  [[nodiscard]] bool said_but_for_principal(const ir::Grant& grant);
  void add(const ir::Grant& grant);
  void add_for(const ir::Grant& grant, std::uint32_t subject);
  void miss(const ir::Grant& grant, Unsaid why);

  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<AclRow> rows_;
  std::vector<std::string> hosts_;                   // by NetworkId; empty: no list can say it
  std::vector<std::uint32_t> same_host_;             // by NetworkId: the first of that text
  std::vector<std::vector<std::uint32_t>> members_;  // by GroupId: subjects
  std::array<std::size_t, kUnsaidCount> unsaid_{};
  std::array<std::uint64_t, kUnsaidCount> missed_{};  // number + 1 of the last one counted
};

}  // namespace writ::engine
