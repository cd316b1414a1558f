// The text that `kafka-acls --list` prints → ACLs. Takes a file of a SourceSet, gives rows whose
// texts are parts of that file; what is no part of a listing is a mistake, since what is
// skipped may be a denial.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"

namespace writ::convert::kafka_acls {

// A million ACLs are a tenth of this.
inline constexpr std::size_t kListingBytesMax = std::size_t{2} << 30;
// What is reported of one kind of mistake; the rest is counted.
inline constexpr std::size_t kReportedMax = 20;

struct Acl {
  std::size_t kind = 0;        // row of kKinds
  std::string_view name;       // of the resource; `*` alone is every name, unless it is a prefix
  bool prefixed = false;
  bool deny = false;
  std::size_t operation = 0;   // row of kOperations
  std::string_view principal;  // has a colon
  std::string_view host;       // as it stands there
  source::Span span;           // the line

  [[nodiscard]] auto key() const {
    return std::tie(kind, name, prefixed, deny, operation, principal, host);
  }
};

/// Reads all three forms that Kafka has printed. Mistakes (E1201, E1202) and doubts (W1205, W1206)
/// go to the sink. Gives every ACL, in the order of the listing. Lifetime: of the file's text.
[[nodiscard]] std::vector<Acl> read_listing(const source::SourceSet& sources, source::FileId file,
                                            diag::Sink& sink);

/// Sorted, each once: the same ACLs give the same rows, whatever order the cluster lists them in.
[[nodiscard]] std::vector<Acl> different(std::vector<Acl> acls);

}  // namespace writ::convert::kafka_acls
