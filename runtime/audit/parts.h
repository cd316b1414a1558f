// An event in pieces: members of JSON objects without the braces around them, made once of a
// definition and joined for every decision that rests on it. Values that a client chose reach a
// piece only through named(), which bounds them and lets nothing out of its string.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/audit/event.h"
#include "runtime/audit/facts.h"
#include "runtime/audit/json_writer.h"

namespace writ::audit {

/// A member of at most `bytes_max` bytes of text. What is left out or replaced is said beside it:
/// `<name>Sha256`, `<name>Bytes`, `<name>Base64`.
void named(JsonWriter& json, std::string_view name, std::string_view value,
           std::size_t bytes_max = kTextShownBytesMax);
void named_if(JsonWriter& json, std::string_view name, std::string_view value,
              std::size_t bytes_max = kTextShownBytesMax);
/// The same of a name that was cut already: its digest is known, its end is not.
void named_seen(JsonWriter& json, std::string_view name, const NameSeen& value);

/// Of a session, in one shape.
struct SessionParts {
  std::string authentication;  // authenticationInfo
  std::string principals;      // of authorizationInfo: assignedPrincipals
  std::string request;         // request, requestMetadata, clientAddress, as the session says them
};
[[nodiscard]] SessionParts session_parts(const SessionFacts& session, Shape shape,
                                         const EventOptions& options);
/// SessionParts::request where the request has attributes of its own.
[[nodiscard]] std::string request_part(const SessionFacts& session,
                                       const std::vector<NamedValue>* attributes, Shape shape,
                                       const EventOptions& options);
/// data.methodName: what the request says the API was, else `Authorize`.
[[nodiscard]] std::string method_part(const Service& service,
                                      const std::vector<NamedValue>* attributes,
                                      const EventOptions& options);

/// Of a name.
struct ResourceParts {
  std::string crn;       // the name in a CRN
  std::string resource;  // of authorizationInfo: resourceName, patternType
  std::string cloud;     // of cloudResources: resourceId
};
[[nodiscard]] ResourceParts resource_parts(const NameSeen& name);
/// A whole name of any length.
[[nodiscard]] ResourceParts resource_parts(std::string_view name);
/// Any resource of the kind.
[[nodiscard]] const ResourceParts& any_resource_parts();

/// Of what was asked, and of which bundle.
struct QuestionParts {
  Service service;
  std::string head;       // source, specversion, type, datacontenttype
  std::string crn;        // of a resource, up to its name; escaped for JSON already
  std::string names;      // data.serviceName
  std::string method;     // data.methodName where the request says nothing
  std::string operation;  // of authorizationInfo: operation
  std::string kind;       // of authorizationInfo: resourceType
  std::string cloud;      // of cloudResources: the scope and the resource's type; empty: none
  std::string policy;     // of policyInfo: bundle, package, version, generation, scope
};
[[nodiscard]] QuestionParts question_parts(const Question& asked, const PolicyFacts& policy,
                                           const EventOptions& options);

/// Of why it was decided so.
struct ReasonParts {
  std::array<std::string, kShapes> grounds;  // of authorizationInfo, by Shape; may be empty
  std::string policy;                        // of policyInfo: grant, reason, statement, …
};
[[nodiscard]] ReasonParts reason_parts(const Decision& decision, const Explained& why,
                                       const EventOptions& options);

/// The CRN of a service's cluster.
[[nodiscard]] std::string source_crn(const Service& service, std::string_view scope,
                                     const EventOptions& options);
/// `"type":…,"resourceId":…` of each element of `a=b/c=d`, as a list named `resources`.
void cloud_scope(JsonWriter& json, std::string_view levels, const EventOptions& options);
/// One principal as an object, in the General shape: an element or a member called `name`.
void principal_object(JsonWriter& json, std::string_view name, std::string_view type,
                      std::string_view principal, const EventOptions& options);

/// What varies from one decision to the next.
struct Varying {
  std::string_view id;       // the CloudEvents id, plain text of ours
  std::string_view time;     // RFC 3339
  bool granted = false;
  Purpose purpose = Purpose::Enforce;
  std::uint64_t count = 1;
  std::string_view last_time;  // of several; empty: not known
  std::uint32_t uncertainty_us = 0;
  std::string_view undefined;  // what the log did not explain: `session`; empty: nothing
};
/// The joined pieces; `list` replaces the resource and the operation by a list (`"operations":[…]`,
/// `"resources":[…]`), and is empty otherwise.
struct Pieces {
  const QuestionParts* question = nullptr;
  const SessionParts* session = nullptr;
  const ResourceParts* resource = nullptr;  // null: the list names them
  const ReasonParts* reason = nullptr;      // null: the list says why
  std::string_view method;
  std::string_view request;
  std::string_view list;
  bool operation = true;                    // false: the list says them
};
/// Appends the event, a newline too.
void join(const Varying& varying, const Pieces& pieces, std::string& out);

}  // namespace writ::audit
