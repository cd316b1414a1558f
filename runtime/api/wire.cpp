#include "runtime/api/wire.h"

#include "runtime/jit/jit.h"

namespace writ::api {
namespace {

Result<engine::Native> compile(const ir::Program& program, engine::Effort effort,
                               const std::atomic<bool>& stop) {
  engine::Native native;
  jit::Options options;
  options.optimise = effort == engine::Effort::Optimised;
  options.stop = &stop;
  WRIT_ASSIGN(code, jit::compile(program, options));
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
