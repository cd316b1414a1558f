#include "compiler/cli/command.h"
#include "compiler/compile.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace writ::cli {

Exit exit_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage:
      return Exit::Usage;
    case ErrorCode::Unreadable:
    case ErrorCode::Malformed:
    case ErrorCode::Signature:
    case ErrorCode::Version:
    case ErrorCode::Limit:
    case ErrorCode::Unsupported:
      return Exit::Unreadable;
    case ErrorCode::Internal:
      return Exit::Internal;
  }
  return Exit::Internal;
}

namespace {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage:
      return "usage";
    case ErrorCode::Unreadable:
      return "unreadable";
    case ErrorCode::Malformed:
      return "malformed";
    case ErrorCode::Signature:
      return "signature";
    case ErrorCode::Version:
      return "version";
    case ErrorCode::Limit:
      return "limit";
    case ErrorCode::Unsupported:
      return "unsupported";
    case ErrorCode::Internal:
      return "internal";
  }
  return "internal";
}

diag::Colour colour() {
  return colour_on_stderr() ? diag::Colour::On : diag::Colour::Off;
}

}  // namespace

bool colour_on_stderr() {
  return isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

void add_format(CLI::App& verb, Format& format, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, Format>> values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    values.emplace_back(names[i], static_cast<Format>(i));
  }
  verb.add_option("--format", format, "how to answer")
      ->transform(CLI::CheckedTransformer(values))
      ->option_text(fmt::format("{}", fmt::join(names, "|")));
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

Exit finish(Exit exit) {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fputs("error: the answer could not be written to standard output\n", stderr);
    return Exit::Unreadable;
  }
  return exit;
}

Exit report(const Error& error, Format format) {
  if (format == Format::Json) {
    const nlohmann::ordered_json json = {{"severity", "error"},
                                         {"error", name_of(error.code)},
                                         {"message", error.message},
                                         {"where", error.where}};
    print(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    const std::string where = error.where.empty() ? "" : fmt::format(" ({})", error.where);
    fmt::print(stderr, "error: {}{}\n", error.message, where);
  }
  return exit_of(error.code);
}

Exit usage(std::string_view message) {
  fmt::print(stderr, "error: {}\n", message);
  return Exit::Usage;
}

void report(const compiler::Compiled& compiled, Format format, std::FILE* json_to) {
  report(compiled.sink, compiled.sources, format, json_to);
}

void report(const diag::Sink& sink, const source::SourceSet& sources, Format format,
            std::FILE* json_to) {
  for (const diag::Diag& diag : sink.sorted()) {
    if (format == Format::Json) {
      fmt::print(json_to, "{}\n", diag::render_json(diag, sources));
    } else {
      std::string text = diag::render_text(diag, sources, colour());
      if (!text.ends_with('\n')) {
        text += '\n';
      }
      fmt::print(stderr, "{}\n", text);
    }
  }
}

}  // namespace writ::cli
