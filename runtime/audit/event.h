// One decision as one line of JSON: a CloudEvents 1.0 event in the shape of Confluent's audit log,
// extended with `policyInfo`. docs/internals/audit-event.md says each field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/audit/recorder.h"

namespace writ::audit {

// CloudEvents 1.0 section 5: intermediaries forward events of up to 64 KiB.
inline constexpr std::size_t kEventBytesMax = std::size_t{64} << 10;
// A name up to here stands in full; of a longer one its digest, its length and the front.
inline constexpr std::size_t kNameShownBytesMax = 1'024;
// Everything else that a client can choose, and the front of what is too long.
inline constexpr std::size_t kTextShownBytesMax = 256;
// Groups of a session, summed: they come from an identity provider and may be many.
inline constexpr std::size_t kPrincipalsShownBytesMax = 1'024;

/// How events of one kind of resource are called.
struct Service {
  std::string type_prefix = "io.confluent.kafka.server/";  // of the CloudEvents type
  std::string crn_element = "kafka";                       // of the cluster in a CRN
  std::string method_prefix = "kafka.";                    // of data.methodName
};

/// Names that the events carry; which system they are of is data.
struct EventOptions {
  std::string instance;   // of the process: ids are `instance-sequence`
  std::string authority;  // of CRNs: `crn://authority/…`
  Service service;
  std::vector<std::pair<std::string, Service>> services;  // by kind, where it is another one
  std::string lifecycle_prefix = "io.writ.engine/";
  // Attributes of the session that stand in authenticationInfo.metadata and in request.
  std::vector<std::pair<std::string, std::string>> metadata = {{"sasl.mechanism", "mechanism"}};
  std::vector<std::pair<std::string, std::string>> request = {{"client.id", "clientId"}};
};

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
};
[[nodiscard]] Encoded encode(const AuthenticationEvent& event, const EventOptions& options,
                             std::uint64_t sequence, std::string& out);

/// Something that happened to the engine: `type` is appended to options.lifecycle_prefix.
struct Lifecycle {
  std::string_view type;
  std::string_view message;
  std::int64_t time_us = 0;
};
[[nodiscard]] Encoded encode(const Lifecycle& lifecycle, const EventOptions& options,
                             std::uint64_t sequence, std::string& out);

/// RFC 3339 in UTC with six digits of fraction; held between the years 0 and 9999.
[[nodiscard]] std::string event_time(std::int64_t time_us);

}  // namespace writ::audit
