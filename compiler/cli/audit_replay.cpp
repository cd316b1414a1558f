// writ audit replay: what would another bundle have decided?
#include "compiler/analyze/replay.h"
#include "compiler/cli/audit.h"
#include "compiler/cli/source_engine.h"
#include "runtime/audit/event.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace writ::cli {
namespace {

struct ReplayLogOptions {
  std::string folder;
  SourceOptions source;
  std::uint64_t rows = 100;  // of changes, in text
  Format format = Format::Text;
};

using analyze::Change;
using analyze::Decider;
using analyze::Replayed;

std::string_view word(Verdict verdict) { return verdict == Verdict::Allow ? "ALLOW" : "DENY"; }

nlohmann::ordered_json to_json(const Decider& decider) {
  nlohmann::ordered_json json = {{"reason", decider.reason}};
  if (!decider.statement.empty()) json["statement"] = decider.statement;
  if (!decider.file.empty()) {
    json["file"] = decider.file;
    json["line"] = decider.line;
  }
  return json;
}

std::string to_json(const Replayed& replayed) {
  nlohmann::ordered_json json = {{"rows", replayed.rows},
                                 {"decisions", replayed.decisions},
                                 {"changed", replayed.changed},
                                 {"names_cut", replayed.names_cut},
                                 {"attributes_cut", replayed.attributes_cut},
                                 {"not_decided", replayed.not_decided}};
  json["changes"] = nlohmann::ordered_json::array();
  for (const Change& change : replayed.changes) {
    json["changes"].push_back({{"principal", change.principal},
                               {"operation", change.operation},
                               {"kind", change.kind},
                               {"scope", change.scope},
                               {"before", word(change.before)},
                               {"after", word(change.after)},
                               {"count", change.count},
                               {"was", to_json(change.was)},
                               {"would_be", to_json(change.would_be)},
                               {"example", change.example},
                               {"first", audit::event_time(change.first_us)},
                               {"last", audit::event_time(change.last_us)}});
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string to_text(const Decider& decider) {
  std::string text = printable(decider.reason);
  if (!decider.statement.empty()) text += ": " + printable(decider.statement);
  if (!decider.file.empty()) text += fmt::format(" ({}:{})", printable(decider.file), decider.line);
  return text;
}

std::string to_text(const Replayed& replayed, std::uint64_t rows) {
  std::string text;
  std::uint64_t left = rows;
  for (const Change& change : replayed.changes) {
    if (left-- == 0) break;
    text += fmt::format("{} → {}  {} times  {} {} {}{}\n", word(change.before), word(change.after),
                        change.count, printable(change.principal), printable(change.operation),
                        printable(change.kind),
                        change.scope.empty() ? "" : " at " + printable(change.scope));
    text += fmt::format("    was       {}\n    would be  {}\n", to_text(change.was),
                        to_text(change.would_be));
    text += fmt::format("    example   \"{}\", between {} and {}\n", printable(change.example),
                        audit::event_time(change.first_us), audit::event_time(change.last_us));
  }
  if (replayed.changes.size() > rows) {
    text += fmt::format("and {} more groups (--rows)\n", replayed.changes.size() - rows);
  }
  text += fmt::format("{} of {} decisions would change, in {} groups\n", replayed.changed,
                      replayed.decisions, replayed.changes.size());
  const std::pair<std::uint64_t, const char*> left_out[] = {
      {replayed.names_cut, "names were too long to be kept whole"},
      {replayed.attributes_cut, "attributes were too large to be kept whole"},
      {replayed.not_decided, "were made by no policy"}};
  for (const auto& [count, why] : left_out) {
    if (count != 0) text += fmt::format("{} were not decided again: {}\n", count, why);
  }
  return text;
}

Exit replay_log(const ReplayLogOptions& options) {
  const auto source = open_source(options.source);
  if (!source) return source.error();
  const auto engine = make_engine(*source, {});
  if (!engine) return report(engine.error(), options.format);
  const auto replayed = [&] {
    Progress progress("replaying");
    analyze::ReplayOptions how;
    how.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
    return analyze::replay(options.folder, **engine, how);
  }();
  if (!replayed) return report(replayed.error(), options.format);
  print(options.format == Format::Json ? to_json(*replayed) : to_text(*replayed, options.rows));
  if (replayed->unreadable_end) {
    fmt::print(stderr, "warning: the log's end cannot be read: {} ({})\n",
               replayed->unreadable_end->message, replayed->unreadable_end->where);
  }
  return replayed->changed == 0 ? Exit::Ok : Exit::Findings;
}

}  // namespace

void add_audit_replay(CLI::App& audit, Action& action) {
  CLI::App* verb = audit.add_subcommand("replay", "What another bundle would have decided");
  auto options = std::make_shared<ReplayLogOptions>();
  verb->add_option("LOG", options->folder, "the log's folder")->required();
  verb->add_option("--against", options->source.paths,
                   "a bundle, or policy paths (compiled and signed in memory)")
      ->required();
  verb->add_option("--trust", options->source.trust, "public key (PEM) of who signed the bundle");
  verb->add_option("--rows", options->rows, "of text: so many groups, the largest first");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Decides again what was recorded, each row at its time and with its attributes, and lists\n"
      "every verdict that would change, by principal, operation and deciding line.\n"
      "Example:\n"
      "  writ audit replay LOG --against next.writb --trust keys/release.pub.pem\n"
      "Exit: 0 nothing would change, 1 something would, 2 a bundle without --trust,\n"
      "      3 the log or the bundle cannot be read.");
  verb->callback([options, &action] {
    options->source.format = options->format;
    action = [options] { return replay_log(*options); };
  });
}

}  // namespace writ::cli
