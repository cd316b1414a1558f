#include "runtime/jit/jit.h"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Support/TargetSelect.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>

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
std::string kind_symbol_of(std::size_t kind) { return fmt::format("kind_{}", kind); }

// Optimising is worse than linear in a function's size. A kind whose conditions have more
// instructions calls its shapes one by one.
constexpr std::size_t kKindInstructionsMax = 1'000;

bool is_small(const ir::Program& program, const std::vector<interp::Unsettled>& grants) {
  std::size_t count = 0;
  for (const interp::Unsettled& of : grants) {
    const ir::ConditionId id = program.grants[of.grant].condition;
    if (!id.valid()) continue;
    count += program.shapes[program.conditions[id.index].shape.index].insts.size();
  }
  return count <= kKindInstructionsMax;
}

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
  [[nodiscard]] KindFn kind(ir::KindId kind) const override { return kinds_[kind.index]; }

  Status add(const ir::Program& program, llvm::TargetMachine& machine, const Options& options);
  Status add_kinds(const ir::Program& program, llvm::TargetMachine& machine,
                   const Options& options);
  Status add_callees();
  Status find(const ir::Program& program);

 private:
  using Fill = std::function<void(Tables& tables, llvm::Module& module)>;
  Status add_module(const ir::Program& program, llvm::TargetMachine& machine,
                    const Options& options, const std::string& name, const Fill& fill);

  orc::LLJIT& jit_;
  orc::JITDylib& dylib_;
  std::vector<ShapeFn> shapes_;
  std::vector<KindFn> kinds_;
  std::vector<std::size_t> with_function_;  // kinds
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
  for (const unsigned at_param : {0U, 1U}) {
    function->addParamAttr(at_param, llvm::Attribute::NoAlias);
    function->addParamAttr(at_param, llvm::Attribute::ReadOnly);
  }
  return function;
}

llvm::Function* declare_kind(llvm::Module& module, std::size_t at) {
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* pointer = llvm::PointerType::getUnqual(context);
  llvm::Type* word = llvm::Type::getInt64Ty(context);
  auto* type = llvm::FunctionType::get(word, {pointer, pointer, pointer, word}, false);
  auto* function =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, kind_symbol_of(at), module);
  function->setDoesNotThrow();
  function->addParamAttr(0, llvm::Attribute::getWithDereferenceableBytes(context, sizeof(Frame)));
  function->addParamAttr(1, llvm::Attribute::getWithDereferenceableBytes(context, sizeof(Moment)));
  for (const unsigned at_param : {0U, 1U, 2U}) {
    function->addParamAttr(at_param, llvm::Attribute::NoAlias);
    function->addParamAttr(at_param, llvm::Attribute::ReadOnly);
  }
  return function;
}

Status ProgramCode::add_module(const ir::Program& program, llvm::TargetMachine& machine,
                               const Options& options, const std::string& name,
                               const Fill& fill) {
  if (options.stop != nullptr && options.stop->load(std::memory_order_relaxed)) {
    return fail(ErrorCode::Unsupported, "native code: no longer wanted");
  }
  llvm::LLVMContext context;
  llvm::Module module(name, context);
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple().str());
  Tables tables(program, module);
  fill(tables, module);
  WRIT_ASSIGN(object, object_code(module, machine,
                                  options.optimise ? Effort::Optimised : Effort::Fast));
  if (options.dump_llvm != nullptr) {
    llvm::raw_string_ostream out(*options.dump_llvm);
    module.print(out, nullptr);
  }
  if (auto error = jit_.addObjectFile(dylib_, std::move(object))) {
    return failed("object", std::move(error));
  }
  return {};
}

Status ProgramCode::add(const ir::Program& program, llvm::TargetMachine& machine,
                        const Options& options) {
  for (std::size_t begin = 0; begin < program.shapes.size(); begin += kShapesPerModule) {
    const std::size_t end = std::min(begin + kShapesPerModule, program.shapes.size());
    WRIT_TRY(add_module(program, machine, options, fmt::format("shapes_{}", begin),
                        [&](Tables& tables, llvm::Module& module) {
      for (std::size_t at = begin; at < end; ++at) {
        llvm::Function* function = declare_shape(module, at);
        ShapeEmitter(tables, program.shapes[at], function,
                     {function->getArg(0), function->getArg(1), nullptr, nullptr}).run();
      }
    }));
  }
  return {};
}

Status ProgramCode::add_kinds(const ir::Program& program, llvm::TargetMachine& machine,
                              const Options& options) {
  const auto unsettled = interp::unsettled_grants(program, interp::reads_of(program));
  for (std::size_t at = 0; at < unsettled.size(); ++at) {
    if (unsettled[at].empty() || !is_small(program, unsettled[at])) continue;
    with_function_.push_back(at);
    WRIT_TRY(add_module(program, machine, options, kind_symbol_of(at),
                        [&](Tables& tables, llvm::Module& module) {
      emit_kind(tables, unsettled[at], declare_kind(module, at));
    }));
  }
  return {};
}

Status ProgramCode::find(const ir::Program& program) {
  orc::SymbolLookupSet wanted;
  std::vector<orc::SymbolStringPtr> names;
  for (std::size_t at = 0; at < program.shapes.size(); ++at) {
    names.push_back(jit_.mangleAndIntern(symbol_of(at)));
  }
  for (const std::size_t at : with_function_) {
    names.push_back(jit_.mangleAndIntern(kind_symbol_of(at)));
  }
  for (const orc::SymbolStringPtr& name : names) wanted.add(name);
  auto found = jit_.getExecutionSession().lookup(orc::makeJITDylibSearchOrder(&dylib_),
                                                 std::move(wanted));
  if (!found) return failed("link", found.takeError());
  const auto address = [&](std::size_t at) { return (*found)[names[at]].getAddress(); };
  const std::size_t shapes = program.shapes.size();
  for (std::size_t at = 0; at < shapes; ++at) shapes_.push_back(address(at).toPtr<ShapeFn>());
  kinds_.assign(program.kinds.size(), nullptr);
  for (std::size_t at = 0; at < with_function_.size(); ++at) {
    kinds_[with_function_[at]] = address(shapes + at).toPtr<KindFn>();
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
  // Fast code is for the moments after a load: a decision function would take longer to make.
  if (options.optimise) WRIT_TRY(code->add_kinds(program, *machine, options));
  WRIT_TRY(code->find(program));
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
