// writ audit cat, writ audit tail: the rows of the log in their order.
#include "compiler/cli/audit.h"
#include "runtime/audit/log/reader.h"
#include "runtime/audit/render/renderer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <ctime>
#include <deque>
#include <memory>

namespace writ::cli {
namespace {

constexpr std::uint64_t kTailRows = 10;
constexpr long kPollNs = 200'000'000;

struct CatOptions {
  std::string folder;
  std::uint64_t rows = kTailRows;  // of tail
  bool follow = false;
  Format format = Format::Text;
};

class Printer {
 public:
  explicit Printer(Format format)
      : format_(format), colour_(colour_on_stdout()), renderer_(audit::EventOptions{}) {}

  void print_row(const audit::Definitions& definitions, const audit::Entry& row) {
    if (format_ == Format::Text) return print(row_line(definitions, row, colour_));
    line_.clear();
    renderer_.event(definitions, row, line_);
    print(line_);
  }

 private:
  Format format_;
  bool colour_;
  audit::render::Renderer renderer_;
  std::string line_;
};

// What stands at the end and is no block is said, not passed over.
void warn_of_end(const audit::log::Reader& reader) {
  if (reader.unreadable_end()) {
    fmt::print(stderr,
               "warning: the log's end cannot be read: {} ({}); it is being written, or `writ "
               "audit verify` says more\n",
               reader.unreadable_end()->message, reader.unreadable_end()->where);
  }
  if (reader.skipped_segments() != 0) {
    fmt::print(stderr, "warning: {} segments are not there any more\n", reader.skipped_segments());
  }
}

Exit print_from(const CatOptions& options, audit::log::Position from, std::uint64_t skip) {
  auto reader = audit::log::Reader::open(options.folder, from,
                                         {.shown = audit::log::Shown::Written, .files = nullptr});
  if (!reader) return report(reader.error(), options.format);
  Printer printer(options.format);
  audit::Batch batch;
  for (;;) {
    const auto more = (*reader)->next(batch);
    if (!more) return report(more.error(), options.format);
    if (!*more) {
      if (!options.follow) break;
      if (finish(Exit::Ok) != Exit::Ok) return Exit::Unreadable;
      const std::timespec pause{0, kPollNs};
      static_cast<void>(nanosleep(&pause, nullptr));
      continue;
    }
    for (const audit::Entry& row : batch.entries) {
      if (skip > 0) {
        --skip;
        continue;
      }
      printer.print_row((*reader)->definitions(), row);
    }
  }
  warn_of_end(**reader);
  return Exit::Ok;
}

Exit cat(const CatOptions& options) { return print_from(options, {}, 0); }

// The youngest block from which on there are enough rows, and how many of its rows are too many.
struct Start {
  audit::log::Position from;
  std::uint64_t skip = 0;
};
Result<Start> find_start(const CatOptions& options) {
  WRIT_ASSIGN(numbers, audit::log::list_segments(options.folder));
  audit::log::Files files;
  Start start;
  std::uint64_t have = 0;
  for (auto number = numbers.rbegin(); number != numbers.rend() && have < options.rows; ++number) {
    WRIT_ASSIGN(segment, audit::log::Segment::open(files, options.folder, *number,
                                                   audit::log::Check::Crc));
    std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks;  // index, rows
    for (auto block = segment.next(); block && *block; block = segment.next()) {
      blocks.emplace_back((*block)->header.index, (*block)->header.entries);
    }
    for (auto block = blocks.rbegin(); block != blocks.rend() && have < options.rows; ++block) {
      have += block->second;
      start.from = {*number, block->first};
    }
  }
  start.skip = have > options.rows ? have - options.rows : 0;
  return start;
}

Exit tail(const CatOptions& options) {
  const auto start = find_start(options);
  if (!start) return report(start.error(), options.format);
  return print_from(options, start->from, start->skip);
}

}  // namespace

void add_audit_cat(CLI::App& audit, Action& action) {
  CLI::App* verb = audit.add_subcommand("cat", "Every row of a log, oldest first");
  auto options = std::make_shared<CatOptions>();
  verb->add_option("LOG", options->folder, "the log's folder")->required();
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Text is a line a row; JSON is a CloudEvents event a row, one a line.\n"
      "Rows are shown as they were written: `writ audit verify` proves them.\n"
      "Exit: 0 shown, 3 the log cannot be read.");
  verb->callback([options, &action] { action = [options] { return cat(*options); }; });
}

void add_audit_tail(CLI::App& audit, Action& action) {
  CLI::App* verb = audit.add_subcommand("tail", "The last rows of a log, and those to come");
  auto options = std::make_shared<CatOptions>();
  verb->add_option("LOG", options->folder, "the log's folder")->required();
  verb->add_option("-n,--rows", options->rows, "how many of the last rows");
  verb->add_flag("-f,--follow", options->follow, "wait for more");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Rows are shown as soon as they are written: a crash of the machine may take back the last\n"
      "ones, up to a second of them, where sinks send only what is on disk.\n"
      "Exit: 0 shown, 3 the log cannot be read.");
  verb->callback([options, &action] { action = [options] { return tail(*options); }; });
}

}  // namespace writ::cli
