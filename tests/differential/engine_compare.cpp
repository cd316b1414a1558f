#include "tests/differential/engine_compare.h"

#include <fmt/format.h>

#include <map>

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

/// One engine with one session: handles and values are kept from request to request, so that what
/// a view remembered of one is what answers the next.
class Asking {
 public:
  Asking(const char* tier, const Engine& engine, const Session& session)
      : tier_(tier), engine_(engine), session_(session), values_(engine.request_values()) {}

  std::string compare(const RequestFacts& request, const Decision& wanted) {
    const Decision by_name = engine_.authorize(session_, request);
    if (by_name != wanted) return differs(tier_, "by strings", by_name, wanted);
    return compare_handle(request, wanted);
  }

  std::string compare_handle(const RequestFacts& request, const Decision& wanted) {
    const auto bit = by_handle(engine_, request);
    if (!bit) return {};
    std::unique_ptr<Resource>& resource = resources_[request.kind + '\n' + request.name];
    if (resource == nullptr) resource = engine_.resource(request.kind, request.name);
    const Ask ask{resource.get(), *bit, &request.attributes, request.time_us};
    // The second answer is what the view remembers, if it may.
    for (const char* question : {"by handle", "by handle again"}) {
      const Decision decision = engine_.authorize(session_, ask);
      if (decision != wanted) return differs(tier_, question, decision, wanted);
    }
    say(request.attributes);
    const Ask prepared{resource.get(), *bit, nullptr, request.time_us, values_.get()};
    const Decision decision = engine_.authorize(session_, prepared);
    if (decision != wanted) return differs(tier_, "with values", decision, wanted);
    for (const char* question : {"permits", "permits again"}) {
      if (engine_.permits(session_, ask) != (wanted.verdict == Verdict::Allow)) {
        return fmt::format("{} {}: reference says {}", tier_, question, decision_text(wanted));
      }
    }
    return {};
  }

 private:
  void say(const std::vector<NamedValue>& attributes) {
    values_->clear();
    for (const auto& [name, value] : attributes) {
      const std::uint32_t at = engine_.attribute(name).value();
      if (value) {
        values_->set(at, *value);
      } else {
        values_->set_absent(at);
      }
    }
  }

  const char* tier_;
  const Engine& engine_;
  const Session& session_;
  std::unique_ptr<RequestValues> values_;
  std::map<std::string, std::unique_ptr<Resource>> resources_;
};

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
    Status status =
        tables ? engine::activate(*tiered.engine, program, std::move(*tables), info)
               : std::unexpected(tables.error());
    if (status && tier == Tier::Native) status = tiered.engine->await_native();
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
  // The same question brought by another: its attributes, at its time.
  std::vector<RequestFacts> others;
  std::vector<Decision> wanted_others;
  for (std::size_t at = 0; at < requests.size(); ++at) {
    wanted.push_back(reference::decide(program, session, requests[at]));
    RequestFacts other = requests[at];
    other.attributes = requests[(at + 1) % requests.size()].attributes;
    other.time_us = requests[(at + 1) % requests.size()].time_us;
    wanted_others.push_back(reference::decide(program, session, other));
    others.push_back(std::move(other));
  }
  for (const Tiered& tiered : engines_) {
    const std::unique_ptr<Session> opened = tiered.engine->open(session);
    Asking asking(tiered.name, *tiered.engine, *opened);
    for (std::size_t at = 0; at < requests.size(); ++at) {
      std::string wrong = asking.compare(requests[at], wanted[at]);
      if (wrong.empty()) wrong = asking.compare_handle(others[at], wanted_others[at]);
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
