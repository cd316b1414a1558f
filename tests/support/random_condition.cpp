#include <algorithm>

#include "runtime/value/calendar.h"
#include "tests/support/random_program.h"

namespace writ::tests {
namespace {

using ir::InstKind;

constexpr std::int64_t kIntegers[] = {0,  1,  -1, 2,    3,         5,        7,
                                      12, 23, 31, 2026, INT64_MAX, INT64_MIN, INT64_MAX - 1};
constexpr std::int64_t kTimes[] = {0,
                                   -1,
                                   1'764'000'000'000'000,
                                   1'764'000'000'000'001,
                                   1'790'000'000'000'000,
                                   1'830'297'599'999'999,
                                   -calendar::kMicrosPerDay,
                                   INT64_MAX,
                                   INT64_MIN};
constexpr std::int64_t kDurations[] = {0,
                                       1,
                                       calendar::kMicrosPerHour,
                                       calendar::kMicrosPerDay,
                                       -calendar::kMicrosPerMinute,
                                       INT64_MAX,
                                       INT64_MIN};
constexpr std::uint64_t kVersions[] = {0, make_version(1, 2, 0), make_version(1, 3, 0),
                                       make_version(1, 2, 7),
                                       make_version(2'097'151, 2'097'151, 2'097'151)};
constexpr std::string_view kAddresses[] = {"10.1.2.3", "10.1.2.4", "10.9.0.1", "192.0.2.7", "::1",
                                           "2001:db8::1", "fe80::1", "0.0.0.0",
                                           "255.255.255.255"};
constexpr std::string_view kNetworks[] = {"10.0.0.0/8",   "10.1.0.0/16",   "10.1.2.0/24",
                                          "10.1.2.3/32",  "0.0.0.0/0",     "::/0",
                                          "2001:db8::/32", "fe80::/10",    "192.0.2.0/25"};
constexpr TypeKind kScalars[] = {TypeKind::Bool, TypeKind::Int,      TypeKind::String,
                                 TypeKind::Ip,   TypeKind::Cidr,     TypeKind::Time,
                                 TypeKind::Duration, TypeKind::Version, TypeKind::Enum};
constexpr TypeKind kOrdered[] = {TypeKind::Int,      TypeKind::String,  TypeKind::Time,
                                 TypeKind::Duration, TypeKind::Version, TypeKind::Enum};
constexpr int kDepth = 4;
constexpr std::size_t kInstructions = 60;

Value random_scalar(const ir::Program& program, Type type, Random& random) {
  switch (type.kind) {
    case TypeKind::Bool: return Value::boolean(random.percent(50));
    case TypeKind::Int: return Value::of_int(random.one_of(kIntegers));
    case TypeKind::String: return Value::of_text(random_text(random));
    case TypeKind::Ip: return Value::of_ip(*parse_ip(random.one_of(kAddresses)));
    case TypeKind::Cidr:
      return Value::of_cidr(*parse_cidr(random.one_of(kNetworks), HostBits::Refuse));
    case TypeKind::Time: return Value::of(type.kind, random.one_of(kTimes));
    case TypeKind::Duration: return Value::of(type.kind, random.one_of(kDurations));
    case TypeKind::Version:
      return Value::of(type.kind, static_cast<std::int64_t>(random.one_of(kVersions)));
    case TypeKind::Enum: {
      const auto& members = program.enumerations[type.enumeration].members;
      Value value = Value::of(type.kind, static_cast<std::int64_t>(random.below(members.size())));
      value.type.enumeration = type.enumeration;
      return value;
    }
    case TypeKind::None: break;
  }
  return {};
}

/// Grows one tree in post-order.
class Grower {
 public:
  Grower(ir::Builder& builder, Random& random, Reads reads)
      : builder_(builder), program_(builder.program()), random_(random), reads_(reads) {}

  ir::ConditionId run() {
    truth(kDepth);
    return builder_.condition(std::move(insts_), std::move(constants_));
  }

