// What the specification's world knows, as the frame that interpreter and native code read.
#pragma once

#include <deque>
#include <vector>

#include "runtime/interp/frame.h"
#include "runtime/reference/evaluate.h"

namespace writ {

/// A frame that says what the specification's world says.
class FrameOfWorld {
 public:
  explicit FrameOfWorld(const reference::World& world) : world_(world) {
    const ir::Program& program = world.program;
    for (std::size_t at = 0; at < program.attributes.size(); ++at) attribute(at);
    for (const ir::SubjectId subject : program.memberships) {
      memberships_.push_back(truth(world.in_subject(subject)));
    }
    for (std::size_t at = 0; at < program.network_classes.size(); ++at) {
      const reference::Truth3 in = world.in_network_class(ir::NetworkClassId(at));
      classes_.push_back(truth(in));
      class_errors_.push_back(in.error);
    }
    frame_.session_slots = slots_[0].data();
    frame_.session_presence = presence_[0].data();
    frame_.request_slots = slots_[1].data();
    frame_.request_presence = presence_[1].data();
    if (!unlisted_) {
      frame_.fact_slots = slots_[2].data();
      frame_.fact_presence = presence_[2].data();
    }
    frame_.memberships = memberships_.data();
    frame_.network_classes = classes_.data();
    frame_.network_errors = class_errors_.data();
    texts();
    if (const auto host = world.host()) {
      frame_.host_known = 1;
      frame_.host = {host->high, host->low};
    }
    frame_.now_known = world.request.time_us ? 1 : 0;
    frame_.now_us = world.request.time_us.value_or(0);
    frame_.opened_us = world.session.opened_us;
    frame_.resource = &world;
    frame_.covered = [](const void*, const void* of, std::uint32_t set) {
      return static_cast<const reference::World*>(of)->covers(ir::PatternSetId(set));
    };
  }
  [[nodiscard]] const Frame& frame() const { return frame_; }

 private:
  static std::uint8_t truth(reference::Truth3 t) {
    return static_cast<std::uint8_t>(t.error != 0 ? Truth::Error
                                     : t.truth    ? Truth::True
                                                  : Truth::False);
  }
  void texts() {
    frame_.principal_type = world_.principal_type.data();
    frame_.principal_type_bytes = world_.principal_type.size();
    frame_.principal_name = world_.principal_name.data();
    frame_.principal_name_bytes = world_.principal_name.size();
    frame_.resource_name = world_.request.name.data();
    frame_.resource_name_bytes = world_.request.name.size();
  }
  void attribute(std::size_t at) {
    const auto moment = static_cast<std::size_t>(world_.program.attributes[at].moment);
    const reference::Known known = world_.attribute(ir::AttributeId(at));
    std::uint8_t presence = static_cast<std::uint8_t>(Presence::Missing);
    Slot slot;
    if (known.value) {
      presence = static_cast<std::uint8_t>(Presence::Present);
      slot = slot_of(values_.emplace_back(*known.value));
    } else if (known.why_not == EvalError::BadValue) {
      presence = kPresenceBadValue;
    } else if (known.why_not == EvalError::UnlistedFact) {
      unlisted_ = true;
    }
    slots_[moment].push_back(slot);
    presence_[moment].push_back(presence);
  }
  Slot slot_of(const Value& value) {
    if (value.type.set) {
      auto& elements = elements_.emplace_back();
      for (const Value& element : value.elements) elements.push_back(slot_of(element));
      return {reinterpret_cast<std::uint64_t>(elements.data()), elements.size()};  // NOLINT
    }
    if (value.type.kind == TypeKind::String) {
      return {reinterpret_cast<std::uint64_t>(value.text.data()), value.text.size()};  // NOLINT
    }
    if (value.type.kind == TypeKind::Ip) return {value.cidr.base.high, value.cidr.base.low};
    if (value.type.kind == TypeKind::Cidr) {
      return {reinterpret_cast<std::uint64_t>(&value.cidr), 0};  // NOLINT
    }
    return {static_cast<std::uint64_t>(value.integer), 0};
  }

  const reference::World& world_;
  Frame frame_;
  bool unlisted_ = false;
  std::deque<Value> values_;
  std::deque<std::vector<Slot>> elements_;
  std::vector<Slot> slots_[3];
  std::vector<std::uint8_t> presence_[3];
  std::vector<std::uint8_t> memberships_;
  std::vector<std::uint8_t> classes_;
  std::vector<std::uint32_t> class_errors_;
};

}  // namespace writ
