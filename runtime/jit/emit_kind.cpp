// The unsettled grants of a kind, unrolled: a loop over the set bits of `rows` jumps to the code of
// one grant after the other, in order, until one decides.
#include <llvm/IR/Intrinsics.h>

#include "runtime/interp/frame.h"
#include "runtime/jit/emit.h"

namespace writ::jit {
namespace {

class KindEmitter {
 public:
  KindEmitter(Tables& tables, llvm::Function* function)
      : tables_(tables), program_(tables.program()), function_(function),
        builder_(function->getContext()) {}

  void run(const std::vector<interp::Unsettled>& grants) {
    llvm::BasicBlock* entry = block("entry");
    head_ = block("head");
    llvm::BasicBlock* dispatch = block("dispatch");
    llvm::BasicBlock* end = block("end");
    builder_.SetInsertPoint(entry);
    builder_.CreateBr(head_);
    builder_.SetInsertPoint(head_);
    const auto ways = static_cast<unsigned>(2 * grants.size() + 1);
    rows_ = builder_.CreatePHI(builder_.getInt64Ty(), ways, "rows");
    failed_ = builder_.CreatePHI(builder_.getInt64Ty(), ways, "failed");
    rows_->addIncoming(function_->getArg(3), entry);
    failed_->addIncoming(builder_.getInt64(kNobody), entry);
    llvm::Value* none = builder_.getInt64(0);
    builder_.CreateCondBr(builder_.CreateICmpEQ(rows_, none), end, dispatch);
    builder_.SetInsertPoint(end);
    builder_.CreateRet(failed_);
    builder_.SetInsertPoint(dispatch);
    llvm::Value* at = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, rows_,
                                                     builder_.getTrue());
    left_ = builder_.CreateAnd(rows_, builder_.CreateSub(rows_, builder_.getInt64(1)));
    // A position that no grant has ends the walk, as if nobody had decided.
    auto* which = builder_.CreateSwitch(at, end, static_cast<unsigned>(grants.size()));
    for (std::size_t position = 0; position < grants.size(); ++position) {
      llvm::BasicBlock* one = block("grant");
      which->addCase(builder_.getInt64(position), one);
      builder_.SetInsertPoint(one);
      emit_grant(grants[position], position);
    }
  }

 private:
  llvm::BasicBlock* block(const char* name) {
    return llvm::BasicBlock::Create(function_->getContext(), name, function_);
  }

  llvm::Value* moment_field(std::size_t offset, llvm::Type* type) {
    return builder_.CreateLoad(
        type, builder_.CreateInBoundsGEP(builder_.getInt8Ty(), function_->getArg(1),
                                         builder_.getInt64(offset)));
  }

  /// On to the next grant.
  void next(llvm::Value* failed) {
    rows_->addIncoming(left_, builder_.GetInsertBlock());
    failed_->addIncoming(failed, builder_.GetInsertBlock());
    builder_.CreateBr(head_);
  }

  /// Where the truth is false, the next grant is asked.
  void go_on_if(llvm::Value* truth) {
    llvm::BasicBlock* on = block("on");
    rows_->addIncoming(left_, builder_.GetInsertBlock());
    failed_->addIncoming(failed_, builder_.GetInsertBlock());
    builder_.CreateCondBr(truth, on, head_);
    builder_.SetInsertPoint(on);
  }

  /// Validity and condition, joined by the three-valued `and`: a false of either settles it.
  void emit_grant(const interp::Unsettled& of, std::size_t position) {
    const ir::Grant& grant = program_.grants[of.grant];
    llvm::Value* none = builder_.getInt32(0);
    llvm::Value* error = nullptr;
    if (grant.validity.valid()) error = emit_validity(program_.validities[grant.validity.index]);
    if (grant.condition.valid()) {
      const ir::Condition& condition = program_.conditions[grant.condition.index];
      const Inputs inputs{function_->getArg(0), function_->getArg(2), function_->getArg(1),
                          &condition};
      llvm::BasicBlock* at = builder_.GetInsertBlock();
      const Emitted met = ShapeEmitter(tables_, program_.shapes[condition.shape.index], function_,
                                       inputs).run_from(at);
      builder_.SetInsertPoint(at);
      llvm::Value* may = met.a;
      if (met.error != nullptr) {
        may = builder_.CreateOr(met.a, builder_.CreateICmpNE(met.error, none));
      }
      go_on_if(may);
      if (error == nullptr) {
        error = met.error;
      } else if (met.error != nullptr) {
        error = builder_.CreateSelect(builder_.CreateICmpNE(error, none), error, met.error);
      }
    }
    decide(of, position, error != nullptr ? error : none);
  }

  /// Goes on where the time is known and outside.
  llvm::Value* emit_validity(const ir::Validity& validity) {
    llvm::Value* known = builder_.CreateICmpNE(
        moment_field(offsetof(Moment, now_known), builder_.getInt8Ty()), builder_.getInt8(0));
    llvm::Value* now = moment_field(offsetof(Moment, now_us), builder_.getInt64Ty());
    const auto number = [&](std::int64_t n) {
      return builder_.getInt64(static_cast<std::uint64_t>(n));
    };
    llvm::Value* within =
        builder_.CreateAnd(builder_.CreateICmpSGE(now, number(validity.not_before_us)),
                           builder_.CreateICmpSLT(now, number(validity.expires_us)));
    go_on_if(builder_.CreateOr(builder_.CreateNot(known), within));
    return builder_.CreateSelect(known, builder_.getInt32(0),
                                 builder_.getInt32(make_error(EvalError::UnknownTime)));
  }

  /// The grant applies, or its error is all that is known. An error makes a denial apply, and
  /// keeps an allow from it; of those the first is remembered.
  void decide(const interp::Unsettled& of, std::size_t position, llvm::Value* error) {
    llvm::Value* upper =
        builder_.CreateShl(builder_.CreateZExt(error, builder_.getInt64Ty()), 32);
    if (of.stage != interp::Stage::Allow) {
      builder_.CreateRet(builder_.CreateOr(upper, builder_.getInt64(position)));
      return;
    }
    llvm::BasicBlock* allowed = block("allowed");
    llvm::BasicBlock* wrong = block("wrong");
    builder_.CreateCondBr(builder_.CreateICmpEQ(error, builder_.getInt32(0)), allowed, wrong);
    builder_.SetInsertPoint(allowed);
    builder_.CreateRet(builder_.getInt64(position));
    builder_.SetInsertPoint(wrong);
    llvm::Value* own = builder_.CreateOr(upper, builder_.getInt64(position | kFailed));
    next(builder_.CreateSelect(builder_.CreateICmpEQ(failed_, builder_.getInt64(kNobody)), own,
                               failed_));
  }

  Tables& tables_;
  const ir::Program& program_;
  llvm::Function* function_;
  llvm::IRBuilder<> builder_;
  llvm::BasicBlock* head_ = nullptr;
  llvm::PHINode* rows_ = nullptr;
  llvm::PHINode* failed_ = nullptr;
  llvm::Value* left_ = nullptr;
};

}  // namespace

void emit_kind(Tables& tables, const std::vector<interp::Unsettled>& grants,
               llvm::Function* function) {
  KindEmitter(tables, function).run(grants);
}

}  // namespace writ::jit
