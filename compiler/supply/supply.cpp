#include "compiler/supply/supply.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "compiler/supply/needs.h"

namespace writ::supply {
namespace {

enum class When : std::uint8_t { Never, Builder, Groups, Always };

When kafka_supplies(std::string_view fact) {
#define WRIT_SUPPLIES(name, when) \
  if (fact == name) return When::when;
#define WRIT_WITH(when, help)
#include "compiler/supply/kafka.def"
#undef WRIT_SUPPLIES
#undef WRIT_WITH
  return When::Never;
}

std::string_view kafka_help(When when) {
#define WRIT_SUPPLIES(name, supplied)
#define WRIT_WITH(with, help) \
  if (when == When::with) return help;
#include "compiler/supply/kafka.def"
#undef WRIT_SUPPLIES
#undef WRIT_WITH
  return "decide by the principal, the host or another fact that kafka supplies";
}

/// Where a statement stands: to the end of its first line. None: not in a text of the policy.
std::optional<source::Span> span_of(const source::SourceSet& sources, const ir::Program& program,
                                    const ir::Origin& origin) {
  for (std::size_t at = 0; at < sources.size(); ++at) {
    const source::FileId id(at);
    const source::File& file = sources.file(id);
    if (file.display != program.text(origin.file)) continue;
    if (origin.line == 0 || origin.line > file.line_starts.size()) return std::nullopt;
    const std::uint32_t start = file.line_starts[origin.line - 1];
    const std::string_view line = sources.line(id, origin.line);
    // Columns count code points; a byte that goes on with one counts nothing.
    std::uint32_t begin = 0;
    for (std::uint32_t left = origin.column; begin < line.size(); ++begin) {
      const bool goes_on = (static_cast<unsigned char>(line[begin]) & 0xC0) == 0x80;
      if (!goes_on && --left == 0) break;
    }
    const auto end = static_cast<std::uint32_t>(line.size());
    return source::Span{id, start + begin, start + std::max(end, begin)};
  }
  return std::nullopt;
}

std::string subject_of(const ir::Program& program, const ir::Grant& grant) {
  if (grant.layer == ir::Layer::Guard) {
    return fmt::format("guard `{}`", program.text(program.origins[grant.origin.index].rule));
  }
  return grant.effect == ir::Effect::Allow ? "this allow" : "this denial";
}

/// What happens where the fact is not known.
std::string consequence(const ir::Grant& grant, const Need& need) {
  if (need.only_has) return fmt::format("there `has {}` is false", need.fact);
  return grant.effect == ir::Effect::Allow ? "unknown there, so this allows nothing by it"
                                           : "unknown there, so this denies whatever it speaks of";
}

diag::Code code_of(const ir::Grant& grant, When when) {
  if (when != When::Never) return diag::Code::SuppliedBySetting;
  return grant.effect == ir::Effect::Allow ? diag::Code::NeverSuppliedAllow
                                           : diag::Code::NeverSupplied;
}

std::string message_of(const ir::Program& program, const ir::Grant& grant, const Need& need,
                       When when) {
  const std::string fact =
      need.fact == kGroups ? "membership of an external group" : fmt::format("`{}`", need.fact);
  return fmt::format("{} rests on {}, which kafka {}", subject_of(program, grant), fact,
                     when == When::Never ? "never supplies" : "supplies only where it is set up");
}

}  // namespace

std::vector<std::string> embeddings() { return {"kafka"}; }

void report(std::string_view embedding, const ir::Program& program,
            const source::SourceSet& sources, diag::Sink& sink) {
  if (embedding != "kafka") return;
  std::map<std::uint32_t, std::set<Need>> said;  // by origin: grants of one statement share it
  for (const ir::Grant& grant : program.grants) {
    // Superusers and infrastructure have neither kind nor condition.
    if (grant.layer != ir::Layer::Guard && grant.layer != ir::Layer::Grant) continue;
    // A broker asks about its own kinds alone: never about keys.
    const ir::Kind& kind = program.kinds[grant.kind.index];
    if (program.text(program.models[kind.model.index].name) != embedding) continue;
    for (const Need& need : needs_of(program, grant)) {
      const When when = kafka_supplies(need.fact);
      if (when == When::Always || !said[grant.origin.index].insert(need).second) continue;
      const auto span = span_of(sources, program, program.origins[grant.origin.index]);
      if (!span) continue;
      sink.add({code_of(grant, when), message_of(program, grant, need, when),
                {*span, consequence(grant, need)}, {}, std::string(kafka_help(when))});
    }
  }
}

}  // namespace writ::supply
