// One policy before every evaluator: the specification, the interpreter, native code, batches and
// the C ABI. Takes questions, gives what each evaluator answers.
#pragma once

#include "runtime/api/include/writ/engine.hpp"
#include "runtime/base/error.h"
#include "runtime/ir/program.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"
#include "tests/conformance/question.h"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct writ_engine;

namespace writ::conformance {

inline constexpr std::array<std::string_view, 5> kEvaluators = {"reference", "interpreter",
                                                                "native", "batch", "c-abi"};
/// By evaluator, in that order.
using Answers = std::array<Decision, kEvaluators.size()>;

class Panel {
 public:
  Panel();
  ~Panel();
  Panel(const Panel&) = delete;
  Panel& operator=(const Panel&) = delete;

  /// Signs the program and loads it into every engine, in place of the one before.
  [[nodiscard]] Status load(ir::Program program);
  [[nodiscard]] std::vector<Answers> ask(std::span<const Question> questions) const;
  /// Who decided, as the native engine explains it.
  [[nodiscard]] Because explain(const Question& question, const Decision& decision) const;

 private:
  struct CFree {
    void operator()(writ_engine* engine) const;
  };
  void ask_batch(std::span<const Question> questions, std::vector<Answers>& answers) const;

  ir::Program program_;
  std::unique_ptr<Engine> interpreter_;
  std::unique_ptr<Engine> native_;
  std::unique_ptr<writ_engine, CFree> c_;
  std::string private_key_;
  std::string public_key_;
  std::uint64_t version_ = 0;
};

}  // namespace writ::conformance
