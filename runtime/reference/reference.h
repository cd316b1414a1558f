// The specification as code: LANGUAGE.md section 3, read aloud. Walks every grant, keeps nothing,
// optimises nothing. Every other evaluator must agree with it on every request.
#pragma once

#include "runtime/ir/program.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::reference {

/// Decides one request. Cost: linear in grants. Errors are denials with a reason.
[[nodiscard]] Decision decide(const ir::Program& program, const SessionFacts& session,
                              const RequestFacts& request);

/// Is there a name of this kind for which the decision would be ALLOW? (`request.name` unused.)
/// Asks decide() for each witness: each literal, prefix, a fresh extension of each, one unlisted.
[[nodiscard]] Decision any_resource(const ir::Program& program, const SessionFacts& session,
                                    const RequestFacts& request);

/// The name of the key that must protect this resource, or empty.
[[nodiscard]] std::string_view key_for(const ir::Program& program, std::string_view kind,
                                       std::string_view name, std::string_view scope);

}  // namespace writ::reference
