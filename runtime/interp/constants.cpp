#include <string>
#include <vector>

#include "runtime/interp/interp.h"

namespace writ::interp {

/// INVARIANT: each store is reserved before the first pointer into it is taken.
struct Constants::Storage {
  std::vector<Slot> rows;      // of Program::constants, in its order
  std::vector<Slot> elements;  // of all sets
  std::vector<Cidr> networks;
  std::string bytes;

  void reserve(const std::vector<Value>& constants);
  Slot scalar(const Value& value);
  Slot slot(const Value& value);
};

void Constants::Storage::reserve(const std::vector<Value>& constants) {
  std::size_t element_count = 0;
  std::size_t network_count = 0;
  std::size_t text_bytes = 0;
  const auto count = [&](const Value& value) {
    text_bytes += value.text.size();
    if (value.type.is(TypeKind::Cidr)) ++network_count;
  };
  for (const Value& value : constants) {
    count(value);
    for (const Value& element : value.elements) count(element);
    element_count += value.elements.size();
  }
  rows.reserve(constants.size());
  elements.reserve(element_count);
  networks.reserve(network_count);
  bytes.reserve(text_bytes);
}

Slot Constants::Storage::scalar(const Value& value) {
  switch (value.type.kind) {
    case TypeKind::String: {
      const std::size_t at = bytes.size();
      bytes += value.text;
      return {reinterpret_cast<std::uint64_t>(bytes.data() + at), value.text.size()};  // NOLINT
    }
    case TypeKind::Ip: return {value.cidr.base.high, value.cidr.base.low};
    case TypeKind::Cidr:
      networks.push_back(value.cidr);
      return {reinterpret_cast<std::uint64_t>(&networks.back()), 0};  // NOLINT
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: break;
  }
  return {static_cast<std::uint64_t>(value.integer), 0};
}

Slot Constants::Storage::slot(const Value& value) {
  if (!value.type.set) return scalar(value);
  const std::size_t at = elements.size();
  for (const Value& element : value.elements) elements.push_back(scalar(element));
  return {reinterpret_cast<std::uint64_t>(elements.data() + at), value.elements.size()};  // NOLINT
}

Constants::Constants(const ir::Program& program) : storage_(std::make_unique<Storage>()) {
  storage_->reserve(program.constants);
  for (const Value& value : program.constants) storage_->rows.push_back(storage_->slot(value));
}
Constants::~Constants() = default;
Constants::Constants(Constants&&) noexcept = default;

const Slot* Constants::all() const { return storage_->rows.data(); }

const Slot* Constants::row(const ir::Condition& condition) const {
  return storage_->rows.data() + condition.first_constant;
}

}  // namespace writ::interp
