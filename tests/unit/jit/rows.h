// Every form of condition, for both tiers: what each operator is asked of, as named rows.
#pragma once

#include <vector>

#include "tests/unit/jit/expression.h"

namespace writ::jit {

[[nodiscard]] std::vector<Row> comparisons();
[[nodiscard]] std::vector<Row> arithmetic();
[[nodiscard]] std::vector<Row> texts();
[[nodiscard]] std::vector<Row> sets();
[[nodiscard]] std::vector<Row> logic();
[[nodiscard]] std::vector<Row> leaves();
[[nodiscard]] std::vector<Row> calendars();

/// All of the above.
[[nodiscard]] const std::vector<Row>& every_row();

}  // namespace writ::jit
