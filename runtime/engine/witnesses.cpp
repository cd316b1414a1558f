#include "runtime/engine/witnesses.h"

#include <algorithm>
#include <string_view>

#include "runtime/base/limits.h"

namespace writ::engine {
namespace {

using tables::kNone;

class Witnesses {
 public:
  Witnesses(const ir::Program& program, const tables::Tables& tables, std::uint32_t kind)
      : program_(program), tables_(tables), kind_(kind) {}

  std::vector<std::string> all() {
    for (std::uint32_t set = 0; set < program_.pattern_sets.size(); ++set) {
      if (program_.pattern_sets[set].kind.index != kind_) continue;
      const tables::SetEntry& entry = tables_.sets[set];
      for (std::uint32_t at = 0; at < entry.loose_count; ++at) {
        loose_.push_back(tables_.loose[entry.loose_begin + at]);
      }
    }
    const tables::KindNames& names = tables_.kinds[kind_];
    for (std::uint32_t at = 0; at < names.node_count; ++at) {
      of_node(tables_.nodes[names.node_begin + at]);
    }
    for (const tables::Loose& loose : loose_) around("", std::string(text_of(loose)));
    for (const ir::Facts& facts : program_.facts) {
      if (facts.kind.index == kind_) names_.emplace_back(program_.text(facts.name));
    }
    names_.push_back(fresh(""));
    std::erase_if(names_, [](const std::string& name) {
      return name.size() > limits::kNameBytesMax;
    });
    std::ranges::sort(names_);
    const auto repeats = std::ranges::unique(names_);
    names_.erase(repeats.begin(), repeats.end());
    return std::move(names_);
  }

 private:
  std::string_view text_of(const tables::Loose& loose) const {
    return {tables_.text.data() + loose.text_begin, loose.text_bytes};
  }

  void of_node(const tables::Node& node) {
    const std::string text(tables_.node_text(node));
    switch (static_cast<ir::PatternForm>(node.form)) {
      case ir::PatternForm::Literal: names_.push_back(text); return;
      case ir::PatternForm::Prefix:
        if (!text.empty()) names_.push_back(text);
        names_.push_back(fresh(text));
        for (const tables::Loose& loose : loose_) around(text, std::string(text_of(loose)));
        return;
      case ir::PatternForm::Any:
      case ir::PatternForm::Suffix:
      case ir::PatternForm::Contains: return;
    }
  }

  void around(const std::string& prefix, const std::string& text) {
    names_.push_back(prefix + text);
    names_.push_back(fresh(prefix + text));
    names_.push_back(fresh(prefix) + text);
    names_.push_back(fresh(fresh(prefix) + text));
  }

  /// An extension that no pattern covers but those that cover every extension. Extensions are
  /// tried in the order of length over all printable characters: a policy may name a prefix that
  /// begins with any of them. Patterns that ask for each single character somewhere would leave
  /// none: then any extension is as good.
  std::string fresh(const std::string& text) const {
    constexpr std::size_t kTriesMax = 10'000;
    constexpr std::size_t kPrintable = '~' - '!' + 1;
    for (std::size_t count = 0; count < kTriesMax; ++count) {
      std::string name = text;
      for (std::size_t rest = count + 1; rest > 0; rest = (rest - 1) / kPrintable) {
        name += static_cast<char>('~' - (rest - 1) % kPrintable);
      }
      if (!taken(text, name)) return name;
    }
    return text + "~";
  }

  bool taken(const std::string& text, const std::string& name) const {
    const std::uint32_t id = tables_.resolve(kind_, name);
    if (id != kNone) {
      const tables::Node& node = tables_.nodes[id];
      const auto form = static_cast<ir::PatternForm>(node.form);
      if (form == ir::PatternForm::Literal) return true;
      if (form == ir::PatternForm::Prefix && node.text_bytes > text.size()) return true;
    }
    return std::ranges::any_of(loose_, [&](const tables::Loose& loose) {
      const std::string_view of = text_of(loose);
      if (static_cast<ir::PatternForm>(loose.form) == ir::PatternForm::Suffix) {
        return name.ends_with(of);
      }
      return name.find(of) != std::string::npos && text.find(of) == std::string::npos;
    });
  }

  const ir::Program& program_;
  const tables::Tables& tables_;
  const std::uint32_t kind_;
  std::vector<tables::Loose> loose_;
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> witnesses_of(const ir::Program& program, const tables::Tables& tables,
                                      std::uint32_t kind) {
  return Witnesses(program, tables, kind).all();
}

std::vector<std::uint8_t> kinds_with_names_read(const ir::Program& program) {
  std::vector<std::uint8_t> shapes;
  for (const ir::Shape& shape : program.shapes) {
    const bool reads = std::ranges::any_of(shape.insts, [](const ir::Inst& inst) {
      return inst.kind == ir::InstKind::ResourceName || inst.kind == ir::InstKind::Matches;
    });
    shapes.push_back(reads ? 1 : 0);
  }
  std::vector<std::uint8_t> kinds(program.kinds.size(), 0);
  for (const ir::Grant& grant : program.grants) {
    if (!grant.condition.valid() || !grant.kind.valid()) continue;
    kinds[grant.kind.index] |= shapes[program.conditions[grant.condition.index].shape.index];
  }
  return kinds;
}

}  // namespace writ::engine
