#include <cstddef>

#include "runtime/jit/emit.h"
#include "runtime/value/calendar.h"

namespace writ::jit {

using ir::InstKind;

llvm::Value* ShapeEmitter::pointer(llvm::Value* number) {
  return builder_.CreateIntToPtr(number, builder_.getPtrTy());
}

llvm::Value* ShapeEmitter::second(const Emitted& of) {
  return of.b != nullptr ? of.b : builder_.getInt64(0);
}

llvm::Value* ShapeEmitter::call(std::string_view name, llvm::ArrayRef<llvm::Value*> arguments) {
  return builder_.CreateCall(tables_.callee(name), arguments);
}

llvm::Value* ShapeEmitter::call_truth(std::string_view name,
                                      llvm::ArrayRef<llvm::Value*> arguments) {
  return builder_.CreateICmpNE(call(name, arguments), builder_.getInt32(0));
}

Emitted ShapeEmitter::strict(const ir::Inst& of) {
  const bool one = of.kind == InstKind::Not || of.kind == InstKind::Matches ||
                   of.kind >= InstKind::LocalTime;
  if (one) return strict_one(of, values_[of.a]);
  return strict_two(of, values_[of.a], values_[of.b]);
}

Emitted ShapeEmitter::strict_one(const ir::Inst& of, const Emitted& a) {
  const auto field = [&](const char* name) -> Emitted {
    return {call(name, {a.a}), nullptr, nullptr, {}};
  };
  switch (of.kind) {
    case InstKind::Not: return {builder_.CreateNot(a.a), nullptr, nullptr, {}};
    case InstKind::Matches: {
      const ir::Dfa& dfa = program_.dfas[of.b];
      const Tables::DfaTables made = tables_.dfa(of.b);
      return {call_truth("writ_dfa_matches",
                         {made.byte_class, made.transitions, made.accepting,
                          builder_.getInt32(dfa.classes), builder_.getInt32(dfa.start),
                          pointer(a.a), second(a)}), nullptr, nullptr, {}};
    }
    case InstKind::LocalTime: return local_time(of.b, a.a);
    case InstKind::Year: return field("writ_time_year");
    case InstKind::Month: return field("writ_time_month");
    case InstKind::Day: return field("writ_time_day");
    case InstKind::Weekday: return field("writ_time_weekday");
    case InstKind::Hour: return field("writ_time_hour");
    case InstKind::Minute: return field("writ_time_minute");
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::And:
    case InstKind::Or: case InstKind::If: case InstKind::Eq: case InstKind::Ne:
    case InstKind::Lt: case InstKind::Le: case InstKind::Gt: case InstKind::Ge:
    case InstKind::Add: case InstKind::Sub: case InstKind::Mul: case InstKind::Concat:
    case InstKind::StartsWith: case InstKind::EndsWith: case InstKind::Contains:
    case InstKind::InCidr: case InstKind::InSet: case InstKind::SetContains:
    case InstKind::AnyOf: case InstKind::AllOf: break;
  }
  return {builder_.getFalse(), nullptr, error_value(EvalError::BadValue), {}};
}

Emitted ShapeEmitter::local_time(std::uint32_t zone, llvm::Value* micros) {
  const Tables::ZoneTables made = tables_.zone(zone);
  llvm::Value* offset = call(
      "writ_zone_offset", {made.at_seconds, made.offset_seconds,
                           builder_.getInt64(program_.zones[zone].at_seconds.size()), micros});
  llvm::Value* shift =
      builder_.CreateMul(offset, builder_.getInt64(calendar::kMicrosPerSecond));
  return arithmetic(llvm::Intrinsic::sadd_with_overflow, micros, shift);
}

Emitted ShapeEmitter::arithmetic(llvm::Intrinsic::ID which, llvm::Value* a, llvm::Value* b) {
  llvm::Value* both = builder_.CreateBinaryIntrinsic(which, a, b);
  llvm::Value* error = builder_.CreateSelect(builder_.CreateExtractValue(both, 1),
                                             error_value(EvalError::Overflow),
                                             builder_.getInt32(0));
  return {builder_.CreateExtractValue(both, 0), nullptr, error, {}};
}

Emitted ShapeEmitter::strict_two(const ir::Inst& of, const Emitted& a, const Emitted& b) {
  const Type type_a = inst(of.a).type;
  const Type type_b = inst(of.b).type;
  const bool joined = !a.pieces.empty() || !b.pieces.empty();
  const auto truth = [](llvm::Value* value) -> Emitted { return {value, nullptr, nullptr, {}}; };
  const auto text_test = [&](const char* name) {
    return truth(call_truth(name, {pointer(a.a), second(a), pointer(b.a), second(b)}));
  };
  switch (of.kind) {
    case InstKind::Eq:
      return truth(joined ? compare_joined(a, b, 0) : equal(type_a, a, b));
    case InstKind::Ne:
      return truth(
          builder_.CreateNot(joined ? compare_joined(a, b, 0) : equal(type_a, a, b)));
    case InstKind::Lt:
    case InstKind::Le:
    case InstKind::Gt:
    case InstKind::Ge: return truth(ordered(of.kind, type_a, a, b));
    case InstKind::Add: return arithmetic(llvm::Intrinsic::sadd_with_overflow, a.a, b.a);
    case InstKind::Sub: return arithmetic(llvm::Intrinsic::ssub_with_overflow, a.a, b.a);
    case InstKind::Mul: return arithmetic(llvm::Intrinsic::smul_with_overflow, a.a, b.a);
    case InstKind::StartsWith:
      return truth(joined ? compare_joined(a, b, 1) : text_at_least(a, b, false));
    case InstKind::EndsWith:
      if (joined) return truth(compare_joined(a, b, 2));
      return text_test("writ_text_ends_with");
    case InstKind::Contains: return text_test("writ_text_contains");
    case InstKind::InCidr: return truth(in_cidr(a, b));
    case InstKind::InSet: return truth(in_set(type_a, a, type_b, b));
    case InstKind::SetContains: return truth(in_set(type_b, b, type_a, a));
    case InstKind::Const: case InstKind::LoadAttr: case InstKind::HasAttr:
    case InstKind::PrincipalName: case InstKind::PrincipalType: case InstKind::ResourceName:
    case InstKind::Host: case InstKind::Now: case InstKind::SessionAge: case InstKind::Member:
    case InstKind::InNetwork: case InstKind::Covered: case InstKind::Var: case InstKind::Not:
    case InstKind::And: case InstKind::Or: case InstKind::If: case InstKind::Matches:
    case InstKind::Concat: case InstKind::AnyOf: case InstKind::AllOf:
    case InstKind::LocalTime: case InstKind::Year: case InstKind::Month: case InstKind::Day:
    case InstKind::Weekday: case InstKind::Hour: case InstKind::Minute: break;
  }
  return {builder_.getFalse(), nullptr, error_value(EvalError::BadValue), {}};
}

/// The parts side by side, and the leftmost error; nothing is copied until a test reads it.
Emitted ShapeEmitter::join_texts(const Emitted& a, const Emitted& b) {
  Emitted result{builder_.getInt64(0), nullptr, a.error, {}};
  for (const Emitted* side : {&a, &b}) {
    if (side->pieces.empty()) {
      result.pieces.push_back({side->a, side->b, nullptr, {}});
    } else {
      result.pieces.insert(result.pieces.end(), side->pieces.begin(), side->pieces.end());
    }
  }
  if (a.error == nullptr || b.error == nullptr) {
    result.error = a.error != nullptr ? a.error : b.error;
  } else {
    result.error = builder_.CreateSelect(
        builder_.CreateICmpNE(a.error, builder_.getInt32(0)), a.error, b.error);
  }
  return result;
}

llvm::Value* ShapeEmitter::pieces_array(const Emitted& text, std::uint64_t& count) {
  count = text.pieces.empty() ? 1 : text.pieces.size();
  // In the entry block, so that a loop does not grow the stack.
  llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
  llvm::Value* array = entry.CreateAlloca(llvm::ArrayType::get(i64(), count * 2));
  const auto store = [&](std::uint64_t at, llvm::Value* value) {
    builder_.CreateStore(value, element(array, i64(), builder_.getInt64(at)));
  };
  for (std::uint64_t i = 0; i < count; ++i) {
    const Emitted& piece = text.pieces.empty() ? text : text.pieces[i];
    store(i * 2, piece.a);
    store(i * 2 + 1, second(piece));
  }
  return array;
}

llvm::Value* ShapeEmitter::compare_joined(const Emitted& a, const Emitted& b,
                                          std::uint32_t form) {
  std::uint64_t a_count = 0;
  std::uint64_t b_count = 0;
  llvm::Value* a_pieces = pieces_array(a, a_count);
  llvm::Value* b_pieces = pieces_array(b, b_count);
  return call_truth("writ_joined_compare",
                    {a_pieces, builder_.getInt64(a_count), b_pieces, builder_.getInt64(b_count),
                     builder_.getInt32(form)});
}

/// Lengths first, which settles most; the bytes of b against the first ones of a.
llvm::Value* ShapeEmitter::text_at_least(const Emitted& a, const Emitted& b, bool whole) {
  llvm::Value* fits = whole ? builder_.CreateICmpEQ(second(a), second(b))
                            : builder_.CreateICmpUGE(second(a), second(b));
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* bytes = block("bytes");
  llvm::BasicBlock* done = block("compared");
  builder_.CreateCondBr(fits, bytes, done);
  builder_.SetInsertPoint(bytes);
  llvm::Value* same =
      call_truth("writ_text_equal", {pointer(a.a), second(b), pointer(b.a), second(b)});
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  llvm::PHINode* node = builder_.CreatePHI(builder_.getInt1Ty(), 2);
  node->addIncoming(builder_.getFalse(), before);
  node->addIncoming(same, bytes);
  return node;
}

llvm::Value* ShapeEmitter::equal(Type type, const Emitted& a, const Emitted& b) {
  switch (type.kind) {
    case TypeKind::String: return text_at_least(a, b, true);
    case TypeKind::Ip:
      return builder_.CreateAnd(builder_.CreateICmpEQ(a.a, b.a),
                                builder_.CreateICmpEQ(second(a), second(b)));
    case TypeKind::Cidr: return call_truth("writ_cidr_equal", {pointer(a.a), pointer(b.a)});
    case TypeKind::None: case TypeKind::Bool: case TypeKind::Int: case TypeKind::Time:
    case TypeKind::Duration: case TypeKind::Version: case TypeKind::Enum: break;
  }
  return builder_.CreateICmpEQ(a.a, b.a);
}

llvm::Value* ShapeEmitter::ordered(InstKind kind, Type type, const Emitted& a, const Emitted& b) {
  llvm::Value* left = a.a;
  llvm::Value* right = b.a;
  if (type.kind == TypeKind::String) {
    left = call("writ_text_compare", {pointer(a.a), second(a), pointer(b.a), second(b)});
    right = builder_.getInt32(0);
  }
  if (kind == InstKind::Lt) return builder_.CreateICmpSLT(left, right);
  if (kind == InstKind::Le) return builder_.CreateICmpSLE(left, right);
  if (kind == InstKind::Gt) return builder_.CreateICmpSGT(left, right);
  return builder_.CreateICmpSGE(left, right);
}

/// Families equal, and the bits that count: shifted out are those that do not.
llvm::Value* ShapeEmitter::in_cidr(const Emitted& ip, const Emitted& cidr) {
  static_assert(offsetof(Cidr, base) == 0 && offsetof(Ip, low) == 8 &&
                offsetof(Cidr, bits) == 16 && offsetof(Cidr, v4) == 17);
  llvm::Type* byte = builder_.getInt8Ty();
  llvm::Type* wide = builder_.getInt128Ty();
  const auto load = [&](std::uint64_t offset, llvm::Type* type) {
    return builder_.CreateLoad(type,
                               element(pointer(cidr.a), byte, builder_.getInt64(offset)));
  };
  const auto join_halves = [&](llvm::Value* high, llvm::Value* low) {
    return builder_.CreateOr(builder_.CreateShl(builder_.CreateZExt(high, wide), 64),
                             builder_.CreateZExt(low, wide));
  };
  llvm::Value* is_v4 = builder_.CreateAnd(
      builder_.CreateICmpEQ(ip.a, builder_.getInt64(0)),
      builder_.CreateICmpEQ(builder_.CreateLShr(second(ip), 32), builder_.getInt64(0xFFFF)));
  llvm::Value* same_family =
      builder_.CreateICmpEQ(builder_.CreateZExt(is_v4, byte), load(offsetof(Cidr, v4), byte));
  llvm::Value* bits = builder_.CreateZExt(load(offsetof(Cidr, bits), byte), wide);
  llvm::Value* differ = builder_.CreateXor(join_halves(ip.a, second(ip)),
                                           join_halves(load(0, i64()), load(8, i64())));
  // A shift by all 128 bits has no meaning, so no bits at all are told apart.
  llvm::Value* none = builder_.CreateICmpEQ(bits, llvm::ConstantInt::get(wide, 0));
  llvm::Value* shift = builder_.CreateSub(llvm::ConstantInt::get(wide, 128), bits);
  llvm::Value* safe = builder_.CreateSelect(none, llvm::ConstantInt::get(wide, 0), shift);
  llvm::Value* counted = builder_.CreateLShr(differ, safe);
  llvm::Value* equal_bits = builder_.CreateICmpEQ(counted, llvm::ConstantInt::get(wide, 0));
  return builder_.CreateAnd(same_family, builder_.CreateOr(none, equal_bits));
}

llvm::Value* ShapeEmitter::in_set(Type type, const Emitted& value, Type set,
                                  const Emitted& elements) {
  llvm::Value* items = pointer(elements.a);
  llvm::Value* count = second(elements);
  switch (type.kind) {
    case TypeKind::String:
      return call_truth("writ_set_has_text", {items, count, pointer(value.a), second(value)});
    case TypeKind::Ip:
      return call_truth(
          set.kind == TypeKind::Cidr ? "writ_networks_hold" : "writ_set_has_ip",
          {items, count, value.a, second(value)});
    case TypeKind::Cidr:
      return call_truth("writ_set_has_cidr", {items, count, pointer(value.a)});
    case TypeKind::None: case TypeKind::Bool: case TypeKind::Int: case TypeKind::Time:
    case TypeKind::Duration: case TypeKind::Version: case TypeKind::Enum: break;
  }
  return call_truth("writ_set_has_number",
                    {items, count, builder_.CreateZExtOrTrunc(value.a, i64())});
}

}  // namespace writ::jit
