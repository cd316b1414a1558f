// The writ command: one verb a file; this one only finds the verb and turns what is left into an
// exit code (docs/operations/exit_codes.md).
#include "compiler/cli/audit.h"
#include "compiler/cli/command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace {

constexpr const char* kAbout =
    "Writ: policy as code for brokers. Policy text becomes a signed bundle, which decides in\n"
    "nanoseconds, conditions as native code; every decision names the line that made it.";

constexpr const char* kFooter =
    "A first policy, from nothing to a decision:\n"
    "  writ keys new release --out keys\n"
    "  writ check policies/acme\n"
    "  writ test policies/acme\n"
    "  writ build policies/acme -o acme.writb --key keys/release.pem --version 1\n"
    "  writ inspect acme.writb --trust keys/release.pub.pem\n"
    "  writ eval acme.writb --trust keys/release.pub.pem --requests requests.jsonl --explain\n"
    "\n"
    "Exit codes: 0 as asked; 1 findings, failed tests, denied; 2 bad usage; 3 the input could not "
    "be\n"
    "read or compiled; 5 internal. `writ VERB --help` has more, with examples.";

int run(int argc, char** argv) {
  CLI::App app{kAbout, "writ"};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("writ ") + WRIT_VERSION);
  writ::cli::Action action;
  writ::cli::add_keys(app, action);
  writ::cli::add_check(app, action);
  writ::cli::add_test(app, action);
  writ::cli::add_build(app, action);
  writ::cli::add_inspect(app, action);
  writ::cli::add_eval(app, action);
  writ::cli::add_import(app, action);
  writ::cli::add_bench(app, action);
  writ::cli::add_audit(app, action);
  writ::cli::add_auditd(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help, --version
    app.exit(error);
    return static_cast<int>(asked ? writ::cli::finish(writ::cli::Exit::Ok)
                                  : writ::cli::Exit::Usage);
  }
  return static_cast<int>(writ::cli::finish(action()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: internal: %s\n", error.what());
  } catch (...) {
    std::fputs("error: internal\n", stderr);
  }
  return static_cast<int>(writ::cli::Exit::Internal);
}
