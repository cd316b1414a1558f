// Words of the text form for the kinds of things in a program, in the order of their enums.
#pragma once

#include <array>
#include <string_view>

#include "runtime/ir/stores.h"

namespace writ::ir {

template <class Enum>
inline constexpr std::array<std::string_view, 0> kWords{};
template <>
inline constexpr std::array<std::string_view, 2> kWords<Effect>{"deny", "allow"};
template <>
inline constexpr std::array<std::string_view, 4> kWords<Layer>{"guard", "grant", "superuser",
                                                               "infrastructure"};
template <>
inline constexpr std::array<std::string_view, 4> kWords<NetworkForm>{"cidr", "exact", "text",
                                                                     "never"};
template <>
inline constexpr std::array<std::string_view, 6> kWords<SubjectForm>{
    "nobody", "principal", "group", "type", "any", "authenticated"};
template <>
inline constexpr std::array<std::string_view, 5> kWords<PatternForm>{"literal", "prefix", "any",
                                                                     "suffix", "contains"};
template <>
inline constexpr std::array<std::string_view, 4> kWords<AttributeSource>{"observed", "vouched",
                                                                         "asserted", "declared"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<AttributeMoment>{"session", "request",
                                                                         "resource"};
template <>
inline constexpr std::array<std::string_view, 4> kWords<AuditForm>{"level", "file", "topic",
                                                                   "coalesce"};
template <>
inline constexpr std::array<std::string_view, kInstKinds> kWords<InstKind>{
#define WRIT_INST(name, text, operands, result) text,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
};
template <>
inline constexpr std::array<std::string_view, kTypeKinds> kWords<TypeKind>{
    "None", "Bool", "Int", "String", "Ip", "Cidr", "Time", "Duration", "Version", "Enum"};

}  // namespace writ::ir
