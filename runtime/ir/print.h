// Program → text, for goldens, `--dump=ir` and people; read_text.h reads it back.
#pragma once

#include <string>

#include "runtime/ir/program.h"

namespace writ::ir {
[[nodiscard]] std::string print(const Program& program);
/// One grant as policy text would say it: `allow Read on Topic "x."* to User:y from 10.0.0.0/8`.
[[nodiscard]] std::string grant_text(const Program& program, const Grant& grant);
/// The statement that the grant comes from: the origin's text, or for a data row grant_text.
[[nodiscard]] std::string statement_text(const Program& program, const Grant& grant);
/// A subject as policy text: `User:alice`, `sre`, `any Human`, `any except infrastructure`.
[[nodiscard]] std::string subject_text(const Program& program, SubjectId subject);
/// The condition as an infix expression.
[[nodiscard]] std::string condition_text(const Program& program, ConditionId condition);
}  // namespace writ::ir
