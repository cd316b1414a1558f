// Attributes as bytes: what ring, log and replay carry of what a broker said, so that it can be
// decided again. Decoding trusts nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/bytes.h"
#include "runtime/value/request.h"

namespace writ::audit {

inline constexpr std::size_t kAttributesCountMax = 1'024;

/// Appends the attributes in the order given; nothing for none.
void encode_attributes(const std::vector<NamedValue>& attributes, std::string& out);
/// Stands for attributes that are too large to be kept: their size and SHA-256.
void append_cut_attributes(std::string_view encoded, std::string& out);
/// None for bytes that encode_attributes does not write, so for attributes that were cut.
[[nodiscard]] std::optional<std::vector<NamedValue>> decode_attributes(std::string_view bytes);

}  // namespace writ::audit
