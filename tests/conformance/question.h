// What conformance cases ask: a session and a request.
#pragma once

#include "runtime/value/request.h"

namespace writ::conformance {

struct Question {
  SessionFacts session;
  RequestFacts request;
  bool any_resource = false;  // is there a resource of this kind?
};

}  // namespace writ::conformance
