// The C ABI as a client of another language would use it: every text with its length.
#pragma once

#include "runtime/api/include/writ/writ.h"
#include "runtime/base/error.h"
#include "runtime/value/decision.h"
#include "tests/conformance/panel.h"

#include <cstddef>
#include <span>
#include <string>

namespace writ::conformance {

[[nodiscard]] Status c_load(writ_engine* engine, std::span<const std::byte> bundle,
                            const std::string& public_key_pem);
/// Opens a session, asks, frees it. A call that fails is a denial with reason Internal.
[[nodiscard]] Decision c_ask(const writ_engine* engine, const Question& question);

}  // namespace writ::conformance
