// A small vocabulary, and expressions checked against it: text in, instructions in prefix form or
// the first diagnostic out.
#pragma once

#include "compiler/check/expr.h"

#include <string>
#include <string_view>

namespace writ::check {

struct Checked {
  std::string tree;  // (ge tls.version 1.2); empty when there was a mistake
  std::string code;  // E0301; empty when there was none
  std::string message;
  std::string help;
  std::string label;
  std::size_t errors = 0;
  TypedExpr typed;
};

enum class Place { Statement, NetworkClass, PrincipalTest, NoVariable, Role };

/// Checks `text` where `place` says; a Bool is expected.
Checked checked(std::string_view text, Place place = Place::Statement);
/// Checks `name == text` of the enumeration or type of attribute `name` as a constant.
std::string constant(std::string_view text, Type expected);
/// The index of enumeration `Auth` in the vocabulary, as a type.
Type auth_type();

}  // namespace writ::check
