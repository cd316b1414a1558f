#include "runtime/engine/values.h"

#include <algorithm>

namespace writ {

namespace engine {

std::optional<std::uint32_t> AttributeNames::position(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(names_, name);
  const auto at = static_cast<std::uint32_t>(known - names_.begin());
  if (known != names_.end()) return at;
  if (names_.size() == kNamesMax) return std::nullopt;
  names_.emplace_back(name);
  return at;
}

std::string AttributeNames::name(std::size_t position) const {
  const std::lock_guard lock(mutex_);
  return position < names_.size() ? names_[position] : std::string();
}

const AttributeSlots& request_slots(const Snapshot& snapshot, const Brought& brought,
                                    Scratch& scratch) {
  if (brought.values != nullptr) return brought.values->state().slots(snapshot);
  std::span<const NamedValue> said;
  if (brought.attributes != nullptr) said = *brought.attributes;
  scratch.request.fill(snapshot, ir::AttributeMoment::Request, said);
  return scratch.request;
}

}  // namespace engine

using engine::Snapshot;

RequestValues::State::Item& RequestValues::State::change(std::uint32_t attribute) {
  if (attribute >= engine::AttributeNames::kNamesMax) return nowhere_;
  while (items_.size() <= attribute) {
    // Its name may not have been looked up yet.
    items_.emplace_back();
    generation_ = 0;
  }
  Item& item = items_[attribute];
  renamed_ = true;
  if (!item.changed) {
    item.changed = true;
    changed_.push_back(attribute);
  }
  return item;
}

Value& RequestValues::State::value(std::uint32_t attribute) {
  Item& item = change(attribute);
  item.said = Said::Value;
  item.value.elements.clear();
  return item.value;
}

void RequestValues::State::say_absent(std::uint32_t attribute) {
  change(attribute).said = Said::Absent;
}

void RequestValues::State::clear() {
  for (std::uint32_t at = 0; at < items_.size(); ++at) {
    if (items_[at].said != Said::Nothing) change(at).said = Said::Nothing;
  }
}

const engine::AttributeSlots& RequestValues::State::refill(const Snapshot& snapshot) {
  if (generation_ != snapshot.info.generation) {
    for (std::size_t at = 0; at < items_.size(); ++at) {
      items_[at].attribute = snapshot.find_attribute(names_.name(at));
    }
    put_all(snapshot);
    generation_ = snapshot.info.generation;
    return slots_;
  }
  const bool in_place = std::ranges::all_of(changed_, [&](std::uint32_t at) {
    return slots_.is_flat(snapshot, items_[at].attribute);
  });
  if (!in_place) {
    put_all(snapshot);
    return slots_;
  }
  for (const std::uint32_t at : changed_) put(snapshot, items_[at]);
  changed_.clear();
  return slots_;
}

const std::vector<NamedValue>& RequestValues::State::named() {
  if (!renamed_) return named_;
  renamed_ = false;
  named_.clear();
  for (std::size_t at = 0; at < items_.size(); ++at) {
    if (items_[at].said == Said::Nothing) continue;
    const bool said = items_[at].said == Said::Value;
    named_.emplace_back(names_.name(at),
                        said ? std::optional<Value>(items_[at].value) : std::nullopt);
  }
  return named_;
}

void RequestValues::State::put(const Snapshot& snapshot, Item& item) {
  item.changed = false;
  if (item.attribute == engine::kNone) return;
  switch (item.said) {
    case Said::Nothing: slots_.forget(snapshot, item.attribute); break;
    case Said::Absent: slots_.put(snapshot, item.attribute, nullptr); break;
    case Said::Value: slots_.put(snapshot, item.attribute, &item.value); break;
  }
}

void RequestValues::State::put_all(const Snapshot& snapshot) {
  std::size_t elements = 0;
  for (const Item& item : items_) elements += engine::AttributeSlots::room_for(item.value);
  slots_.begin(snapshot, ir::AttributeMoment::Request, elements);
  for (Item& item : items_) put(snapshot, item);
  changed_.clear();
}

RequestValues::RequestValues(std::unique_ptr<State> state) : state_(std::move(state)) {}
RequestValues::~RequestValues() = default;

void RequestValues::set_text(std::uint32_t attribute, std::string_view text) {
  Value& value = state_->value(attribute);
  value.type = kString;
  value.text.assign(text);
}

void RequestValues::set_texts(std::uint32_t attribute, std::span<const std::string_view> texts) {
  Value& value = state_->value(attribute);
  value.type = kString;
  value.type.set = true;
  for (const std::string_view text : texts) {
    value.elements.push_back(Value::of_text(std::string(text)));
  }
}

void RequestValues::set_int(std::uint32_t attribute, std::int64_t number) {
  Value& value = state_->value(attribute);
  value.type = kInt;
  value.integer = number;
}

void RequestValues::set_bool(std::uint32_t attribute, bool truth) {
  Value& value = state_->value(attribute);
  value.type = kBool;
  value.integer = truth ? 1 : 0;
}

void RequestValues::set(std::uint32_t attribute, const Value& said) {
  state_->value(attribute) = said;
}

void RequestValues::set_absent(std::uint32_t attribute) { state_->say_absent(attribute); }

void RequestValues::clear() { state_->clear(); }

}  // namespace writ
