// One request, as the specification sees it: the program, who asks, what is asked. Answers each
// question that LANGUAGE.md section 3 asks about it from the words of the request, anew each time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/ir/program.h"
#include "runtime/value/request.h"

namespace writ::reference {

/// True, false or error; a truth with an error is an error.
struct Truth3 {
  bool truth = false;
  std::uint32_t error = 0;
  [[nodiscard]] bool is_true() const { return error == 0 && truth; }
  [[nodiscard]] bool is_false() const { return error == 0 && !truth; }
};
inline constexpr Truth3 kTrue{true, 0};
inline constexpr Truth3 kFalse{false, 0};
[[nodiscard]] Truth3 operator&&(Truth3 a, Truth3 b);  // order-free; the leftmost error
[[nodiscard]] Truth3 operator||(Truth3 a, Truth3 b);
[[nodiscard]] Truth3 operator!(Truth3 a);

/// What is known of an attribute: a value, or why there is none.
struct Known {
  std::optional<Value> value;
  EvalError why_not = EvalError::MissingAttribute;
};

class World {
 public:
  World(const ir::Program& program, const SessionFacts& session, const RequestFacts& request);

  const ir::Program& program;
  const SessionFacts& session;
  const RequestFacts& request;
  std::string principal_type;  // as the system says it: a subtype's name is its base type's
  std::string principal_name;
  ir::ScopeId scope;  // none: see scope_missing
  bool scope_missing = false;
  bool bad_principal = false;  // says a subtype whose test its name does not pass
  ir::KindId kind;    // none: unknown

  [[nodiscard]] bool holds_here(ir::ScopeId at) const;  // the request's scope or above it
  [[nodiscard]] Truth3 in_subject(ir::SubjectId subject) const;
  [[nodiscard]] Truth3 in_network(ir::NetworkId network) const;
  [[nodiscard]] Truth3 in_network_class(ir::NetworkClassId of) const;
  [[nodiscard]] Truth3 in_validity(ir::ValidityId validity) const;
  [[nodiscard]] bool covers(ir::PatternId pattern) const;
  [[nodiscard]] bool covers(ir::PatternSetId set) const;
  [[nodiscard]] Known attribute(ir::AttributeId id) const;
  [[nodiscard]] std::optional<Ip> host() const;

 private:
  void find_scope();
  void find_principal();
  [[nodiscard]] std::string path_of(ir::ScopeId at) const;
  [[nodiscard]] Truth3 in_base(const ir::Subject& subject) const;
  [[nodiscard]] Truth3 in_group(ir::GroupId group) const;
  [[nodiscard]] Truth3 in_type(ir::PrincipalTypeId type) const;
  [[nodiscard]] bool is_principal(const ir::Subject& subject) const;
  [[nodiscard]] Known fact(ir::AttributeId id) const;
};

/// Does the pattern cover the name?
[[nodiscard]] bool covers(const ir::Program& program, const ir::Pattern& pattern,
                          std::string_view name);

/// The value as the model's type, or none if it does not fit.
[[nodiscard]] std::optional<Value> fitted(const ir::Program& program, Type type,
                                          const Value& value);

}  // namespace writ::reference
