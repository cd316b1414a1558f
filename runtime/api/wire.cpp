#include "runtime/api/wire.h"

#include "runtime/jit/jit.h"

namespace writ::api {
namespace {

Result<engine::Native> compile(const ir::Program& program) {
  engine::Native native;
  if (program.shapes.empty()) return native;
  auto made = jit::compile(program, {});
  // Without the object that holds LLVM, or where memory may not be executable: the interpreter,
  // which gives the same answers.
  if (!made && made.error().code == ErrorCode::Unsupported) {
    native.missing = made.error().message;
    return native;
  }
  WRIT_ASSIGN(code, std::move(made));
  for (std::size_t at = 0; at < program.shapes.size(); ++at) {
    native.shapes.push_back(code->shape(ir::ShapeId(at)));
  }
  for (std::size_t at = 0; at < program.kinds.size(); ++at) {
    native.kinds.push_back(code->kind(ir::KindId(at)));
  }
  native.owner = std::move(code);
  return native;
}

}  // namespace

engine::NativeFactory native_factory() { return compile; }

}  // namespace writ::api
