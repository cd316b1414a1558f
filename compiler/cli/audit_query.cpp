// writ audit query, writ audit stats: which rows, and how many.
#include "compiler/cli/audit.h"
#include "runtime/audit/event.h"
#include "runtime/audit/query/query.h"
#include "runtime/audit/render/renderer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace writ::cli {
namespace {

constexpr std::size_t kMostFrequent = 10;

struct QueryLogOptions {
  std::string folder;
  audit::query::Filter filter;
  std::string verdict, since, until;
  std::uint64_t limit = 0;  // 0: all
  bool scan = false;
  bool count = false;
  Format format = Format::Text;
};

Result<std::optional<std::int64_t>> time_of(const std::string& text, const char* option) {
  if (text.empty()) return std::nullopt;
  const auto time = parse_time(text);
  if (!time) {
    return fail(ErrorCode::Usage,
                fmt::format("{} `{}` is no time: write 2026-11-02 or 2026-11-02T09:00:00Z", option,
                            text));
  }
  return std::optional(*time);
}

Status complete(QueryLogOptions& options) {
  WRIT_ASSIGN(since, time_of(options.since, "--since"));
  WRIT_ASSIGN(until, time_of(options.until, "--until"));
  options.filter.since_us = since;
  options.filter.until_us = until;
  if (!options.verdict.empty()) {
    options.filter.verdict = options.verdict == "allow" ? Verdict::Allow : Verdict::Deny;
  }
  return {};
}

void say_summary(const QueryLogOptions& options, const audit::query::Counts& counts) {
  if (options.count) {
    print(options.format == Format::Json ? fmt::format("{{\"matched\":{}}}\n", counts.matched)
                                         : fmt::format("{}\n", counts.matched));
  }
  if (counts.unreadable_end) {
    fmt::print(stderr, "warning: the log's end cannot be read: {} ({})\n",
               counts.unreadable_end->message, counts.unreadable_end->where);
  }
  if (options.format == Format::Text && !options.count) {
    fmt::print(stderr, "{} rows match, of {}; {} of {} blocks were read\n", counts.matched,
               counts.rows, counts.blocks_read, counts.blocks);
  }
}

Exit query_log(QueryLogOptions options) {
  const Status complete_status = complete(options);
  if (!complete_status) return report(complete_status.error(), options.format);
  audit::render::Renderer renderer{audit::EventOptions{}};
  const bool colour = colour_on_stdout();
  std::string line;
  std::uint64_t left = options.limit;
  const audit::query::Found found = [&](const audit::Definitions& definitions,
                                        const audit::Entry& row) {
    if (options.count) return true;
    if (options.format == Format::Json) {
      line.clear();
      renderer.event(definitions, row, line);
      print(line);
    } else {
      print(row_line(definitions, row, colour));
    }
    return options.limit == 0 || --left > 0;
  };
  const auto counts = [&] {
    Progress progress("searching");
    audit::query::Options how;
    how.index = options.scan ? audit::query::UseIndex::No : audit::query::UseIndex::Make;
    how.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
    return audit::query::run(options.folder, options.filter, how, found);
  }();
  if (!counts) return report(counts.error(), options.format);
  say_summary(options, *counts);
  return counts->matched == 0 ? Exit::Findings : Exit::Ok;
}

std::string to_json(const audit::query::Stats& stats) {
  const auto table = [](const std::map<std::string, std::uint64_t>& counts) {
    auto json = nlohmann::ordered_json::object();
    for (const auto& [name, count] : audit::query::most(counts, kMostFrequent)) json[name] = count;
    return json;
  };
  const nlohmann::ordered_json json = {
      {"segments", stats.segments},
      {"blocks", stats.blocks},
      {"bytes", stats.bytes},
      {"rows", stats.rows},
      {"decisions", stats.decisions},
      {"allowed", stats.allowed},
      {"denied", stats.denied},
      {"unavailable", stats.unavailable},
      {"infrastructure", stats.infrastructure},
      {"first", audit::event_time(stats.first_us)},
      {"last", audit::event_time(stats.last_us)},
      {"reasons", table(stats.reasons)},
      {"operations", table(stats.operations)},
      {"principals", table(stats.principals)},
      {"resources", table(stats.resources)},
      {"bundles", table(stats.bundles)}};
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string to_text(const audit::query::Stats& stats) {
  std::string text = fmt::format(
      "rows        {} in {} blocks of {} segments\ndecisions   {}: {} allowed, {} denied\n",
      stats.rows, stats.blocks, stats.segments, stats.decisions, stats.allowed, stats.denied);
  if (stats.unavailable != 0) {
    text += fmt::format("unrecorded  {} denials, because they could not be recorded\n",
                        stats.unavailable);
  }
  if (stats.infrastructure != 0) {
    text += fmt::format("counted     {} infrastructure operations while a ring was full\n",
                        stats.infrastructure);
  }
  text += fmt::format("bytes       {}, {:.1f} a decision\n", stats.bytes,
                      stats.decisions == 0 ? 0.0
                                           : static_cast<double>(stats.bytes) /
                                                 static_cast<double>(stats.decisions));
  if (stats.rows != 0) {
    text += fmt::format("time        {} to {}\n", audit::event_time(stats.first_us),
                        audit::event_time(stats.last_us));
  }
  const auto table = [&](std::string_view title,
                         const std::map<std::string, std::uint64_t>& counts) {
    for (const auto& [name, count] : audit::query::most(counts, kMostFrequent)) {
      text += fmt::format("{:<10}  {:>14}  {}\n", title, count, printable(name));
      title = "";
    }
  };
  table("reasons", stats.reasons);
  table("operations", stats.operations);
  table("principals", stats.principals);
  table("resources", stats.resources);
  table("bundles", stats.bundles);
  return text;
}

struct StatsOptions {
  std::string folder;
  Format format = Format::Text;
};

Exit stats_of(const StatsOptions& options) {
  const auto stats = [&] {
    Progress progress("counting");
    audit::query::Options how;
    how.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
    return audit::query::count(options.folder, how);
  }();
  if (!stats) return report(stats.error(), options.format);
  print(options.format == Format::Json ? to_json(*stats) : to_text(*stats));
  if (stats->unreadable_end) {
    fmt::print(stderr, "warning: the log's end cannot be read: {} ({})\n",
               stats->unreadable_end->message, stats->unreadable_end->where);
  }
  return Exit::Ok;
}

}  // namespace

void add_audit_query(CLI::App& audit, Action& action) {
  CLI::App* verb = audit.add_subcommand("query", "The rows of a log that mean something");
  auto options = std::make_shared<QueryLogOptions>();
  verb->add_option("LOG", options->folder, "the log's folder")->required();
  verb->add_option("--principal", options->filter.principals, "Type:name");
  verb->add_option("--resource", options->filter.resources, "the resource's name");
  verb->add_option("--kind", options->filter.kinds, "the resource's kind: Topic");
  verb->add_option("--operation", options->filter.operations, "Read");
  verb->add_option("--reason", options->filter.reasons, "the reason's class: default, guard");
  verb->add_option("--verdict", options->verdict, "allow or deny")
      ->check(CLI::IsMember({"allow", "deny"}));
  verb->add_option("--since", options->since, "from this time on (UTC)");
  verb->add_option("--until", options->until, "before this time (UTC)");
  verb->add_option("--limit", options->limit, "stop after so many rows");
  verb->add_flag("--count", options->count, "only say how many");
  verb->add_flag("--scan", options->scan, "read every block, trust no index");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Options of different names all hold; of one name, one of them does. A word that ends in *\n"
      "is a prefix. Beside each closed segment an index is made for the next query; an index\n"
      "proves nothing, so --scan does without.\n"
      "Example:\n"
      "  writ audit query LOG --principal User:alice --kind Topic --verdict deny\n"
      "Exit: 0 rows were found, 1 none was, 2 bad usage, 3 the log cannot be read.");
  verb->callback([options, &action] { action = [options] { return query_log(*options); }; });
}

void add_audit_stats(CLI::App& audit, Action& action) {
  CLI::App* verb = audit.add_subcommand("stats", "What a log holds, counted");
  auto options = std::make_shared<StatsOptions>();
  verb->add_option("LOG", options->folder, "the log's folder")->required();
  add_format(*verb, options->format, {"text", "json"});
  verb->footer("Exit: 0 counted, 3 the log cannot be read.");
  verb->callback([options, &action] { action = [options] { return stats_of(*options); }; });
}

}  // namespace writ::cli
