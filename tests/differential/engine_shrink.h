// Makes a failing case small: takes a program, a session and requests on which engine and
// specification differ, gives fewer grants and one request on which they still do.
#pragma once

#include <string>
#include <vector>

#include "compiler/index/index.h"
#include "runtime/api/include/writ/engine.hpp"
#include "runtime/ir/program.h"
#include "runtime/value/request.h"

namespace writ::differential {

struct Failure {
  ir::Program program;
  SessionFacts session;
  std::vector<RequestFacts> requests;
  std::string wrong;
  Tier highest = Tier::Interpreter;  // of the engines that are asked
  index::Options indexed;
};

/// Drops requests, grants, attributes and groups while the case still fails.
[[nodiscard]] Failure shrink(Failure failure);
/// The case as text: what differs, session, requests, program.
[[nodiscard]] std::string failure_text(const Failure& failure);

}  // namespace writ::differential
