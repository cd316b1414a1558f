#include "tests/unit/jit/expression.h"

#include <iterator>
#include <utility>

namespace writ::jit {
namespace {

using ir::AttributeMoment;
using ir::InstKind;

enum class Operands : std::uint8_t {
  Leaf, Const, Attr, Member, NetClass, PatSet, Level, One, Two, Three, OneDfa, OneZone, Quantifier
};
constexpr Operands kOperands[] = {
#define WRIT_INST(name, text, operands, result) Operands::operands,
#include "runtime/ir/inst_kind.def"
#undef WRIT_INST
};

/// Puts a subtree behind what is there, with its references moved. Gives its place.
std::uint32_t append(Expr& to, const Expr& from) {
  const auto insts = static_cast<std::uint32_t>(to.insts.size());
  const auto constants = static_cast<std::uint32_t>(to.constants.size());
  for (ir::Inst inst : from.insts) {
    switch (kOperands[static_cast<std::size_t>(inst.kind)]) {
      case Operands::Const: inst.a += constants; break;
      case Operands::Three: inst.c += insts; [[fallthrough]];
      case Operands::Two:
      case Operands::Quantifier: inst.b += insts; [[fallthrough]];
      case Operands::One:
      case Operands::OneDfa:
      case Operands::OneZone: inst.a += insts; break;
      case Operands::Leaf:
      case Operands::Attr:
      case Operands::Member:
      case Operands::NetClass:
      case Operands::PatSet:
      case Operands::Level: break;
    }
    to.insts.push_back(inst);
  }
  to.constants.insert(to.constants.end(), from.constants.begin(), from.constants.end());
  return static_cast<std::uint32_t>(to.insts.size()) - 1;
}

Ip ip(const char* text) { return *parse_ip(text); }
Value cidr(const char* text) { return Value::of_cidr(*parse_cidr(text, HostBits::Refuse)); }
Value time(const char* text) { return Value::of(TypeKind::Time, *parse_time(text)); }
Value version(std::uint64_t major, std::uint64_t minor) {
  return Value::of(TypeKind::Version, static_cast<std::int64_t>(make_version(major, minor, 0)));
}
Value enumerated(std::int64_t ordinal) {
  Value value = Value::of(TypeKind::Enum, ordinal);
  value.type.enumeration = 0;
  return value;
}

// Attributes lie in the order of samples, scalars before sets, moment by moment.
std::uint32_t attribute_of(std::size_t sample, AttributeMoment moment, bool set) {
  const std::size_t types = samples().size();
  return static_cast<std::uint32_t>((static_cast<std::size_t>(moment) * 2 + (set ? 1 : 0)) * types +
                                    sample);
}
std::uint32_t slot_of(std::size_t sample, bool set) {
  return static_cast<std::uint32_t>((set ? samples().size() : 0) + sample);
}
Type set_type(Type element) {
  element.set = true;
  return element;
}

}  // namespace

Expr constant(Value value) {
  const Type type = value.type;
  return {{{InstKind::Const, type, 0, 0, 0}}, {std::move(value)}};
}

Expr set_of(TypeKind element, std::vector<Value> elements) {
  Value value;
  value.type = {element, false, true};
  value.elements = std::move(elements);
  return constant(std::move(value));
}

Expr leaf(InstKind kind, Type type, std::uint32_t a) { return {{{kind, type, a, 0, 0}}, {}}; }

Expr one(InstKind kind, Type type, const Expr& a, std::uint32_t extra) {
  Expr out;
  const std::uint32_t at = append(out, a);
  out.insts.push_back({kind, type, at, extra, 0});
  return out;
}

Expr two(InstKind kind, Type type, const Expr& a, const Expr& b) {
  Expr out;
  const std::uint32_t left = append(out, a);
  const std::uint32_t right = append(out, b);
  out.insts.push_back({kind, type, left, right, 0});
  return out;
}

Expr three(InstKind kind, Type type, const Expr& a, const Expr& b, const Expr& c) {
  Expr out;
  const std::uint32_t first = append(out, a);
  const std::uint32_t second = append(out, b);
  const std::uint32_t third = append(out, c);
  out.insts.push_back({kind, type, first, second, third});
  return out;
}

const std::vector<Samples>& samples() {
  static const std::vector<Samples> all = {
      {"Bool", kBool, {Value::boolean(false), Value::boolean(true)}},
      {"Int", kInt, {Value::of_int(-5), Value::of_int(0), Value::of_int(7)}},
      {"String", kString,
       {Value::of_text(""), Value::of_text("orders"), Value::of_text("orders.\xC3\xA9u")}},
      {"Ip", kIp,
       {Value::of_ip(ip("10.0.0.1")), Value::of_ip(ip("10.1.0.1")),
        Value::of_ip(ip("2001:db8::1"))}},
      {"Cidr", kCidr, {cidr("10.0.0.0/8"), cidr("10.0.0.0/16"), cidr("2001:db8::/32")}},
      {"Time", kTime,
       {time("1969-12-31T23:59:59.5Z"), time("2024-02-29T12:30:00Z"), time("2026-12-31")}},
      {"Duration", kDuration,
       {Value::of(TypeKind::Duration, -1), Value::of(TypeKind::Duration, 0),
        Value::of(TypeKind::Duration, 86'400'000'000)}},
      {"Version", kVersion, {version(1, 0), version(1, 2), version(10, 0)}},
      {"Enum", Type{TypeKind::Enum}, {enumerated(0), enumerated(1), enumerated(2)}},
  };
  return all;
}

Vocabulary::Vocabulary(ir::Builder& builder) {
  ir::Program& p = builder.program();
  p.enumerations.push_back(
      {builder.string("Colour"),
       {builder.string("red"), builder.string("green"), builder.string("blue")}});
  for (const auto moment :
       {AttributeMoment::Session, AttributeMoment::Request, AttributeMoment::Resource}) {
    for (const bool set : {false, true}) {
      for (std::size_t at = 0; at < samples().size(); ++at) {
        ir::Attribute attribute;
        attribute.name = builder.string(std::to_string(p.attributes.size()));
        attribute.type = set ? set_type(samples()[at].type) : samples()[at].type;
        attribute.moment = moment;
        attribute.slot = slot_of(at, set);
        p.attributes.push_back(attribute);
      }
    }
  }
  // `a*`, by hand: state 0 is dead, 1 has seen nothing else.
  ir::Dfa dfa;
  dfa.pattern = builder.string("a*");
  dfa.byte_class.assign(256, 0);
  dfa.byte_class['a'] = 1;
  dfa.classes = 2;
  dfa.start = 1;
  dfa.transitions = {0, 0, 0, 1};
  dfa.accepting = {0, 1};
  static_cast<void>(builder.dfa(std::move(dfa)));
  static_cast<void>(builder.zone(
      {builder.string("Test/Zone"), {0, 1'700'000'000}, {-3600, 7200, 19'800}}));
}

Expr Vocabulary::load(std::size_t sample, AttributeMoment moment, bool set) {
  const Type type = samples()[sample].type;
  return leaf(InstKind::LoadAttr, set ? set_type(type) : type, attribute_of(sample, moment, set));
}

Expr Vocabulary::has(std::size_t sample, AttributeMoment moment) {
  return leaf(InstKind::HasAttr, kBool, attribute_of(sample, moment, false));
}

namespace {

/// The samples as one row of constants: of each type the value, then of each type all as a set.
ir::Program values_of(Said said) {
  ir::Builder builder;
  std::vector<Value> values;
  for (const Samples& of : samples()) {
    values.push_back(said == Said::High ? of.values.back() : of.values.front());
  }
  for (const Samples& of : samples()) {
    Value set;
    set.type = set_type(of.type);
    if (said == Said::High) set.elements = of.values;
    values.push_back(std::move(set));
  }
  static_cast<void>(builder.condition({{InstKind::Const, kBool, 0, 0, 0}}, std::move(values)));
  return builder.take();
}

}  // namespace

AskedFrame::AskedFrame(Said said) : values_(values_of(said)), constants_(values_) { fill(said); }

void AskedFrame::fill(Said said) {
  const bool present = said == Said::Low || said == Said::High;
  const auto presence = present                ? static_cast<std::uint8_t>(Presence::Present)
                        : said == Said::None     ? static_cast<std::uint8_t>(Presence::None)
                        : said == Said::BadValue ? kPresenceBadValue
                                                 : static_cast<std::uint8_t>(Presence::Missing);
  const std::size_t count = samples().size() * 2;
  const Slot* row = constants_.row(values_.conditions[0]);
  for (std::size_t moment = 0; moment < slots_.size(); ++moment) {
    slots_[moment].assign(row, row + count);
    presence_[moment].assign(count, presence);
  }
  frame_.session_slots = slots_[0].data();
  frame_.session_presence = presence_[0].data();
  frame_.request_slots = slots_[1].data();
  frame_.request_presence = presence_[1].data();
  if (said != Said::Nothing) {
    frame_.fact_slots = slots_[2].data();
    frame_.fact_presence = presence_[2].data();
  }
  const Truth truth = said == Said::High  ? Truth::True
                      : said == Said::Low ? Truth::False
                                          : Truth::Error;
  memberships_[0] = classes_[0] = static_cast<std::uint8_t>(truth);
  class_errors_[0] = truth == Truth::Error ? make_error(EvalError::UnknownHost) : 0;
  frame_.memberships = memberships_.data();
  frame_.network_classes = classes_.data();
  frame_.network_errors = class_errors_.data();
  frame_.principal_type = "User";
  frame_.principal_type_bytes = 4;
  frame_.principal_name = "orders";
  frame_.principal_name_bytes = 6;
  frame_.resource_name = "orders.eu";
  frame_.resource_name_bytes = 9;
  frame_.host_known = present ? 1 : 0;
  frame_.host = slots_[0][3];
  frame_.now_known = present ? 1 : 0;
  frame_.now_us = said == Said::High ? 1'767'268'800'000'000 : -1;
  frame_.opened_us = said == Said::High ? 1'767'268'700'000'000 : 5;
  frame_.resource = this;
  frame_.covered = [](const void*, const void* of, std::uint32_t) {
    return static_cast<const AskedFrame*>(of)->frame_.now_us > 0;
  };
}

}  // namespace writ::jit
