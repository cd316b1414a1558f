#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>

#include <cstddef>
#include <cstring>

#include "runtime/jit/callees.h"
#include "runtime/jit/emit.h"

namespace writ::jit {
namespace {

template <class Integer>
llvm::Constant* constant_array(llvm::Module& module, const std::vector<Integer>& items,
                               const char* name) {
  llvm::Constant* bytes = llvm::ConstantDataArray::get(
      module.getContext(), llvm::ArrayRef<Integer>(items.data(), items.size()));
  return new llvm::GlobalVariable(  // NOLINT: the module owns it
      module, bytes->getType(), true, llvm::GlobalValue::PrivateLinkage, bytes, name);
}

/// Bits are all that a constant array knows, so signed numbers go in as they lie in memory.
template <class To, class From>
std::vector<To> as_unsigned(const std::vector<From>& items) {
  std::vector<To> result;
  result.reserve(items.size());
  for (const From item : items) result.push_back(static_cast<To>(item));
  return result;
}

llvm::Type* type_of(llvm::LLVMContext& context, char letter) {
  if (letter == 'w') return llvm::Type::getInt32Ty(context);
  if (letter == 'd') return llvm::Type::getInt64Ty(context);
  return llvm::PointerType::getUnqual(context);
}

}  // namespace

llvm::Function* Tables::callee(std::string_view name) {
  const llvm::StringRef wanted(name.data(), name.size());
  if (llvm::Function* known = module_.getFunction(wanted)) return known;
  for (const Callee& callee : callees()) {
    if (callee.name != name) continue;
    std::vector<llvm::Type*> params;
    for (const char* letter = callee.signature + 1; *letter != '\0'; ++letter) {
      params.push_back(type_of(module_.getContext(), *letter));
    }
    auto* type = llvm::FunctionType::get(type_of(module_.getContext(), callee.signature[0]),
                                         params, false);
    auto* function =
        llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, wanted, module_);
    function->setDoesNotThrow();
    function->setOnlyReadsMemory();
    function->setWillReturn();
    return function;
  }
  return nullptr;
}

Tables::DfaTables Tables::dfa(std::uint32_t id) {
  if (const auto known = dfas_.find(id); known != dfas_.end()) return known->second;
  const ir::Dfa& dfa = program_.dfas[id];
  const DfaTables made{constant_array(module_, dfa.byte_class, "byte_class"),
                       constant_array(module_, dfa.transitions, "transitions"),
                       constant_array(module_, dfa.accepting, "accepting")};
  dfas_.emplace(id, made);
  return made;
}

Tables::ZoneTables Tables::zone(std::uint32_t id) {
  if (const auto known = zones_.find(id); known != zones_.end()) return known->second;
  const ir::Zone& zone = program_.zones[id];
  const ZoneTables made{
      constant_array(module_, as_unsigned<std::uint64_t>(zone.at_seconds), "at_seconds"),
      constant_array(module_, as_unsigned<std::uint32_t>(zone.offset_seconds), "offset_seconds")};
  zones_.emplace(id, made);
  return made;
}

llvm::Constant* Tables::text(std::string_view text) {
  // One byte more, so that an empty text too is somewhere.
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  bytes.push_back(0);
  return constant_array(module_, bytes, "text");
}

llvm::Constant* Tables::network(const Cidr& cidr) {
  // Field by field: what lies between them would differ from run to run.
  std::vector<std::uint8_t> bytes(sizeof(Cidr), 0);
  const auto put = [&](std::size_t offset, const auto& field) {
    std::memcpy(bytes.data() + offset, &field, sizeof(field));
  };
  put(offsetof(Cidr, base) + offsetof(Ip, high), cidr.base.high);
  put(offsetof(Cidr, base) + offsetof(Ip, low), cidr.base.low);
  put(offsetof(Cidr, bits), cidr.bits);
  put(offsetof(Cidr, v4), cidr.v4);
  auto* made = llvm::cast<llvm::GlobalVariable>(constant_array(module_, bytes, "network"));
  made->setAlignment(llvm::Align(alignof(Cidr)));
  return made;
}

}  // namespace writ::jit
