#include "compiler/lower/regex.h"

#include <algorithm>
#include <bitset>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "compiler/lower/regex_nfa.h"
#include "runtime/base/limits.h"

namespace writ::lower {
namespace {

using Set = std::vector<std::uint32_t>;  // states of the Nfa, sorted

// Subset construction makes more states than are left after merging equal ones; this bounds the
// work, the limit of the language bounds the result.
constexpr std::size_t kSubsetsMax = 16 * limits::kDfaStatesMax;

class Subsets {
 public:
  explicit Subsets(const Nfa& nfa) : nfa_(nfa) {}

  Set closure(Set todo) const {
    std::vector<bool> seen(nfa_.states.size());
    Set out;
    while (!todo.empty()) {
      const std::uint32_t at = todo.back();
      todo.pop_back();
      if (at == Nfa::kNone || seen[at]) {
        continue;
      }
      seen[at] = true;
      const Nfa::State& state = nfa_.states[at];
      if (state.kind == Nfa::State::Kind::Split) {
        todo.push_back(state.next);
        todo.push_back(state.other);
      } else {
        out.push_back(at);
      }
    }
    std::ranges::sort(out);
    return out;
  }
  [[nodiscard]] Set move(const Set& from, std::uint8_t byte) const {
    Set to;
    for (const std::uint32_t at : from) {
      const Nfa::State& state = nfa_.states[at];
      if (state.kind == Nfa::State::Kind::Bytes && byte >= state.low && byte <= state.high) {
        to.push_back(state.next);
      }
    }
    return closure(std::move(to));
  }
  [[nodiscard]] bool accepts(const Set& set) const {
    return std::ranges::any_of(set, [&](std::uint32_t at) {
      return nfa_.states[at].kind == Nfa::State::Kind::Accept;
    });
  }

 private:
  const Nfa& nfa_;
};

// Bytes that no move of the automaton tells apart are one class.
std::vector<std::uint8_t> byte_classes(const Nfa& nfa, std::uint16_t& count) {
  std::bitset<257> cuts;
  for (const Nfa::State& state : nfa.states) {
    if (state.kind == Nfa::State::Kind::Bytes) {
      cuts.set(state.low);
      cuts.set(static_cast<std::size_t>(state.high) + 1);
    }
  }
  std::vector<std::uint8_t> classes(256);
  std::uint8_t current = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    if (byte != 0 && cuts.test(byte)) {
      ++current;
    }
    classes[byte] = current;
  }
  count = static_cast<std::uint16_t>(current + 1);
  return classes;
}

struct Machine {
  std::vector<std::uint32_t> moves;  // state * classes + class; state 0 is dead
  std::vector<std::uint8_t> accepting;
  std::uint32_t start = 0;
};

Result<Machine> determinise(const Nfa& nfa, const std::vector<std::uint8_t>& classes,
                            std::uint16_t class_count) {
  std::vector<std::uint8_t> example(class_count);
  for (std::size_t byte = 256; byte-- > 0;) {
    example[classes[byte]] = static_cast<std::uint8_t>(byte);
  }
  const Subsets subsets(nfa);
  std::map<Set, std::uint32_t> ids = {{Set{}, 0}};
  std::vector<Set> todo = {{}};
  Machine out;
  const auto id_of = [&](Set set) {
    const auto [found, fresh] = ids.emplace(set, static_cast<std::uint32_t>(todo.size()));
    if (fresh) {
      todo.push_back(std::move(set));
    }
    return found->second;
  };
  out.start = id_of(subsets.closure({nfa.start}));
  for (std::size_t i = 0; i < todo.size(); ++i) {
    if (todo.size() > kSubsetsMax) {
      return fail(ErrorCode::Limit,
                  fmt::format("needs more than {} states", limits::kDfaStatesMax));
    }
    const Set set = todo[i];
    out.accepting.push_back(subsets.accepts(set) ? 1 : 0);
    for (std::uint16_t c = 0; c < class_count; ++c) {
      out.moves.push_back(id_of(subsets.move(set, example[c])));
    }
  }
  return out;
}

// Moore's partition refinement: states that no text tells apart become one. State 0 stays dead.
Machine minimise(const Machine& in, std::uint16_t class_count) {
  const std::size_t count = in.accepting.size();
  std::vector<std::uint32_t> block(count);
  for (std::size_t i = 0; i < count; ++i) {
    block[i] = in.accepting[i];
  }
  std::size_t blocks = 0;
  while (true) {
    std::map<std::vector<std::uint32_t>, std::uint32_t> next;
    std::vector<std::uint32_t> refined(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<std::uint32_t> key = {block[i]};
      for (std::uint16_t c = 0; c < class_count; ++c) {
        key.push_back(block[in.moves[i * class_count + c]]);
      }
      refined[i] = next.emplace(std::move(key), static_cast<std::uint32_t>(next.size()))
                       .first->second;
    }
    block = std::move(refined);
    if (next.size() == blocks) {
      break;
    }
    blocks = next.size();
  }
  // State 0 was seen first, so the dead block is 0.
  Machine out;
  out.accepting.resize(blocks);
  out.moves.resize(blocks * class_count);
  out.start = block[in.start];
  for (std::size_t i = 0; i < count; ++i) {
    out.accepting[block[i]] = in.accepting[i];
    for (std::uint16_t c = 0; c < class_count; ++c) {
      out.moves[block[i] * class_count + c] = block[in.moves[i * class_count + c]];
    }
  }
  return out;
}

}  // namespace

Result<ir::Dfa> compile_regex(std::string_view pattern) {
  WRIT_ASSIGN(nfa, parse_regex(pattern));
  ir::Dfa dfa;
  dfa.byte_class = byte_classes(nfa, dfa.classes);
  WRIT_ASSIGN(full, determinise(nfa, dfa.byte_class, dfa.classes));
  const Machine machine = minimise(full, dfa.classes);
  if (machine.accepting.size() > limits::kDfaStatesMax) {
    return fail(ErrorCode::Limit, fmt::format("needs {} states, the most is {}",
                                              machine.accepting.size(), limits::kDfaStatesMax));
  }
  dfa.start = static_cast<std::uint16_t>(machine.start);
  dfa.accepting = machine.accepting;
  dfa.transitions.assign(machine.moves.begin(), machine.moves.end());
  return dfa;
}

}  // namespace writ::lower
