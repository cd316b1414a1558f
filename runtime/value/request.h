// What is asked, in the words of whoever asks: strings and named attributes. The embedding fills
// it; the engine resolves it against a bundle. The specification (runtime/reference) decides from
// it directly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/value/value.h"

namespace writ {

/// An attribute by its dotted name. `value` empty: said to be absent (Presence::None). The value's
/// type must be the model's; a String is accepted for an Enum (its member) and for Ip, Cidr, Time,
/// Duration and Version in their text form, an Int for Time (seconds since 1970). A value that
/// does not fit is an error value (BadValue), not a refused session.
using NamedValue = std::pair<std::string, std::optional<Value>>;

/// A session: who, from where, what the broker observed when the connection was made.
struct SessionFacts {
  std::string principal_type;
  std::string principal_name;
  std::optional<std::vector<std::string>> groups;  // empty optional: unknown
  std::optional<std::string> host;                 // the client's address; empty: unknown
  std::string scope;                               // path suffix or id; empty: the only leaf
  std::vector<NamedValue> attributes;              // of moment session; `network` forces a class
  std::int64_t opened_us = 0;
};

/// What an answer is for; it stands in the event and changes no answer. Enforce: something is done
/// or refused by it. Probe: somebody asks what would be. Filter: names are left out of a list.
enum class Purpose : std::uint8_t { Enforce, Probe, Filter };

/// A request in a session.
struct RequestFacts {
  std::string operation;
  std::string kind;
  std::string name;
  std::string scope;                   // empty: the session's
  std::vector<NamedValue> attributes;  // of moment request
  std::optional<std::int64_t> time_us; // the clock's reading
};

}  // namespace writ
