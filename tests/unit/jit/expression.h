// Conditions for tests of native code, put together from small pieces: children first, as the
// program wants them. And the frames that they are asked with.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "runtime/interp/frame.h"
#include "runtime/interp/interp.h"
#include "runtime/ir/builder.h"

namespace writ::jit {

/// A subtree in post-order with the constants that it reads.
struct Expr {
  std::vector<ir::Inst> insts;
  std::vector<Value> constants;
  [[nodiscard]] Type type() const { return insts.back().type; }
};

[[nodiscard]] Expr constant(Value value);
[[nodiscard]] Expr set_of(TypeKind element, std::vector<Value> elements);
/// An instruction without operands that are instructions: `a` is an id, or nothing.
[[nodiscard]] Expr leaf(ir::InstKind kind, Type type, std::uint32_t a = 0);
/// `extra` is the automaton or zone.
[[nodiscard]] Expr one(ir::InstKind kind, Type type, const Expr& a, std::uint32_t extra = 0);
[[nodiscard]] Expr two(ir::InstKind kind, Type type, const Expr& a, const Expr& b);
[[nodiscard]] Expr three(ir::InstKind kind, Type type, const Expr& a, const Expr& b,
                         const Expr& c);

struct Row {
  std::string name;
  Expr condition;
};

/// Values of one type, the least first.
struct Samples {
  const char* name;
  Type type;
  std::vector<Value> values;
};
[[nodiscard]] const std::vector<Samples>& samples();

/// Attributes of every type and moment, one membership, class, pattern set, automaton and zone.
class Vocabulary {
 public:
  explicit Vocabulary(ir::Builder& builder);
  /// Loads the attribute of this type and moment: a scalar, or a set of the type.
  [[nodiscard]] static Expr load(std::size_t sample, ir::AttributeMoment moment, bool set = false);
  [[nodiscard]] static Expr has(std::size_t sample, ir::AttributeMoment moment);
};

enum class Said : std::uint8_t { Low, High, Missing, None, BadValue, Nothing };
inline constexpr std::array kSaid = {Said::Low,  Said::High,     Said::Missing,
                                     Said::None, Said::BadValue, Said::Nothing};

/// What a question says of all that conditions read: the first or last of each type's samples, or
/// why there is no value. Nothing: no facts, no host, no time, no membership known.
class AskedFrame {
 public:
  explicit AskedFrame(Said said);
  [[nodiscard]] const Frame& frame() const { return frame_; }

 private:
  void fill(Said said);

  ir::Program values_;
  interp::Constants constants_;
  std::array<std::vector<Slot>, 3> slots_;
  std::array<std::vector<std::uint8_t>, 3> presence_;
  std::array<std::uint8_t, 1> memberships_{};
  std::array<std::uint8_t, 1> classes_{};
  std::array<std::uint32_t, 1> class_errors_{};
  Frame frame_;
};

}  // namespace writ::jit
