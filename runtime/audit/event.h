// One decision as one line of JSON: a CloudEvents 1.0 event in the shapes of Confluent's audit log,
// extended with `policyInfo`. docs/internals/audit-event.md says each field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/audit/recorder.h"
#include "runtime/audit/service.h"

namespace writ::audit {

// CloudEvents 1.0 section 5: intermediaries forward events of up to 64 KiB.
inline constexpr std::size_t kEventBytesMax = std::size_t{64} << 10;
// A name up to here stands in full; of a longer one its digest, its length and the front.
inline constexpr std::size_t kNameShownBytesMax = 1'024;
// Everything else that a client can choose, and the front of what is too long.
inline constexpr std::size_t kTextShownBytesMax = 256;
// Groups of a session, summed: they come from an identity provider and may be many.
inline constexpr std::size_t kPrincipalsShownBytesMax = 1'024;

/// Names that the events carry; which system they are of is data.
struct EventOptions {
  std::string instance;   // of the process: ids are `instance-sequence`
  std::string authority;  // of CRNs: `crn://authority/…`
  Service service;        // where neither model nor kind is known
  Services services = known_services();
  std::string lifecycle_prefix = "io.writ.engine/";
  // Attributes of the session that stand in authenticationInfo.metadata and in request.
  std::vector<std::pair<std::string, std::string>> metadata = {{"sasl.mechanism", "mechanism"}};
  std::vector<std::pair<std::string, std::string>> request = {{"client.id", "clientId"}};
  std::string method = "request.type";  // the request's attribute that names the API
  std::vector<std::string> omitted;     // attributes that no event shows
  // Levels of scope that are clusters, and what they are called in a binding's scope.
  std::vector<std::pair<std::string, std::string>> clusters = {{"cluster", "kafka-cluster"}};
  // Names that begin so are ids of resources; in the General shape the principal is this member.
  std::vector<std::pair<std::string, std::string>> principals = {
      {"sa-", "confluentServiceAccount"}, {"pool-", "identityPool"}, {"u-", "confluentUser"}};
};

/// The options under a policy: its source is the authority, and what it omits is omitted too.
[[nodiscard]] EventOptions under(const AuditPolicy& policy, EventOptions options);

/// Is the event whole, or larger than kEventBytesMax?
enum class Encoded : std::uint8_t { TooLarge, Whole };

/// Appends the event and a newline to `out`; nothing when it is too large, which the limits on its
/// parts exclude for any input: whoever gets TooLarge must treat the decision as not recorded.
[[nodiscard]] Encoded encode(const Record& record, const EventOptions& options,
                             std::uint64_t sequence, std::string& out);

/// The result of an authentication, in the shape of `…/authentication`.
struct AuthenticationEvent {
  const Authentication& result;
  std::int64_t time_us = 0;
  std::uint32_t uncertainty_us = 0;  // 0: the clock says nothing of it
};
[[nodiscard]] Encoded encode(const AuthenticationEvent& event, const EventOptions& options,
                             std::uint64_t sequence, std::string& out);
[[nodiscard]] Encoded encode(const AuthenticationEvent& event, const EventOptions& options,
                             std::string_view id, std::string& out);

/// Something that happened to the engine: `type` is appended to options.lifecycle_prefix.
struct Lifecycle {
  std::string_view type;
  std::string_view message;
  std::int64_t time_us = 0;
  std::uint32_t uncertainty_us = 0;
  std::uint64_t count = 0;       // decisions that it speaks of; 0: none
  std::string_view detail = {};  // a JSON value that a JsonWriter made; empty: none
};
[[nodiscard]] Encoded encode(const Lifecycle& lifecycle, const EventOptions& options,
                             std::uint64_t sequence, std::string& out);
[[nodiscard]] Encoded encode(const Lifecycle& lifecycle, const EventOptions& options,
                             std::string_view id, std::string& out);

/// The nearest time of the years 0 to 9999: RFC 3339 has four digits for a year.
[[nodiscard]] std::int64_t held_time(std::int64_t time_us);
/// RFC 3339 in UTC with six digits of fraction, of the held time.
[[nodiscard]] std::string event_time(std::int64_t time_us);

}  // namespace writ::audit
