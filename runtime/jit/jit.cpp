#include "runtime/jit/jit.h"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Support/TargetSelect.h>

#include <algorithm>
#include <atomic>
#include <exception>

#include "runtime/jit/callees.h"
#include "runtime/jit/emit.h"
#include "runtime/jit/entry.h"
#include "runtime/jit/object_code.h"

namespace writ::jit {
namespace {

namespace orc = llvm::orc;

// Code generation is worse than linear in a module's size; this many share its fixed cost.
constexpr std::size_t kShapesPerModule = 32;

std::unexpected<Error> failed(std::string_view what, llvm::Error error) {
  return fail(ErrorCode::Internal,
              fmt::format("native code: {}: {}", what, llvm::toString(std::move(error))));
}

/// One for the process; each program has a dylib of its own in it. Never destroyed: snapshots
/// that live until the process ends still run its code.
Result<orc::LLJIT*> lljit() {
  static const Result<orc::LLJIT*> made = []() -> Result<orc::LLJIT*> {
    if (llvm::InitializeNativeTarget() || llvm::InitializeNativeTargetAsmPrinter()) {
      return fail(ErrorCode::Unsupported, "native code: LLVM has no target for this machine");
    }
    auto jit = orc::LLJITBuilder()
                   .setLinkProcessSymbolsByDefault(false)
                   .setPlatformSetUp(orc::setUpInactivePlatform)
                   .create();
    if (!jit) {
      return fail(ErrorCode::Unsupported,
                  "native code: cannot start: " + llvm::toString(jit.takeError()));
    }
    return jit->release();
  }();
  return made;
}

std::string symbol_of(std::size_t shape) { return fmt::format("shape_{}", shape); }

class ProgramCode final : public NativeCode {
 public:
  ProgramCode(orc::LLJIT& jit, orc::JITDylib& dylib) : jit_(jit), dylib_(dylib) {}
  ProgramCode(const ProgramCode&) = delete;
  ProgramCode& operator=(const ProgramCode&) = delete;
  ~ProgramCode() override {
    // Nothing can be done where it fails but to keep the code, which is harmless.
    llvm::consumeError(jit_.getExecutionSession().removeJITDylib(dylib_));
  }
  [[nodiscard]] ShapeFn shape(ir::ShapeId shape) const override { return shapes_[shape.index]; }

  Status add(const ir::Program& program, llvm::TargetMachine& machine, const Options& options);
  Status add_callees();
  Status find_shapes(std::size_t count);

 private:
  orc::LLJIT& jit_;
  orc::JITDylib& dylib_;
  std::vector<ShapeFn> shapes_;
};

Status ProgramCode::add_callees() {
  orc::SymbolMap symbols;
  for (const Callee& callee : callees()) {
    symbols[jit_.mangleAndIntern(callee.name)] = {
        orc::ExecutorAddr::fromPtr(callee.address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  }
  if (auto error = dylib_.define(orc::absoluteSymbols(std::move(symbols)))) {
    return failed("callees", std::move(error));
  }
  return {};
}

llvm::Function* declare_shape(llvm::Module& module, std::size_t at) {
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* pointer = llvm::PointerType::getUnqual(context);
  auto* type = llvm::FunctionType::get(llvm::Type::getInt64Ty(context), {pointer, pointer}, false);
  auto* function =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, symbol_of(at), module);
  function->setDoesNotThrow();
  function->addParamAttr(0, llvm::Attribute::getWithDereferenceableBytes(context, sizeof(Frame)));
  function->addParamAttr(0, llvm::Attribute::NoAlias);
  function->addParamAttr(0, llvm::Attribute::ReadOnly);
  function->addParamAttr(1, llvm::Attribute::NoAlias);
  function->addParamAttr(1, llvm::Attribute::ReadOnly);
  return function;
}

Status ProgramCode::add(const ir::Program& program, llvm::TargetMachine& machine,
                        const Options& options) {
  const Effort effort = options.optimise ? Effort::Optimised : Effort::Fast;
  for (std::size_t begin = 0; begin < program.shapes.size(); begin += kShapesPerModule) {
    const std::size_t end = std::min(begin + kShapesPerModule, program.shapes.size());
    llvm::LLVMContext context;
    llvm::Module module(fmt::format("shapes_{}", begin), context);
    module.setDataLayout(machine.createDataLayout());
    module.setTargetTriple(machine.getTargetTriple().str());
    Tables tables(program, module);
    for (std::size_t at = begin; at < end; ++at) {
      ShapeEmitter(tables, program.shapes[at], declare_shape(module, at)).run();
    }
    WRIT_ASSIGN(object, object_code(module, machine, effort));
    if (options.dump_llvm != nullptr) {
      llvm::raw_string_ostream out(*options.dump_llvm);
      module.print(out, nullptr);
    }
    if (auto error = jit_.addObjectFile(dylib_, std::move(object))) {
      return failed("object", std::move(error));
    }
  }
  return {};
}

Status ProgramCode::find_shapes(std::size_t count) {
  orc::SymbolLookupSet wanted;
  std::vector<orc::SymbolStringPtr> names;
  for (std::size_t at = 0; at < count; ++at) {
    names.push_back(jit_.mangleAndIntern(symbol_of(at)));
    wanted.add(names.back());
  }
  auto found = jit_.getExecutionSession().lookup(orc::makeJITDylibSearchOrder(&dylib_),
                                                 std::move(wanted));
  if (!found) return failed("link", found.takeError());
  for (const orc::SymbolStringPtr& name : names) {
    shapes_.push_back((*found)[name].getAddress().toPtr<ShapeFn>());
  }
  return {};
}

Compiled compile_program(const ir::Program& program, const Options& options) {
  static std::atomic<std::uint64_t> programs{0};
  WRIT_ASSIGN(jit, lljit());
  WRIT_ASSIGN(machine, target_machine(options.optimise ? Effort::Optimised : Effort::Fast));
  auto dylib = jit->createJITDylib(fmt::format("program_{}", ++programs));
  if (!dylib) return failed("dylib", dylib.takeError());
  auto code = std::make_shared<ProgramCode>(*jit, *dylib);
  WRIT_TRY(code->add_callees());
  WRIT_TRY(code->add(program, *machine, options));
  WRIT_TRY(code->find_shapes(program.shapes.size()));
  return code;
}

void compile_guarded(const ir::Program& program, const Options& options, Compiled& compiled) {
  try {
    compiled = compile_program(program, options);
  } catch (const std::exception& error) {
    compiled = fail(ErrorCode::Internal, std::string("native code: ") + error.what());
  }
}

}  // namespace
}  // namespace writ::jit

extern "C" {
__attribute__((visibility("default"))) extern const writ::jit::Entry writ_jit_entry;
const writ::jit::Entry writ_jit_entry{writ::jit::kEntryVersion, &writ::jit::compile_guarded};
}
