// writ audit: the verbs that read the log of decisions.
#include "compiler/cli/audit.h"

#include "runtime/audit/event.h"
#include "runtime/audit/facts.h"
#include "runtime/audit/json_writer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace writ::cli {
namespace {

constexpr std::size_t kShownBytesMax = 300;
constexpr std::chrono::seconds kSilent{1};
constexpr std::chrono::milliseconds kBetween{200};

std::string shown(std::string_view text) { return printable(text); }

std::string principal_of(const audit::SessionDef* session) {
  if (session == nullptr) return "(nobody)";
  std::string text = shown(session->facts.principal_type + ":" + session->facts.principal_name);
  if (session->facts.host) text += "@" + shown(*session->facts.host);
  return text;
}

std::string operations_of(const audit::QuestionDef& question, const audit::Entry& row) {
  if (row.kind != audit::EntryKind::Mask) {
    return question.operations.empty() ? "?" : shown(question.operations.front());
  }
  std::string text;
  for (std::size_t bit = 0; bit < question.operations.size() && bit < 32; ++bit) {
    if ((row.asked >> bit & 1U) == 0) continue;
    text += (text.empty() ? "" : ",") + std::string((row.allowed >> bit & 1U) != 0 ? "+" : "-") +
            shown(question.operations[bit]);
  }
  return text;
}

std::string asked_of(const audit::Definitions& definitions, const audit::Entry& row) {
  const audit::QuestionDef* question = definitions.question(row.question);
  if (question == nullptr) return "(nothing is known of the question)";
  std::string name = "(any)";
  if (row.kind != audit::EntryKind::ByKind) {
    const audit::ResourceDef* resource = definitions.resource(row.resource);
    name = '"' + (resource != nullptr ? shown(resource->name)
                                      : shown(audit::name_seen(row.name).front)) + '"';
  }
  std::string text =
      fmt::format("{} {} {}", operations_of(*question, row), shown(question->kind), name);
  if (!question->scope.empty()) text += " at " + shown(question->scope);
  return text;
}

std::string why_of(const audit::ReasonDef* reason) {
  if (reason == nullptr) return {};
  std::string text(name_of(reason->reason));
  const audit::Explained& why = reason->why;
  if (!why.statement.empty()) text += ": " + shown(why.statement);
  if (!why.file.empty()) text += fmt::format(" ({}:{})", shown(why.file), why.line);
  if (!why.error.empty()) text += ", because " + shown(why.error);
  return text;
}

struct Painted {
  std::string_view word;
  std::string_view colour;
};
Painted word_of(const audit::Entry& row) {
  constexpr std::string_view kRed = "\x1b[31m";
  constexpr std::string_view kGreen = "\x1b[32m";
  constexpr std::string_view kYellow = "\x1b[33m";
  switch (row.kind) {
    case audit::EntryKind::Decision:
    case audit::EntryKind::ByKind:
      return row.verdict == Verdict::Allow ? Painted{"ALLOW", kGreen} : Painted{"DENY", kRed};
    case audit::EntryKind::Mask: return {"MASK", ""};
    case audit::EntryKind::Unavailable: return {"UNREC", kRed};
    case audit::EntryKind::Infrastructure: return {"INFRA", ""};
    case audit::EntryKind::Authentication: return {"AUTH", ""};
    case audit::EntryKind::Lifecycle: return {"EVENT", kYellow};
    case audit::EntryKind::Gap: return {"GAP", kRed};
    case audit::EntryKind::Withdrawn: return {"UNDO", kRed};
  }
  return {"?", ""};
}

std::string said_of(const audit::Definitions& definitions, const audit::Entry& row) {
  switch (row.kind) {
    case audit::EntryKind::Decision:
    case audit::EntryKind::Mask:
    case audit::EntryKind::ByKind: {
      std::string text = fmt::format("{:<28}  {:<44}  {}",
                                     principal_of(definitions.session(row.session)),
                                     asked_of(definitions, row),
                                     why_of(definitions.reason(row.reason)));
      if (row.purpose != audit::Purpose::Enforce) {
        text += row.purpose == audit::Purpose::Probe ? " [probe]" : " [filter]";
      }
      if (row.count != 1 && row.kind != audit::EntryKind::Mask) {
        text += fmt::format(" [{} times]", row.count);
      }
      return text;
    }
    case audit::EntryKind::Unavailable:
      return fmt::format("{} decisions were denied: they could not be recorded", row.count);
    case audit::EntryKind::Infrastructure:
      return fmt::format("{} infrastructure operations did not wait for room", row.count);
    case audit::EntryKind::Withdrawn:
      return "row " + shown(row.text) + " was not released: it turned into a denial";
    case audit::EntryKind::Authentication:
    case audit::EntryKind::Lifecycle:
    case audit::EntryKind::Gap: break;
  }
  std::string text = row.text;
  std::ranges::replace(text, '\n', ' ');
  return shown(text);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  audit::append_json(out, audit::front(text, kShownBytesMax));
  out = out.substr(1, out.size() - 2);
  return text.size() > kShownBytesMax ? out + "…" : out;
}

std::string row_line(const audit::Definitions& definitions, const audit::Entry& row, bool colour) {
  const Painted word = word_of(row);
  const bool painted = colour && !word.colour.empty();
  std::string line = fmt::format("{}  {}{:<5}{}  {}", audit::event_time(row.time_us),
                                 painted ? word.colour : "", word.word, painted ? "\x1b[0m" : "",
                                 said_of(definitions, row));
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

bool colour_on_stdout() {
  return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

Progress::~Progress() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::uint64_t done, std::uint64_t all) {
  const auto now = std::chrono::steady_clock::now();
  if (now - started_ < kSilent || now - shown_ < kBetween || isatty(STDERR_FILENO) != 1) return;
  shown_ = now;
  visible_ = true;
  const std::uint64_t percent = all == 0 ? 100 : std::min<std::uint64_t>(done * 100 / all, 100);
  fmt::print(stderr, "\r{} {}% of {} MB", what_, percent, all / 1'000'000);
  std::fflush(stderr);
}

void add_audit(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("audit", "Reads, searches and proves the log of decisions");
  verb->require_subcommand(1);
  add_audit_cat(*verb, action);
  add_audit_tail(*verb, action);
  add_audit_query(*verb, action);
  add_audit_stats(*verb, action);
  add_audit_verify(*verb, action);
  add_audit_replay(*verb, action);
  verb->footer(
      "LOG is the folder that the drain writes to.\n"
      "Examples:\n"
      "  writ audit tail -f LOG\n"
      "  writ audit query LOG --principal User:alice --verdict deny --since 2026-11-02\n"
      "  writ audit verify LOG --trust keys/audit.pub.pem --head head.txt");
}

}  // namespace writ::cli
