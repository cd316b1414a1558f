// A small world for tests of the engine: three scopes, two kinds, groups, attributes; grants are
// added by name and take their place as their number.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/ir/builder.h"

namespace writ::testing {

inline constexpr std::int64_t kNoonUs = 1'767'268'800'000'000;  // 2026-01-01T12:00:00Z

/// What a grant says beyond effect, operations, kind and pattern.
struct Terms {
  ir::SubjectId subject{};
  ir::ScopeId scope{};
  ir::NetworkId network{};
  ir::ConditionId condition{};
  ir::ValidityId validity{};
  ir::PatternSetId except{};
  ir::PatternSetId within{};
  std::optional<std::uint32_t> number{};
};

class World {
 public:
  World();

  ir::Builder builder;
  ir::ScopeId root, prod, payments, staging;
  ir::KindId topic, cluster;
  ir::SubjectId any, authenticated, alice, bob, sre, vendors, services, nobody;
  ir::AttributeId tls, purpose;

  /// A pattern: `orders.*` is a prefix, `*` is any, everything else a literal.
  ir::PatternId pattern(std::string_view text);
  ir::PatternSetId set(std::initializer_list<std::string_view> texts);
  ir::NetworkId network(std::string_view cidr);
  /// attribute == text constant
  ir::ConditionId equals(ir::AttributeId attribute, std::string_view text);
  /// attribute (a version) < major.minor
  ir::ConditionId below(ir::AttributeId attribute, std::uint64_t major, std::uint64_t minor);

  void add(ir::Layer layer, ir::Effect effect, std::string_view operations, std::string_view name,
           Terms terms);
  void allow(std::string_view operations, std::string_view name, Terms terms) {
    add(ir::Layer::Grant, ir::Effect::Allow, operations, name, terms);
  }
  void deny(std::string_view operations, std::string_view name, Terms terms) {
    add(ir::Layer::Grant, ir::Effect::Deny, operations, name, terms);
  }
  void guard(std::string_view operations, std::string_view name, Terms terms) {
    add(ir::Layer::Guard, ir::Effect::Deny, operations, name, terms);
  }
  void superuser(Terms terms);
  void infrastructure(Terms terms);

  /// Activates what was added, at a version one higher each time.
  void activate(Engine& engine);
  [[nodiscard]] const ir::Program& program() const { return program_; }

 private:
  ir::Program program_;
  std::uint32_t next_number_ = 1;
};

/// An engine without a JIT, on which activate() works.
[[nodiscard]] std::unique_ptr<Engine> plain_engine(audit::Recorder* recorder = nullptr);

[[nodiscard]] SessionFacts session_of(std::string_view user, std::string_view scope = "payments");
[[nodiscard]] RequestFacts request_of(std::string_view operation, std::string_view name,
                                      std::string_view kind = "Topic");

}  // namespace writ::testing
