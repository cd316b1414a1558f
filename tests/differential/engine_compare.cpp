#include "tests/differential/engine_compare.h"

#include <fmt/format.h>

#include "compiler/index/index.h"
#include "runtime/engine/activate.h"
#include "runtime/reference/reference.h"

namespace writ::differential {
namespace {

std::string differs(const char* tier, const char* question, const Decision& got,
                    const Decision& wanted) {
  return fmt::format("{} {}: engine says {}, reference says {}", tier, question,
                     decision_text(got), decision_text(wanted));
}

/// The request as a question by handle, or none where handles cannot ask it.
std::optional<std::uint32_t> by_handle(const Engine& engine, const RequestFacts& request) {
  if (!request.scope.empty() || !request.time_us) return std::nullopt;
  return engine.operation(request.kind, request.operation);
}

std::string compare_one(const char* tier, const Engine& engine, const Session& session,
                        const RequestFacts& request, const Decision& wanted) {
  const Decision by_name = engine.authorize(session, request);
  if (by_name != wanted) return differs(tier, "by strings", by_name, wanted);
  const auto bit = by_handle(engine, request);
  if (!bit) return {};
  const std::unique_ptr<Resource> resource = engine.resource(request.kind, request.name);
  const Ask ask{resource.get(), *bit, &request.attributes, request.time_us};
  // The second answer is what the view remembers, if it may.
  for (const char* question : {"by handle", "by handle again"}) {
    const Decision decision = engine.authorize(session, ask);
    if (decision != wanted) return differs(tier, question, decision, wanted);
  }
  for (const char* question : {"permits", "permits again"}) {
    if (engine.permits(session, ask) != (wanted.verdict == Verdict::Allow)) {
      return fmt::format("{} {}: reference says {}", tier, question, decision_text(wanted));
    }
  }
  return {};
}

/// A mask equals the loop over all operations of its kind.
std::string compare_mask(const char* tier, const Engine& engine, const ir::Program& program,
                         const SessionFacts& facts, const Session& session,
                         const RequestFacts& request) {
  if (!by_handle(engine, request)) return {};
  const std::unique_ptr<Resource> resource = engine.resource(request.kind, request.name);
  const std::vector<std::string> operations = engine.operations(request.kind);
  std::uint32_t wanted = 0;
  for (std::size_t bit = 0; bit < operations.size(); ++bit) {
    RequestFacts one = request;
    one.operation = operations[bit];
    const bool allow = reference::decide(program, facts, one).verdict == Verdict::Allow;
    wanted |= std::uint32_t{allow} << bit;
  }
  const Ask ask{resource.get(), 0, &request.attributes, request.time_us};
  for (const char* question : {"mask", "mask again"}) {
    const std::uint32_t mask = engine.allowed(session, ask, 0xFFFF'FFFF);
    if (mask != wanted) {
      return fmt::format("{} {}: engine says {:#x}, reference says {:#x}", tier, question, mask,
                         wanted);
    }
  }
  return {};
}

std::string compare_batch(const char* tier, const Engine& engine, const ir::Program& program,
                          const SessionFacts& facts, const Session& session,
                          std::span<const RequestFacts> requests) {
  std::vector<std::unique_ptr<Resource>> resources;
  std::vector<Ask> asks;
  std::vector<Decision> wanted;
  for (const RequestFacts& request : requests) {
    const auto bit = by_handle(engine, request);
    if (!bit) continue;
    resources.push_back(engine.resource(request.kind, request.name));
    asks.push_back({resources.back().get(), *bit, &request.attributes, request.time_us});
    wanted.push_back(reference::decide(program, facts, request));
  }
  std::vector<Decision> got(asks.size());
  engine.authorize_batch(session, asks, got);
  for (std::size_t at = 0; at < asks.size(); ++at) {
    if (got[at] != wanted[at]) return differs(tier, "in a batch", got[at], wanted[at]);
  }
  return {};
}

/// Questions that read the engine's clock: the specification is told the same hour.
std::string compare_clocked(const char* tier, const Engine& engine, const ir::Program& program,
                            const SessionFacts& facts, const Session& session,
                            std::span<const RequestFacts> requests) {
  RequestFacts request = requests.front();
  request.attributes.clear();
  request.scope.clear();
  request.time_us = Engine::now_us();
  const Decision any = engine.any_resource(session, request.kind, request.operation);
  const Decision wanted = reference::any_resource(program, facts, request);
  if (any != wanted) return differs(tier, "by kind", any, wanted);
  std::vector<std::string_view> names;
  std::vector<std::uint32_t> kept;
  for (const RequestFacts& other : requests) {
    request.name = other.name;
    if (reference::decide(program, facts, request).verdict == Verdict::Allow) {
      kept.push_back(static_cast<std::uint32_t>(names.size()));
    }
    names.push_back(other.name);
  }
  if (engine.filter(session, request.kind, request.operation, names) != kept) {
    return fmt::format("{} filter of {} on {}", tier, request.operation, request.kind);
  }
  for (const RequestFacts& other : requests) {
    const std::string key = engine.key_for(other.kind, other.name, facts.scope);
    if (key != reference::key_for(program, other.kind, other.name, facts.scope)) {
      return fmt::format("{} key for {} `{}` is `{}`", tier, other.kind, other.name, key);
    }
  }
  return {};
}

}  // namespace

std::string decision_text(const Decision& decision) {
  std::string text = fmt::format("{} {}", decision.verdict == Verdict::Allow ? "allow" : "deny",
                                 name_of(decision.reason));
  if (decision.grant != kNoGrant) text += fmt::format(" grant={}", decision.grant);
  if (decision.error != 0) {
    text += fmt::format(" error={}:{}", name_of(error_code(decision.error)),
                        decision.error & 0xFF'FFFF);
  }
  if (decision.error_grant != kNoGrant) text += fmt::format("@{}", decision.error_grant);
  return text;
}

std::optional<Engines> Engines::create(const ir::Program& program, Tier highest,
                                       std::string& why_not,
                                       const index::Options& indexed) {
  Engines engines;
  for (const Tier tier : {Tier::Interpreter, Tier::Native}) {
    if (tier > highest) continue;
    EngineOptions options;
    options.tier = tier;
    Tiered tiered{tier == Tier::Native ? "native" : "interpreter", Engine::create(options)};
    if (tier == Tier::Native && tiered.engine->state().native == nullptr) continue;
    auto tables = index::build(program, indexed);
    BundleInfo info;
    info.version = 1;
    const Status status =
        tables ? engine::activate(*tiered.engine, program, std::move(*tables), info)
               : std::unexpected(tables.error());
    if (!status) {
      why_not = fmt::format("{}: {}", tiered.name, status.error().message);
      return std::nullopt;
    }
    engines.engines_.push_back(std::move(tiered));
  }
  return engines;
}

std::string Engines::compare(const ir::Program& program, const SessionFacts& session,
                             std::span<const RequestFacts> requests) const {
  std::vector<Decision> wanted;
  for (const RequestFacts& request : requests) {
    wanted.push_back(reference::decide(program, session, request));
  }
  for (const Tiered& tiered : engines_) {
    const std::unique_ptr<Session> opened = tiered.engine->open(session);
    for (std::size_t at = 0; at < requests.size(); ++at) {
      std::string wrong =
          compare_one(tiered.name, *tiered.engine, *opened, requests[at], wanted[at]);
      if (!wrong.empty()) return wrong;
    }
  }
  return {};
}

std::string Engines::compare_many(const ir::Program& program, const SessionFacts& session,
                                  std::span<const RequestFacts> requests) const {
  for (const Tiered& tiered : engines_) {
    const Engine& engine = *tiered.engine;
    const std::unique_ptr<Session> opened = engine.open(session);
    std::string wrong =
        compare_mask(tiered.name, engine, program, session, *opened, requests.front());
    if (wrong.empty()) {
      wrong = compare_batch(tiered.name, engine, program, session, *opened, requests);
    }
    if (wrong.empty()) {
      wrong = compare_clocked(tiered.name, engine, program, session, *opened, requests);
    }
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace writ::differential
