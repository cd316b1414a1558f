// writ test: the test blocks of a policy, through every evaluator.
#include "compiler/cli/command.h"
#include "compiler/cli/source_engine.h"
#include "compiler/test/run_tests.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace writ::cli {
namespace {

struct TestOptions {
  std::vector<std::string> paths;
  std::string filter;
  Format format = Format::Text;
};

using Results = std::vector<test::ClaimResult>;

std::string place(const test::ClaimResult& result) {
  return fmt::format("{}:{}", result.claim->file, result.claim->line);
}

std::string to_text(const Results& results) {
  std::string text;
  for (std::size_t i = 0; i < results.size();) {
    const model::TestBlock* block = results[i].block;
    std::size_t passed = 0;
    std::size_t end = i;
    std::string failures;
    for (; end < results.size() && results[end].block == block; ++end) {
      const test::ClaimResult& result = results[end];
      passed += result.passed ? 1 : 0;
      if (!result.passed) {
        failures += fmt::format("       {}\n         {}\n         {}\n", place(result),
                                result.claim->text, result.message);
      }
    }
    text += fmt::format("{}  {} ({}/{})\n{}", failures.empty() ? "ok    " : "FAILED", block->title,
                        passed, end - i, failures);
    i = end;
  }
  return text;
}

std::string to_json(const Results& results) {
  std::string text;
  for (const test::ClaimResult& result : results) {
    const nlohmann::ordered_json json = {{"test", result.block->title},
                                         {"claim", result.claim->text},
                                         {"file", result.claim->file},
                                         {"line", result.claim->line},
                                         {"passed", result.passed},
                                         {"message", result.message},
                                         {"reason", name_of(result.decision.reason)}};
    text += json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return text;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        break;
    }
  }
  return out;
}

std::string to_junit(const Results& results, std::size_t failed) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites tests=\"{0}\" failures=\"{1}\">\n"
      "  <testsuite name=\"writ\" tests=\"{0}\" failures=\"{1}\">\n",
      results.size(), failed);
  for (const test::ClaimResult& result : results) {
    text += fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
                        xml_escaped(result.block->title), xml_escaped(result.claim->text),
                        xml_escaped(result.claim->file), result.claim->line);
    text += result.passed ? "/>\n"
                          : fmt::format("><failure message=\"{}\"/></testcase>\n",
                                        xml_escaped(result.message));
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

Exit print_results(const Results& results, Format format) {
  std::size_t failed = 0;
  for (const test::ClaimResult& result : results) {
    failed += result.passed ? 0 : 1;
  }
  switch (format) {
    case Format::Text:
      print(to_text(results));
      print(fmt::format("{} passed, {} failed\n", results.size() - failed, failed));
      break;
    case Format::Json:
      print(to_json(results));
      break;
    case Format::Junit:
      print(to_junit(results, failed));
      break;
  }
  return failed == 0 ? Exit::Ok : Exit::Findings;
}

Exit run_tests(const TestOptions& options) {
  const Format errors = options.format == Format::Json ? Format::Json : Format::Text;
  auto compiled = compile_paths(options.paths, errors);
  if (!compiled) {
    return compiled.error();
  }
  const auto source = sign_in_memory(std::move(compiled->program));
  if (!source) {
    return report(source.error(), errors);
  }
  EngineOptions engine_options;
  engine_options.tier = Tier::Interpreter;
  const auto interpreter = make_engine(*source, engine_options);
  engine_options.tier = Tier::Native;
  const auto native = make_engine(*source, engine_options);
  if (!interpreter || !native) {
    return report(interpreter ? native.error() : interpreter.error(), errors);
  }
  // Where there can be no native code, its column says what the interpreter says.
  const Status code = (*native)->await_native();
  if (!code && code.error().code != ErrorCode::Unsupported) {
    return report(code.error(), errors);
  }
  const Results results = test::run(source->program, {interpreter->get(), native->get()},
                                    compiled->tests, options.filter);
  if (results.empty()) {
    fmt::print(
        stderr, "error: no test matches{}\n",
        options.filter.empty() ? ": the policy has none" : fmt::format(" `{}`", options.filter));
    return Exit::Findings;
  }
  return print_results(results, options.format);
}

}  // namespace

void add_test(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("test", "Runs the test blocks of a policy");
  auto options = std::make_shared<TestOptions>();
  verb->add_option("PATH", options->paths, "policy files, or folders searched for *.writ")
      ->required();
  verb->add_option("--filter", options->filter, "only tests whose title or claim contains this");
  add_format(*verb, options->format, {"text", "json", "junit"});
  verb->footer(
      "Examples:\n"
      "  writ test policies/acme\n"
      "  writ test policies/acme --filter audit --format junit > results.xml\n"
      "Exit: 0 all hold, 1 some do not or none matches, 3 the policy does not compile.");
  verb->callback([options, &action] { action = [options] { return run_tests(*options); }; });
}

}  // namespace writ::cli
