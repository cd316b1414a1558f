// A build without LLVM: the facade is there, and says so.
#include <gtest/gtest.h>

#include "runtime/ir/builder.h"
#include "runtime/jit/jit.h"

namespace writ::jit {
namespace {

TEST(WithoutLlvm, CompileSaysThatItIsUnsupported) {
  ir::Builder builder;
  static_cast<void>(
      builder.condition({{ir::InstKind::Const, kBool, 0, 0, 0}}, {Value::boolean(true)}));
  const auto made = compile(builder.take(), {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::Unsupported);
  EXPECT_FALSE(made.error().message.empty());
}

}  // namespace
}  // namespace writ::jit
