// Shapes → LLVM IR: one function a shape, `i64 f(ptr frame, ptr constants)`; and for each kind the
// function that asks its unsettled grants, with their constants in the code. Private to
// runtime/jit, for the files that may include LLVM. An instruction becomes a handful of values in
// one forward loop over the post-order; blocks are opened between operands, so nothing recurses.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/interp/unsettled.h"
#include "runtime/ir/program.h"

namespace writ::jit {

/// What an instruction came to, as Slot and error: a Bool is one bit, an error never is read
/// before its value. `error` null: it cannot fail. `pieces`: of a joined text.
struct Emitted {
  llvm::Value* a = nullptr;
  llvm::Value* b = nullptr;  // null: 0
  llvm::Value* error = nullptr;
  std::vector<Emitted> pieces;
};

/// The module that shapes are put into: declarations of callees, tables as private constants.
class Tables {
 public:
  Tables(const ir::Program& program, llvm::Module& module) : program_(program), module_(module) {}
  [[nodiscard]] llvm::Function* callee(std::string_view name);
  struct DfaTables {
    llvm::Constant* byte_class;
    llvm::Constant* transitions;
    llvm::Constant* accepting;
  };
  [[nodiscard]] DfaTables dfa(std::uint32_t id);
  struct ZoneTables {
    llvm::Constant* at_seconds;
    llvm::Constant* offset_seconds;
  };
  [[nodiscard]] ZoneTables zone(std::uint32_t id);
  /// The bytes of a text, and of a network, as private constants.
  [[nodiscard]] llvm::Constant* text(std::string_view text);
  [[nodiscard]] llvm::Constant* network(const Cidr& cidr);
  [[nodiscard]] const ir::Program& program() const { return program_; }
  [[nodiscard]] llvm::Module& module() { return module_; }

 private:
  const ir::Program& program_;
  llvm::Module& module_;
  std::unordered_map<std::uint32_t, DfaTables> dfas_;
  std::unordered_map<std::uint32_t, ZoneTables> zones_;
};

/// One way into the block where an instruction's value is joined.
struct Incoming {
  llvm::BasicBlock* from;
  Emitted value;
};

/// Where a condition finds what it reads.
struct Inputs {
  llvm::Value* frame = nullptr;
  llvm::Value* constants = nullptr;  // of the condition; of the program where `inlined` is set
  llvm::Value* moment = nullptr;           // null: the frame says it too
  const ir::Condition* inlined = nullptr;  // its scalar constants become part of the code
};

class ShapeEmitter {
 public:
  ShapeEmitter(Tables& tables, const ir::Shape& shape, llvm::Function* function,
               const Inputs& inputs);
  /// Fills the function: one shape, its constants as an argument.
  void run();
  /// Emits from the end of a block on, and moves it to where the value is known.
  Emitted run_from(llvm::BasicBlock*& at);

 private:
  struct Parent {
    std::uint32_t inst = 0xFFFF'FFFF;
    std::uint32_t operand = 0;
  };
  /// An instruction whose operands are being emitted.
  struct Open {
    llvm::BasicBlock* done = nullptr;
    std::vector<Incoming> incoming;
    llvm::BasicBlock* otherwise = nullptr;  // If
    llvm::BasicBlock* head = nullptr;       // quantifiers
    llvm::PHINode* index = nullptr;
    llvm::PHINode* first_error = nullptr;
  };
  // emit_shape.cpp: control flow
  void find_parents();
  void operand_done(std::uint32_t inst, std::uint32_t operand);
  void leave_on_error(std::uint32_t inst, const Emitted& operand);
  void open_junction(std::uint32_t inst);
  void open_if(std::uint32_t inst);
  void open_loop(std::uint32_t inst);
  Emitted close_junction(std::uint32_t inst);
  Emitted close_loop(std::uint32_t inst);
  Emitted join(std::uint32_t inst, Emitted last);
  llvm::BasicBlock* block(const char* name);
  Emitted emit(std::uint32_t inst);
  // emit_leaves.cpp: what is loaded from frame and constants
  Emitted leaf(const ir::Inst& inst);
  Emitted constant(const ir::Inst& inst);
  Emitted attribute(std::uint32_t id);
  Emitted has(std::uint32_t id);
  Emitted known_truth(const ir::Inst& inst);
  Emitted covered(std::uint32_t pattern_set);
  Emitted settled(llvm::Value* truth, llvm::Value* error);
  Emitted slot(llvm::Value* address, Type type);
  llvm::Value* frame_field(std::size_t offset, llvm::Type* type);
  llvm::Value* element(llvm::Value* base, llvm::Type* type, llvm::Value* index);
  llvm::Value* error_value(EvalError code, std::uint32_t detail = 0);
  // emit_tests.cpp: what is computed of operands that are known
  Emitted strict(const ir::Inst& inst);
  Emitted strict_one(const ir::Inst& inst, const Emitted& a);
  Emitted strict_two(const ir::Inst& inst, const Emitted& a, const Emitted& b);
  Emitted local_time(std::uint32_t zone, llvm::Value* micros);
  Emitted arithmetic(llvm::Intrinsic::ID which, llvm::Value* a, llvm::Value* b);
  Emitted join_texts(const Emitted& a, const Emitted& b);
  llvm::Value* compare_joined(const Emitted& a, const Emitted& b, std::uint32_t form);
  llvm::Value* pieces_array(const Emitted& text, std::uint64_t& count);
  llvm::Value* equal(Type type, const Emitted& a, const Emitted& b);
  llvm::Value* ordered(ir::InstKind kind, Type type, const Emitted& a, const Emitted& b);
  llvm::Value* text_at_least(const Emitted& a, const Emitted& b, bool whole);
  llvm::Value* in_cidr(const Emitted& ip, const Emitted& cidr);
  llvm::Value* in_set(Type type, const Emitted& value, Type set, const Emitted& elements);
  llvm::Value* call(std::string_view name, llvm::ArrayRef<llvm::Value*> arguments);
  llvm::Value* call_truth(std::string_view name, llvm::ArrayRef<llvm::Value*> arguments);
  llvm::Value* pointer(llvm::Value* number);
  llvm::Value* second(const Emitted& of);

  [[nodiscard]] const ir::Inst& inst(std::uint32_t at) const { return shape_.insts[at]; }
  llvm::IntegerType* i64() { return builder_.getInt64Ty(); }

  Tables& tables_;
  const ir::Program& program_;
  const ir::Shape& shape_;
  llvm::Function* function_;
  Inputs inputs_;
  llvm::IRBuilder<> builder_;
  std::vector<Parent> parents_;
  std::vector<Open> open_;
  std::vector<Emitted> values_;
  std::vector<Emitted> elements_;  // of the quantifiers around, innermost last
};

/// The decision function of a kind (interp/frame.h, KindFn) into a function that is declared.
void emit_kind(Tables& tables, const std::vector<interp::Unsettled>& grants,
               llvm::Function* function);

}  // namespace writ::jit
