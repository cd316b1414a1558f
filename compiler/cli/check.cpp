// writ check: every diagnostic of a policy, or one code explained.
#include "compiler/cli/command.h"
#include "compiler/cli/explain_pages.h"
#include "compiler/cli/source_engine.h"
#include "compiler/supply/supply.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace writ::cli {
namespace {

struct CheckOptions {
  std::vector<std::string> paths;
  std::string explain;
  std::string embedding;
  Format format = Format::Text;
};

Exit explain(const std::string& code) {
  const std::string_view page = explain_page(code);
  if (page.empty()) {
    std::vector<std::string> known;
    for (const diag::Code each : diag::all_codes()) {
      known.emplace_back(diag::code_text(each));
    }
    const std::string near = diag::nearest(code, known);
    return usage(fmt::format("there is no diagnostic `{}`{}", code,
                             near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
  }
  print(page);
  return Exit::Ok;
}

Exit check(const CheckOptions& options) {
  if (!options.explain.empty()) {
    return explain(options.explain);
  }
  if (options.paths.empty()) {
    return usage("check what? Give policy files or folders, or --explain CODE");
  }
  auto compiled = compiler::compile(options.paths);
  if (!compiled) {
    if (options.format == Format::Json) {
      print(diag::render_json(compiled.error()) + "\n");
    } else {
      const diag::Colour colour = colour_on_stderr() ? diag::Colour::On : diag::Colour::Off;
      fmt::print(stderr, "{}\n", diag::render_text(compiled.error(), colour));
    }
    return exit_of(compiled.error().code);
  }
  if (!options.embedding.empty() && compiled->sink.errors() == 0) {
    supply::report(options.embedding, compiled->program, compiled->sources, compiled->sink);
  }
  report(*compiled, options.format, stdout);
  const std::size_t errors = compiled->sink.errors();
  const std::size_t warnings = compiled->sink.warnings();
  if (options.format == Format::Text) {
    print(fmt::format("{} file{}, {} grant{}: {} error{}, {} warning{}\n", compiled->sources.size(),
                      compiled->sources.size() == 1 ? "" : "s", compiled->program.grants.size(),
                      compiled->program.grants.size() == 1 ? "" : "s", errors,
                      errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s"));
  }
  return errors == 0 ? Exit::Ok : Exit::Findings;
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  CLI::App* verb =
      app.add_subcommand("check", "Every mistake of a policy, with its place and cure");
  auto options = std::make_shared<CheckOptions>();
  verb->add_option("PATH", options->paths, "policy files, or folders searched for *.writ");
  verb->add_option("--explain", options->explain, "tell about one diagnostic, for example E0201");
  verb->add_option("--for", options->embedding,
                   "also what a broker's plug-in does not supply: kafka")
      ->check(CLI::IsMember(supply::embeddings()));
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Examples:\n"
      "  writ check policies/acme\n"
      "  writ check policies/acme --format json     one JSON object a diagnostic and line\n"
      "  writ check policies/acme --for kafka       what the plug-in for Kafka cannot know\n"
      "  writ check --explain E0201\n"
      "Exit: 0 no errors, 1 errors, 3 a path could not be read.");
  verb->callback([options, &action] { action = [options] { return check(*options); }; });
}

}  // namespace writ::cli
