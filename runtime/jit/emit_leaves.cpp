#include <cstddef>

#include "runtime/interp/frame.h"
#include "runtime/jit/emit.h"

namespace writ::jit {

using ir::InstKind;

llvm::Value* ShapeEmitter::error_value(EvalError code, std::uint32_t detail) {
  return builder_.getInt32(make_error(code, detail));
}

llvm::Value* ShapeEmitter::element(llvm::Value* base, llvm::Type* type, llvm::Value* index) {
  return builder_.CreateInBoundsGEP(type, base, index);
}

llvm::Value* ShapeEmitter::frame_field(std::size_t offset, llvm::Type* type) {
  llvm::Value* base = inputs_.frame;
  if (inputs_.moment != nullptr) {
    const auto moved = [&](std::size_t from, std::size_t to) {
      if (offset != from) return false;
      base = inputs_.moment;
      offset = to;
      return true;
    };
    static_cast<void>(
        moved(offsetof(Frame, request_slots), offsetof(Moment, request_slots)) ||
        moved(offsetof(Frame, request_presence), offsetof(Moment, request_presence)) ||
        moved(offsetof(Frame, now_us), offsetof(Moment, now_us)) ||
        moved(offsetof(Frame, now_known), offsetof(Moment, now_known)));
  }
  llvm::Value* at = element(base, builder_.getInt8Ty(), builder_.getInt64(offset));
  return builder_.CreateLoad(type, at);
}

/// A scalar becomes part of the code, a set stays in the table of constants.
Emitted ShapeEmitter::constant(const ir::Inst& of) {
  std::uint64_t at = of.a;
  if (inputs_.inlined != nullptr) {
    at += inputs_.inlined->first_constant;
    const Value& value = program_.constants[at];
    const auto number = [&](std::uint64_t n) { return builder_.getInt64(n); };
    const auto address = [&](llvm::Constant* pointee) {
      return builder_.CreatePtrToInt(pointee, i64());
    };
    if (!value.type.set) {
      switch (value.type.kind) {
        case TypeKind::Bool:
          return {builder_.getInt1(value.integer != 0), nullptr, nullptr, {}};
        case TypeKind::String:
          return {address(tables_.text(value.text)), number(value.text.size()), nullptr, {}};
        case TypeKind::Ip:
          return {number(value.cidr.base.high), number(value.cidr.base.low), nullptr, {}};
        case TypeKind::Cidr: return {address(tables_.network(value.cidr)), nullptr, nullptr, {}};
        case TypeKind::None: case TypeKind::Int: case TypeKind::Time: case TypeKind::Duration:
        case TypeKind::Version: case TypeKind::Enum: break;
      }
      return {number(static_cast<std::uint64_t>(value.integer)), nullptr, nullptr, {}};
    }
  }
  return slot(element(inputs_.constants, builder_.getInt8Ty(),
                      builder_.getInt64(at * sizeof(Slot))), of.type);
}

Emitted ShapeEmitter::slot(llvm::Value* address, Type type) {
  llvm::Value* a = builder_.CreateLoad(i64(), address);
  if (type.is(TypeKind::Bool)) {
    return {builder_.CreateICmpNE(a, builder_.getInt64(0)), nullptr, nullptr, {}};
  }
  const bool two = type.set || type.kind == TypeKind::String || type.kind == TypeKind::Ip;
  if (!two) return {a, nullptr, nullptr, {}};
  llvm::Value* at_b =
      element(address, builder_.getInt8Ty(), builder_.getInt64(offsetof(Slot, b)));
  return {a, builder_.CreateLoad(i64(), at_b), nullptr, {}};
}

/// One of Truth: 2 is an error.
Emitted ShapeEmitter::settled(llvm::Value* truth, llvm::Value* error) {
  const auto is = [&](Truth which) {
    return builder_.CreateICmpEQ(truth, builder_.getInt8(static_cast<std::uint8_t>(which)));
  };
  return {is(Truth::True), nullptr,
          builder_.CreateSelect(is(Truth::Error), error, builder_.getInt32(0)), {}};
}

/// What was decided at session open.
Emitted ShapeEmitter::known_truth(const ir::Inst& of) {
  llvm::Type* byte = builder_.getInt8Ty();
  llvm::Type* word = builder_.getInt32Ty();
  llvm::Value* at = builder_.getInt64(of.a);
  const bool member = of.kind == InstKind::Member;
  llvm::Value* truths = frame_field(
      member ? offsetof(Frame, memberships) : offsetof(Frame, network_classes),
      builder_.getPtrTy());
  llvm::Value* truth = builder_.CreateLoad(byte, element(truths, byte, at));
  if (member) return settled(truth, error_value(EvalError::UnknownGroups));
  llvm::Value* errors = frame_field(offsetof(Frame, network_errors), builder_.getPtrTy());
  return settled(truth, builder_.CreateLoad(word, element(errors, word, at)));
}

Emitted ShapeEmitter::covered(std::uint32_t pattern_set) {
  llvm::Type* byte = builder_.getInt8Ty();
  llvm::Type* pointer_type = builder_.getPtrTy();
  auto* type =
      llvm::FunctionType::get(byte, {pointer_type, pointer_type, builder_.getInt32Ty()}, false);
  llvm::CallInst* answer =
      builder_.CreateCall(type, frame_field(offsetof(Frame, covered), pointer_type),
                          {frame_field(offsetof(Frame, tables), pointer_type),
                           frame_field(offsetof(Frame, resource), pointer_type),
                           builder_.getInt32(pattern_set)});
  answer->setDoesNotThrow();
  answer->setOnlyReadsMemory();
  return {builder_.CreateICmpNE(answer, builder_.getInt8(0)), nullptr, nullptr, {}};
}

Emitted ShapeEmitter::leaf(const ir::Inst& of) {
  llvm::Type* byte = builder_.getInt8Ty();
  const auto text = [&](std::size_t data, std::size_t bytes) -> Emitted {
    return {frame_field(data, i64()), frame_field(bytes, i64()), nullptr, {}};
  };
  const auto unless_known = [&](std::size_t known, EvalError code, llvm::Value* otherwise) {
    llvm::Value* is_known = builder_.CreateICmpNE(frame_field(known, byte), builder_.getInt8(0));
    return builder_.CreateSelect(is_known, otherwise, error_value(code));
  };
  llvm::Value* none = builder_.getInt32(0);
  switch (of.kind) {
    case InstKind::Const: return constant(of);
    case InstKind::PrincipalName:
      return text(offsetof(Frame, principal_name), offsetof(Frame, principal_name_bytes));
    case InstKind::PrincipalType:
      return text(offsetof(Frame, principal_type), offsetof(Frame, principal_type_bytes));
    case InstKind::ResourceName:
      return text(offsetof(Frame, resource_name), offsetof(Frame, resource_name_bytes));
    case InstKind::Host: {
      Emitted host = text(offsetof(Frame, host), offsetof(Frame, host) + offsetof(Slot, b));
      host.error = unless_known(offsetof(Frame, host_known), EvalError::UnknownHost, none);
      return host;
    }
    case InstKind::Now:
      return {frame_field(offsetof(Frame, now_us), i64()), nullptr,
              unless_known(offsetof(Frame, now_known), EvalError::UnknownTime, none), {}};
    case InstKind::SessionAge: {
      Emitted age = arithmetic(llvm::Intrinsic::ssub_with_overflow,
                               frame_field(offsetof(Frame, now_us), i64()),
                               frame_field(offsetof(Frame, opened_us), i64()));
      age.error = unless_known(offsetof(Frame, now_known), EvalError::UnknownTime, age.error);
      return age;
    }
    case InstKind::Member:
    case InstKind::InNetwork: return known_truth(of);
    case InstKind::Covered: return covered(of.a);
    case InstKind::Var: return elements_[elements_.size() - 1 - of.a];
    case InstKind::LoadAttr: return attribute(of.a);
    case InstKind::HasAttr: return has(of.a);
    case InstKind::Not: case InstKind::And: case InstKind::Or: case InstKind::If:
    case InstKind::Eq: case InstKind::Ne: case InstKind::Lt: case InstKind::Le:
    case InstKind::Gt: case InstKind::Ge: case InstKind::Add: case InstKind::Sub:
    case InstKind::Mul: case InstKind::Concat: case InstKind::StartsWith:
    case InstKind::EndsWith: case InstKind::Contains: case InstKind::Matches:
    case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
    case InstKind::AnyOf: case InstKind::AllOf: case InstKind::LocalTime: case InstKind::Year:
    case InstKind::Month: case InstKind::Day: case InstKind::Weekday: case InstKind::Hour:
    case InstKind::Minute: break;
  }
  return {builder_.getFalse(), nullptr, error_value(EvalError::BadValue), {}};
}

namespace {

struct Fields {
  std::size_t slots;
  std::size_t presence;
};
Fields fields_of(ir::AttributeMoment moment) {
  switch (moment) {
    case ir::AttributeMoment::Session:
      return {offsetof(Frame, session_slots), offsetof(Frame, session_presence)};
    case ir::AttributeMoment::Request:
      return {offsetof(Frame, request_slots), offsetof(Frame, request_presence)};
    case ir::AttributeMoment::Resource: break;
  }
  return {offsetof(Frame, fact_slots), offsetof(Frame, fact_presence)};
}

}  // namespace

/// Presence first, and the slot only where it is present: nobody promises what lies there else.
Emitted ShapeEmitter::attribute(std::uint32_t id) {
  const ir::Attribute& of = program_.attributes[id];
  const Fields fields = fields_of(of.moment);
  Type type = of.type;
  type.optional = false;
  llvm::Type* byte = builder_.getInt8Ty();
  std::vector<Incoming> ways;
  const auto zero = [&](llvm::Value* error) -> Emitted {
    llvm::Value* a = type.is(TypeKind::Bool) ? builder_.getFalse() : builder_.getInt64(0);
    return {a, builder_.getInt64(0), error, {}};
  };
  llvm::BasicBlock* done = block("attribute");
  llvm::Value* slots = frame_field(fields.slots, builder_.getPtrTy());
  if (of.moment == ir::AttributeMoment::Resource) {
    llvm::BasicBlock* listed = block("listed");
    ways.push_back({builder_.GetInsertBlock(), zero(error_value(EvalError::UnlistedFact, id))});
    builder_.CreateCondBr(builder_.CreateIsNull(slots), done, listed);
    builder_.SetInsertPoint(listed);
  }
  llvm::Value* presence = builder_.CreateLoad(
      byte, element(frame_field(fields.presence, builder_.getPtrTy()), byte,
                    builder_.getInt64(of.slot)));
  const auto is = [&](std::uint8_t which) {
    return builder_.CreateICmpEQ(presence, builder_.getInt8(which));
  };
  llvm::Value* error =
      builder_.CreateSelect(is(kPresenceBadValue), error_value(EvalError::BadValue, id),
                            error_value(EvalError::MissingAttribute, id));
  llvm::BasicBlock* present = block("present");
  ways.push_back({builder_.GetInsertBlock(), zero(error)});
  builder_.CreateCondBr(is(static_cast<std::uint8_t>(Presence::Present)), present, done);
  builder_.SetInsertPoint(present);
  Emitted value = slot(element(slots, byte, builder_.getInt64(std::uint64_t{of.slot} * 16)), type);
  value.error = builder_.getInt32(0);
  ways.push_back({present, value});
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  const auto phi = [&](llvm::Type* of_type, llvm::Value* Emitted::*member) {
    llvm::PHINode* node = builder_.CreatePHI(of_type, static_cast<unsigned>(ways.size()));
    for (const Incoming& way : ways) node->addIncoming(way.value.*member, way.from);
    return node;
  };
  Emitted joined;
  joined.a = phi(value.a->getType(), &Emitted::a);
  if (value.b != nullptr) joined.b = phi(i64(), &Emitted::b);
  joined.error = phi(builder_.getInt32Ty(), &Emitted::error);
  return joined;
}

Emitted ShapeEmitter::has(std::uint32_t id) {
  const ir::Attribute& of = program_.attributes[id];
  const Fields fields = fields_of(of.moment);
  llvm::Type* byte = builder_.getInt8Ty();
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* done = nullptr;
  if (of.moment == ir::AttributeMoment::Resource) {
    done = block("has");
    llvm::BasicBlock* listed = block("listed");
    llvm::Value* slots = frame_field(fields.slots, builder_.getPtrTy());
    builder_.CreateCondBr(builder_.CreateIsNull(slots), done, listed);
    builder_.SetInsertPoint(listed);
  }
  llvm::Value* presence = builder_.CreateLoad(
      byte, element(frame_field(fields.presence, builder_.getPtrTy()), byte,
                    builder_.getInt64(of.slot)));
  llvm::Value* truth = builder_.CreateICmpEQ(
      presence, builder_.getInt8(static_cast<std::uint8_t>(Presence::Present)));
  if (done == nullptr) return {truth, nullptr, nullptr, {}};
  llvm::BasicBlock* listed = builder_.GetInsertBlock();
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  llvm::PHINode* node = builder_.CreatePHI(builder_.getInt1Ty(), 2);
  node->addIncoming(builder_.getFalse(), before);
  node->addIncoming(truth, listed);
  return {node, nullptr, nullptr, {}};
}

}  // namespace writ::jit
