#include "runtime/jit/object_code.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/JumpThreading.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

namespace writ::jit {
namespace {

// WHY: value numbering and jump threading are worse than linear; a shape that large is rare, and
// what they would win is small beside its calls.
constexpr std::size_t kCostlyPassesInstructionsMax = 2'000;

void optimise(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder passes(&machine);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(graph);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, graph, modules);
  llvm::FunctionPassManager small;
  small.addPass(llvm::EarlyCSEPass());
  small.addPass(llvm::JumpThreadingPass());
  small.addPass(llvm::SimplifyCFGPass());
  small.addPass(llvm::InstCombinePass());
  small.addPass(llvm::GVNPass());
  small.addPass(llvm::SimplifyCFGPass());
  llvm::FunctionPassManager large;
  large.addPass(llvm::EarlyCSEPass());
  large.addPass(llvm::SimplifyCFGPass());
  large.addPass(llvm::InstCombinePass());
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    const bool is_small = function.getInstructionCount() <= kCostlyPassesInstructionsMax;
    (is_small ? small : large).run(function, functions);
  }
}

}  // namespace

Result<std::unique_ptr<llvm::TargetMachine>> target_machine(Effort effort) {
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder) {
    return fail(ErrorCode::Unsupported,
                "native code: unknown processor: " + llvm::toString(builder.takeError()));
  }
  builder->setCodeGenOptLevel(effort == Effort::Fast ? llvm::CodeGenOptLevel::None
                                                     : llvm::CodeGenOptLevel::Default);
  builder->setRelocationModel(llvm::Reloc::PIC_);
  builder->setCodeModel(llvm::CodeModel::Small);
  auto machine = builder->createTargetMachine();
  if (!machine) {
    return fail(ErrorCode::Unsupported,
                "native code: no such target: " + llvm::toString(machine.takeError()));
  }
  if (effort == Effort::Fast) (*machine)->setFastISel(true);
  return std::move(*machine);
}

Result<std::unique_ptr<llvm::MemoryBuffer>> object_code(llvm::Module& module,
                                                        llvm::TargetMachine& machine,
                                                        Effort effort) {
  std::string wrong;
  llvm::raw_string_ostream report(wrong);
  if (llvm::verifyModule(module, &report)) {
    return fail(ErrorCode::Internal, "native code does not verify: " + wrong);
  }
  if (effort == Effort::Optimised) optimise(module, machine);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager emission;
  llvm::MCContext* context = nullptr;
  if (machine.addPassesToEmitMC(emission, context, out)) {
    return fail(ErrorCode::Unsupported, "native code: the target emits no object files");
  }
  emission.run(module);
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes), false);
}

}  // namespace writ::jit
