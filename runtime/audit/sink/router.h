// Which events a destination gets: what the policy's routes say of the decision's kind, operation,
// verdict and scope.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/audit/definitions.h"
#include "runtime/audit/policy.h"

namespace writ::audit::sink {

struct Destination {
  Route::To to = Route::To::File;
  std::string name = {};
  bool by_default = false;  // gets what no route speaks of, and what is no decision
  // The principal as which events are sent there, `Type:name`, where what it asks in order to send
  // is recorded too: an event of that would need another one, for ever. Empty: it is not.
  std::string sender = {};
};

/// Of one destination.
class Router {
 public:
  /// Without routes everything goes to the default.
  Router(std::vector<Route> routes, Destination destination)
      : routes_(std::move(routes)), destination_(std::move(destination)) {}

  /// The rows of one event: it goes where any of its decisions goes.
  [[nodiscard]] bool takes(const Definitions& definitions, std::span<const Entry> rows) const;

 private:
  [[nodiscard]] bool is_own(const Definitions& definitions, const Entry& row) const;
  [[nodiscard]] bool takes(const QuestionDef& question, Verdict verdict, std::string_view operation,
                           bool& routed) const;
  [[nodiscard]] bool takes(const Definitions& definitions, const Entry& row, bool& routed) const;

  std::vector<Route> routes_;
  Destination destination_;
};

}  // namespace writ::audit::sink
