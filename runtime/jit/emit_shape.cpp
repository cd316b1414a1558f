#include "runtime/interp/frame.h"
#include "runtime/jit/emit.h"

namespace writ::jit {

using ir::InstKind;

namespace {

std::uint32_t operand_count(InstKind kind) {
  enum : std::uint32_t {
    Leaf = 0, Const = 0, Attr = 0, Member = 0, NetClass = 0, PatSet = 0, Level = 0,
    One = 1, OneDfa = 1, OneZone = 1, Two = 2, Quantifier = 2, Three = 3
  };
  static constexpr std::uint32_t kCounts[] = {
#define WRIT_INST(name, text, operands, result) operands,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
  };
  return kCounts[static_cast<std::size_t>(kind)];
}

bool is_quantifier(InstKind kind) { return kind == InstKind::AnyOf || kind == InstKind::AllOf; }

}  // namespace

ShapeEmitter::ShapeEmitter(Tables& tables, const ir::Shape& shape, llvm::Function* function,
                           const Inputs& inputs)
    : tables_(tables),
      program_(tables.program()),
      shape_(shape),
      function_(function),
      inputs_(inputs),
      builder_(function->getContext()) {}

void ShapeEmitter::run() {
  auto* entry = llvm::BasicBlock::Create(function_->getContext(), "entry", function_);
  const Emitted last = run_from(entry);
  llvm::Value* truth = builder_.CreateZExt(last.a, i64());
  if (last.error == nullptr) {
    builder_.CreateRet(truth);
    return;
  }
  llvm::Value* failed = builder_.CreateICmpNE(last.error, builder_.getInt32(0));
  llvm::Value* error = builder_.CreateShl(builder_.CreateZExt(last.error, i64()), 32);
  builder_.CreateRet(builder_.CreateSelect(failed, error, truth));
}

Emitted ShapeEmitter::run_from(llvm::BasicBlock*& at) {
  builder_.SetInsertPoint(at);
  find_parents();
  open_.resize(shape_.insts.size());
  values_.resize(shape_.insts.size());
  for (std::uint32_t i = 0; i < shape_.insts.size(); ++i) {
    values_[i] = emit(i);
    if (parents_[i].inst != Parent{}.inst) operand_done(parents_[i].inst, parents_[i].operand);
  }
  at = builder_.GetInsertBlock();
  return values_.back();
}

void ShapeEmitter::find_parents() {
  parents_.assign(shape_.insts.size(), {});
  for (std::uint32_t at = 0; at < shape_.insts.size(); ++at) {
    const std::uint32_t operands[3] = {inst(at).a, inst(at).b, inst(at).c};
    for (std::uint32_t k = 0; k < operand_count(inst(at).kind); ++k) {
      parents_[operands[k]] = {at, k};
    }
  }
}

llvm::BasicBlock* ShapeEmitter::block(const char* name) {
  return llvm::BasicBlock::Create(function_->getContext(), name, function_);
}

/// Between an operand and what comes next: where the operand alone settles it, go there.
void ShapeEmitter::operand_done(std::uint32_t at, std::uint32_t operand) {
  switch (inst(at).kind) {
    // Both sides of a joined text are taken together; its reader looks at the error.
    case InstKind::Concat: return;
    case InstKind::And:
    case InstKind::Or:
      if (operand == 0) open_junction(at);
      return;
    case InstKind::If:
      if (operand == 0) return open_if(at);
      if (operand == 1) {
        Open& open = open_[at];
        open.incoming.push_back({builder_.GetInsertBlock(), values_[inst(at).b]});
        builder_.CreateBr(open.done);
        builder_.SetInsertPoint(open.otherwise);
      }
      return;
    case InstKind::AnyOf:
    case InstKind::AllOf:
      if (operand == 0) open_loop(at);
      return;
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: return;
    case InstKind::Not: case InstKind::Eq: case InstKind::Ne: case InstKind::Lt:
    case InstKind::Le: case InstKind::Gt: case InstKind::Ge: case InstKind::Add:
    case InstKind::Sub: case InstKind::Mul: case InstKind::StartsWith: case InstKind::EndsWith:
    case InstKind::Contains: case InstKind::Matches: case InstKind::InCidr:
    case InstKind::InSet: case InstKind::SetContains: case InstKind::LocalTime:
    case InstKind::Year: case InstKind::Month: case InstKind::Day: case InstKind::Weekday:
    case InstKind::Hour: case InstKind::Minute: break;
  }
  leave_on_error(at, values_[operand == 0 ? inst(at).a : inst(at).b]);
}

/// An error of an operand is the error of the whole; what follows sees only values.
void ShapeEmitter::leave_on_error(std::uint32_t at, const Emitted& operand) {
  if (operand.error == nullptr) return;
  Open& open = open_[at];
  if (open.done == nullptr) open.done = block("done");
  llvm::BasicBlock* known = block("known");
  open.incoming.push_back({builder_.GetInsertBlock(), {nullptr, nullptr, operand.error, {}}});
  builder_.CreateCondBr(builder_.CreateICmpNE(operand.error, builder_.getInt32(0)), open.done,
                        known);
  builder_.SetInsertPoint(known);
}

/// The value of an instruction where all ways that lead out of it meet.
Emitted ShapeEmitter::join(std::uint32_t at, Emitted last) {
  Open& open = open_[at];
  if (open.done == nullptr) return last;
  open.incoming.push_back({builder_.GetInsertBlock(), last});
  builder_.CreateBr(open.done);
  builder_.SetInsertPoint(open.done);
  const auto phi = [&](llvm::Type* type, llvm::Value* Emitted::*member) {
    auto* node = builder_.CreatePHI(type, static_cast<unsigned>(open.incoming.size()));
    for (const Incoming& way : open.incoming) {
      llvm::Value* value = way.value.*member;
      node->addIncoming(value != nullptr ? value : llvm::Constant::getNullValue(type), way.from);
    }
    return node;
  };
  bool two = false;
  for (const Incoming& way : open.incoming) two = two || way.value.b != nullptr;
  Emitted joined;
  joined.a = phi(last.a->getType(), &Emitted::a);
  if (two) joined.b = phi(i64(), &Emitted::b);
  joined.error = phi(builder_.getInt32Ty(), &Emitted::error);
  return joined;
}

/// `false and …` is false, `true or …` is true, whatever follows.
void ShapeEmitter::open_junction(std::uint32_t at) {
  const Emitted& a = values_[inst(at).a];
  const bool is_or = inst(at).kind == InstKind::Or;
  llvm::Value* settles = is_or ? a.a : builder_.CreateNot(a.a);
  if (a.error != nullptr) {
    settles = builder_.CreateAnd(settles,
                                 builder_.CreateICmpEQ(a.error, builder_.getInt32(0)));
  }
  Open& open = open_[at];
  open.done = block("settled");
  llvm::BasicBlock* right = block("right");
  open.incoming.push_back(
      {builder_.GetInsertBlock(), {builder_.getInt1(is_or), nullptr, nullptr, {}}});
  builder_.CreateCondBr(settles, open.done, right);
  builder_.SetInsertPoint(right);
}

/// The left side did not settle it: it is neutral or an error.
Emitted ShapeEmitter::close_junction(std::uint32_t at) {
  const Emitted& a = values_[inst(at).a];
  const Emitted& b = values_[inst(at).b];
  if (a.error == nullptr && b.error == nullptr) return join(at, {b.a, nullptr, nullptr, {}});
  const bool is_or = inst(at).kind == InstKind::Or;
  llvm::Value* none = builder_.getInt32(0);
  llvm::Value* settles = is_or ? b.a : builder_.CreateNot(b.a);
  if (b.error != nullptr) {
    settles = builder_.CreateAnd(settles, builder_.CreateICmpEQ(b.error, none));
  }
  llvm::Value* error = a.error != nullptr ? a.error : none;
  if (b.error != nullptr) {
    error = builder_.CreateSelect(builder_.CreateICmpNE(error, none), error, b.error);
  }
  error = builder_.CreateSelect(settles, none, error);
  llvm::Value* truth = is_or ? settles : builder_.CreateNot(settles);
  return join(at, {truth, nullptr, error, {}});
}

void ShapeEmitter::open_if(std::uint32_t at) {
  const Emitted& test = values_[inst(at).a];
  Open& open = open_[at];
  open.done = block("endif");
  leave_on_error(at, test);
  llvm::BasicBlock* then = block("then");
  open.otherwise = block("else");
  builder_.CreateCondBr(test.a, then, open.otherwise);
  builder_.SetInsertPoint(then);
}

void ShapeEmitter::open_loop(std::uint32_t at) {
  const Emitted& set = values_[inst(at).a];
  Open& open = open_[at];
  open.done = block("decided");
  leave_on_error(at, set);
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  open.head = block("each");
  open.otherwise = block("end");
  llvm::BasicBlock* body = block("body");
  builder_.CreateBr(open.head);
  builder_.SetInsertPoint(open.head);
  open.index = builder_.CreatePHI(i64(), 2);
  open.index->addIncoming(builder_.getInt64(0), before);
  open.first_error = builder_.CreatePHI(builder_.getInt32Ty(), 2);
  open.first_error->addIncoming(builder_.getInt32(0), before);
  builder_.CreateCondBr(builder_.CreateICmpULT(open.index, second(set)), body, open.otherwise);
  builder_.SetInsertPoint(body);
  llvm::Value* offset = builder_.CreateShl(open.index, 4);
  static_assert(sizeof(Slot) == 16);
  elements_.push_back(slot(element(pointer(set.a), builder_.getInt8Ty(), offset),
                           inst(inst(at).a).type.element()));
}

/// The first element that settles it ends the walk; else the first error speaks.
Emitted ShapeEmitter::close_loop(std::uint32_t at) {
  const Emitted& body = values_[inst(at).b];
  Open& open = open_[at];
  const bool any = inst(at).kind == InstKind::AnyOf;
  llvm::Value* none = builder_.getInt32(0);
  llvm::Value* settles = any ? body.a : builder_.CreateNot(body.a);
  llvm::Value* error = open.first_error;
  if (body.error != nullptr) {
    settles = builder_.CreateAnd(settles, builder_.CreateICmpEQ(body.error, none));
    error = builder_.CreateSelect(builder_.CreateICmpNE(error, none), error, body.error);
  }
  llvm::BasicBlock* next = block("next");
  open.incoming.push_back(
      {builder_.GetInsertBlock(), {builder_.getInt1(any), nullptr, nullptr, {}}});
  builder_.CreateCondBr(settles, open.done, next);
  builder_.SetInsertPoint(next);
  open.index->addIncoming(builder_.CreateAdd(open.index, builder_.getInt64(1)), next);
  open.first_error->addIncoming(error, next);
  builder_.CreateBr(open.head);
  builder_.SetInsertPoint(open.otherwise);
  elements_.pop_back();
  return join(at, {builder_.getInt1(!any), nullptr, open.first_error, {}});
}

Emitted ShapeEmitter::emit(std::uint32_t at) {
  const ir::Inst& of = inst(at);
  if (operand_count(of.kind) == 0) return leaf(of);
  if (of.kind == InstKind::And || of.kind == InstKind::Or) return close_junction(at);
  if (of.kind == InstKind::If) return join(at, values_[of.c]);
  if (is_quantifier(of.kind)) return close_loop(at);
  if (of.kind == InstKind::Concat) return join_texts(values_[of.a], values_[of.b]);
  return join(at, strict(of));
}

}  // namespace writ::jit
