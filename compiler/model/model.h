// A policy with every name resolved: vocabulary, scopes, principals and conditions stand in the
// builder's stores; statements wait to be numbered and multiplied out by compiler/lower.
#pragma once

#include "compiler/model/tests.h"
#include "compiler/source/span.h"
#include "runtime/ir/builder.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace writ::model {

/// Where a statement stands: what numbers grants (LANGUAGE.md section 3.4).
struct Place {
  std::string package;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// Operations of one kind on some of its names.
struct Target {
  struct Cover {
    ir::PatternId pattern;
    ir::PatternSetId within;  // none, or: of these suffix and contains patterns too
    ir::ScopeId scope;        // of a tag that speaks of less than the statement; else none
  };
  ir::KindId kind;
  std::uint32_t operations = 0;
  std::vector<Cover> covers;
  ir::PatternSetId except;
};

/// One statement: what is left to do is multiplication.
struct Statement {
  Place place;
  ir::Effect effect = ir::Effect::Deny;
  ir::Layer layer = ir::Layer::Grant;
  std::vector<Target> targets;
  std::vector<ir::SubjectId> subjects;
  std::vector<ir::NetworkId> networks;  // empty: everywhere
  ir::ScopeId scope;
  ir::ConditionId condition;
  ir::ValidityId validity;
  ir::OriginId origin;
  ir::OriginId role_origin;
};

/// An acl block that stands in a file of rows.
struct Load {
  Place place;
  std::filesystem::path path;
  std::string display;
  source::Span statement;
  bool as_kafka = false;
  std::optional<std::pair<std::int64_t, std::int64_t>> rows;
  std::optional<std::string> sha256;
  ir::ScopeId scope;
  ir::OriginId origin;
};

struct Unit {
  std::unique_ptr<ir::Builder> builder = std::make_unique<ir::Builder>();
  std::vector<Statement> statements;
  std::vector<Load> loads;
  std::vector<TestBlock> tests;
};

}  // namespace writ::model
