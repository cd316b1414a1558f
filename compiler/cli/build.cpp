// writ build: policy text → one signed bundle.
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "compiler/cli/source_engine.h"
#include "compiler/pack/golden.h"
#include "compiler/pack/pack.h"
#include "runtime/bundle/bundle.h"
#include "runtime/crypto/keys.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace writ::cli {
namespace {

struct BuildOptions {
  std::vector<std::string> paths;
  std::string out;
  std::vector<std::string> keys;
  std::uint64_t version = 0;
  Format format = Format::Text;
};

struct Built {
  std::string path;
  std::size_t bytes = 0;
  bundle::Manifest manifest;
  std::string digest;
  double seconds = 0;
};

void print_built(const Built& built, Format format) {
  const ir::Cost& cost = built.manifest.cost;
  if (format == Format::Json) {
    const nlohmann::ordered_json json = {{"bundle", built.path},
                                         {"digest", built.digest},
                                         {"package", built.manifest.package},
                                         {"version", built.manifest.version},
                                         {"bytes", built.bytes},
                                         {"grants", built.manifest.grants},
                                         {"cost",
                                          {{"condition_instructions", cost.condition_instructions},
                                           {"conditional_grants", cost.conditional_grants},
                                           {"chain_length", cost.chain_length},
                                           {"cell_rows", cost.cell_rows}}},
                                         {"seconds", built.seconds}};
    print(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return;
  }
  print(
      fmt::format("{}: package {} version {}\n"
                  "  digest   {}\n"
                  "  holds    {} grants ({} conditional) in {} bytes\n"
                  "  cost     at most {} instructions a condition, {} patterns over one name,\n"
                  "           {} conditional rows of one subject and pattern\n"
                  "  took     {:.2f} s\n",
                  built.path, built.manifest.package, built.manifest.version, built.digest,
                  built.manifest.grants, cost.conditional_grants, built.bytes,
                  cost.condition_instructions, cost.chain_length, cost.cell_rows, built.seconds));
}

Exit build(const BuildOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::string> keys;
  for (const std::string& path : options.keys) {
    auto key = read_text(path);
    if (!key) {
      return report(key.error(), options.format);
    }
    keys.push_back(std::move(*key));
    if (auto sound = crypto::public_part(keys.back()); !sound) {
      return report({sound.error().code,
                     sound.error().message + "; --key takes the private part, as `writ keys new` "
                                             "writes it",
                     path},
                    options.format);
    }
  }
  auto compiled = compile_paths(options.paths, options.format);
  if (!compiled) {
    return compiled.error();
  }
  pack::PackOptions pack_options;
  pack_options.version = options.version;
  pack_options.private_keys_pem = keys;
  const bundle::Part golden = pack::golden_part(compiled->program, compiled->tests);
  pack_options.extra = {&golden, 1};
  auto bytes = pack::pack(compiled->program, pack_options);
  if (!bytes) {
    return report(bytes.error(), options.format);
  }
  auto contents = bundle::read_for_inspection(*bytes);
  if (!contents) {
    return report(contents.error(), options.format);
  }
  if (auto status = write_output(options.out, *bytes, kPublicMode); !status) {
    return report(status.error(), options.format);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  print_built({options.out, bytes->size(), contents->manifest, contents->digest, took.count()},
              options.format);
  return Exit::Ok;
}

}  // namespace

void add_build(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("build", "Compiles a policy into one signed bundle");
  auto options = std::make_shared<BuildOptions>();
  verb->add_option("PATH", options->paths, "policy files, or folders searched for *.writ")
      ->required();
  verb->add_option("-o,--out", options->out, "the bundle, by custom *.writb")->required();
  verb->add_option("--key", options->keys, "signing key (PEM); several: each signs")->required();
  verb->add_option("--version", options->version,
                   "number of this build; an engine refuses one lower than it has run")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{INT64_MAX}))
      ->required();
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Example:\n"
      "  writ build policies/acme -o acme.writb --key keys/release.pem --version 7\n"
      "The same input gives the same bytes. On any mistake nothing is written.\n"
      "Exit: 0 built, 3 the policy does not compile or the bundle cannot be written.");
  verb->callback([options, &action] { action = [options] { return build(*options); }; });
}

}  // namespace writ::cli