 private:
  std::uint32_t emit(InstKind kind, Type type, std::uint32_t a = 0, std::uint32_t b = 0,
                     std::uint32_t c = 0) {
    insts_.push_back({kind, type, a, b, c});
    return static_cast<std::uint32_t>(insts_.size() - 1);
  }
  std::uint32_t constant(Type type) {
    constants_.push_back(random_value(program_, type, random_));
    return emit(InstKind::Const, type, static_cast<std::uint32_t>(constants_.size() - 1));
  }
  Type scalar(TypeKind kind) {
    Type type{kind};
    if (kind == TypeKind::Enum) {
      type.enumeration = static_cast<std::uint16_t>(random_.below(program_.enumerations.size()));
    }
    return type;
  }
  /// An attribute of the type, else a constant.
  std::uint32_t attribute(Type type) {
    std::vector<std::uint32_t> fitting;
    for (std::uint32_t id = 0; id < program_.attributes.size(); ++id) {
      const ir::Attribute& of = program_.attributes[id];
      Type read = of.type;
      read.optional = false;
      if (read == type && readable(of)) fitting.push_back(id);
    }
    if (fitting.empty()) return constant(type);
    return emit(InstKind::LoadAttr, type, random_.one_of(fitting));
  }
  [[nodiscard]] bool readable(const ir::Attribute& of) const {
    return reads_ == Reads::Anything || of.moment == ir::AttributeMoment::Session;
  }
  std::uint32_t has() {
    for (int tries = 0; tries < 8; ++tries) {
      const std::size_t id = random_.below(program_.attributes.size());
      if (readable(program_.attributes[id])) {
        return emit(InstKind::HasAttr, kBool, static_cast<std::uint32_t>(id));
      }
    }
    return constant(kBool);
  }

  std::uint32_t value(Type type, int depth);
  std::uint32_t leaf(Type type);
  std::uint32_t truth(int depth);
  std::uint32_t truth_leaf();
  std::uint32_t test(int depth);
  std::uint32_t set_test(int depth);
  std::uint32_t text_test(int depth);
  std::uint32_t quantifier(int depth);
  std::uint32_t number(int depth);
  std::uint32_t moment(int depth);
  std::uint32_t span(int depth);
  std::uint32_t joined(int depth);
  template <class First, class Second>
  std::uint32_t two(InstKind kind, Type type, First first, Second second) {
    const std::uint32_t a = first();
    const std::uint32_t b = second();
    return emit(kind, type, a, b);
  }

  ir::Builder& builder_;
  const ir::Program& program_;
  Random& random_;
  Reads reads_;
  std::vector<ir::Inst> insts_;
  std::vector<Value> constants_;
  std::vector<Type> variables_;  // elements of the quantifiers around
};

std::uint32_t Grower::leaf(Type type) {
  for (std::size_t level = 0; !type.set && level < variables_.size(); ++level) {
    if (variables_[variables_.size() - 1 - level] == type && random_.percent(60)) {
      return emit(InstKind::Var, type, static_cast<std::uint32_t>(level));
    }
  }
  if (random_.percent(35)) return constant(type);
  const bool anything = reads_ == Reads::Anything;
  if (type == kString && random_.percent(60)) {
    if (anything && random_.percent(50)) return emit(InstKind::ResourceName, type);
    return emit(random_.percent(60) ? InstKind::PrincipalName : InstKind::PrincipalType, type);
  }
  if (type == kIp && random_.percent(60)) return emit(InstKind::Host, type);
  if (type == kTime && anything && random_.percent(60)) return emit(InstKind::Now, type);
  if (type == kDuration && anything && random_.percent(60)) {
    return emit(InstKind::SessionAge, type);
  }
  return attribute(type);
}

std::uint32_t Grower::value(Type type, int depth) {
  if (depth <= 0 || insts_.size() > kInstructions || random_.percent(40)) return leaf(type);
  if (random_.percent(15)) {
    const std::uint32_t a = truth(depth - 1);
    const std::uint32_t b = value(type, depth - 1);
    const std::uint32_t c = value(type, depth - 1);
    return emit(InstKind::If, type, a, b, c);
  }
  if (type == kInt) return number(depth);
  if (type == kTime) return moment(depth);
  if (type == kDuration) return span(depth);
  return type == kBool ? truth(depth) : leaf(type);
}

std::uint32_t Grower::number(int depth) {
  static constexpr InstKind kFields[] = {InstKind::Year,    InstKind::Month, InstKind::Day,
                                         InstKind::Weekday, InstKind::Hour,  InstKind::Minute};
  static constexpr InstKind kSigns[] = {InstKind::Add, InstKind::Sub, InstKind::Mul};
  if (random_.percent(50)) {
    const std::uint32_t a = value(kTime, depth - 1);
    return emit(random_.one_of(kFields), kInt, a);
  }
  return two(random_.one_of(kSigns), kInt, [&] { return value(kInt, depth - 1); },
             [&] { return value(kInt, depth - 1); });
}

std::uint32_t Grower::moment(int depth) {
  if (random_.percent(50)) {
    const std::uint32_t a = value(kTime, depth - 1);
    return emit(InstKind::LocalTime, kTime, a,
                static_cast<std::uint32_t>(random_.below(program_.zones.size())));
  }
  return two(random_.percent(50) ? InstKind::Add : InstKind::Sub, kTime,
             [&] { return value(kTime, depth - 1); }, [&] { return value(kDuration, depth - 1); });
}

std::uint32_t Grower::span(int depth) {
  if (random_.percent(30)) {
    return two(InstKind::Mul, kDuration, [&] { return value(kDuration, depth - 1); },
               [&] { return value(kInt, depth - 1); });
  }
  if (random_.percent(40)) {
    return two(InstKind::Sub, kDuration, [&] { return value(kTime, depth - 1); },
               [&] { return value(kTime, depth - 1); });
  }
  return two(random_.percent(50) ? InstKind::Add : InstKind::Sub, kDuration,
             [&] { return value(kDuration, depth - 1); },
             [&] { return value(kDuration, depth - 1); });
}

std::uint32_t Grower::joined(int depth) {
  if (depth <= 0 || random_.percent(50)) return value(kString, depth - 1);
  return two(InstKind::Concat, kString, [&] { return joined(depth - 1); },
             [&] { return joined(depth - 1); });
}

std::uint32_t Grower::truth_leaf() {
  const auto any_of = [this](std::size_t count) {
    return static_cast<std::uint32_t>(random_.below(count));
  };
  switch (random_.below(6)) {
    case 0: return has();
    case 1:
      if (program_.memberships.empty()) break;
      return emit(InstKind::Member, kBool, any_of(program_.memberships.size()));
    case 2:
      if (reads_ == Reads::SessionAlone || program_.network_classes.empty()) break;
      return emit(InstKind::InNetwork, kBool, any_of(program_.network_classes.size()));
    case 3:
      if (reads_ == Reads::SessionAlone || program_.pattern_sets.empty()) break;
      return emit(InstKind::Covered, kBool, any_of(program_.pattern_sets.size()));
    case 4: return constant(kBool);
    default: break;
  }
  return attribute(kBool);
}

std::uint32_t Grower::truth(int depth) {
  if (depth <= 0 || insts_.size() > kInstructions) return truth_leaf();
  switch (random_.below(8)) {
    case 0: return truth_leaf();
    case 1: return emit(InstKind::Not, kBool, truth(depth - 1));
    case 2:
    case 3:
      return two(random_.percent(50) ? InstKind::And : InstKind::Or, kBool,
                 [&] { return truth(depth - 1); }, [&] { return truth(depth - 1); });
    case 4: return text_test(depth);
    case 5: return set_test(depth);
    case 6: return quantifier(depth);
    default: return test(depth);
  }
}

std::uint32_t Grower::test(int depth) {
  if (random_.percent(40)) {
    static constexpr InstKind kOrders[] = {InstKind::Lt, InstKind::Le, InstKind::Gt, InstKind::Ge};
    const Type type = scalar(random_.one_of(kOrdered));
    return two(random_.one_of(kOrders), kBool, [&] { return value(type, depth - 1); },
               [&] { return value(type, depth - 1); });
  }
  const Type type = scalar(random_.one_of(kScalars));
  const auto operand = [&] {
    return type == kString ? joined(depth - 1) : value(type, depth - 1);
  };
  return two(random_.percent(60) ? InstKind::Eq : InstKind::Ne, kBool, operand, operand);
}

std::uint32_t Grower::text_test(int depth) {
  const auto text = [&] { return value(kString, depth - 1); };
  const auto pieces = [&] { return joined(depth - 1); };
  switch (random_.below(4)) {
    case 0: return two(InstKind::StartsWith, kBool, pieces, pieces);
    case 1: return two(InstKind::EndsWith, kBool, pieces, pieces);
    case 2: return two(InstKind::Contains, kBool, text, text);
    default: {
      const std::uint32_t a = text();
      return emit(InstKind::Matches, kBool, a,
                  static_cast<std::uint32_t>(random_.below(program_.dfas.size())));
    }
  }
}

std::uint32_t Grower::set_test(int depth) {
  const Type type = scalar(random_.one_of(kScalars));
  Type set = type;
  set.set = true;
  switch (random_.below(4)) {
    case 0:
      return two(InstKind::InCidr, kBool, [&] { return value(kIp, depth - 1); },
                 [&] { return value(kCidr, depth - 1); });
    case 1:
      return two(InstKind::InSet, kBool, [&] { return value(kIp, depth - 1); },
                 [&] { return value({TypeKind::Cidr, false, true}, depth - 1); });
    case 2:
      return two(InstKind::SetContains, kBool, [&] { return value(set, depth - 1); },
                 [&] { return value(type, depth - 1); });
    default:
      return two(InstKind::InSet, kBool, [&] { return value(type, depth - 1); },
                 [&] { return value(set, depth - 1); });
  }
}

std::uint32_t Grower::quantifier(int depth) {
  if (variables_.size() >= 2) return test(depth);
  const Type type = scalar(random_.one_of(kScalars));
  Type set = type;
  set.set = true;
  const std::uint32_t a = value(set, depth - 1);
  variables_.push_back(type);
  const std::uint32_t b = truth(depth - 1);
  variables_.pop_back();
  return emit(random_.percent(50) ? InstKind::AnyOf : InstKind::AllOf, kBool, a, b);
}

}  // namespace

Value random_value(const ir::Program& program, Type type, Random& random) {
  type.optional = false;
  if (!type.set) return random_scalar(program, type, random);
  Value set{type, 0, {}, {}, {}};
  for (std::size_t count = random.below(4); count > 0; --count) {
    set.elements.push_back(random_scalar(program, type.element(), random));
  }
  std::ranges::sort(set.elements, [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  const auto repeats = std::ranges::unique(set.elements);
  set.elements.erase(repeats.begin(), repeats.end());
  return set;
}

std::string random_text(Random& random) {
  static constexpr std::string_view kTexts[] = {"a",  "b",   "ab", "a.b",   "a",  "b", "ab",
                                                "a.", "aab", "ba", "alice", "sa", "",  "alice.a"};
  std::string text(random.one_of(kTexts));
  if (random.percent(10)) text += random.one_of(kTexts);
  return text;
}

ir::ConditionId random_condition(ir::Builder& builder, Random& random, Reads reads) {
  return Grower(builder, random, reads).run();
}

}  // namespace writ::tests
