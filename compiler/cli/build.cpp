// writ build: policy text → one signed bundle.
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "compiler/cli/source_engine.h"
#include "compiler/pack/golden.h"
#include "compiler/pack/pack.h"
#include "runtime/bundle/bundle.h"
#include "runtime/crypto/keys.h"
#include "runtime/value/value.h"

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
  std::string not_before, expires;
  std::string same_as, reason;
  std::vector<std::string> trust;
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

/// The private keys. Errors: Unreadable, or a file that holds no private key.
Result<std::vector<std::string>> read_keys(const std::vector<std::string>& paths) {
  std::vector<std::string> keys;
  for (const std::string& path : paths) {
    WRIT_ASSIGN(key, read_text(path));
    if (const auto sound = crypto::public_part(key); !sound) {
      return fail(sound.error().code,
                  sound.error().message + "; --key takes the private part, as `writ keys new` "
                                          "writes it",
                  path);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

/// Does nothing where there is no text. Errors: Usage.
Status read_time(std::string_view option, const std::string& text, std::int64_t& out) {
  if (text.empty()) return {};
  const auto time = parse_time(text);
  if (!time) {
    return fail(ErrorCode::Usage,
                fmt::format("`{}` is no time: {} takes one as 2027-01-31T00:00:00Z", text, option));
  }
  out = *time;
  return {};
}

Status read_validity(const BuildOptions& options, std::int64_t& not_before,
                     std::int64_t& expires) {
  WRIT_TRY(read_time("--not-before", options.not_before, not_before));
  WRIT_TRY(read_time("--expires", options.expires, expires));
  if (not_before < expires) return {};
  return fail(ErrorCode::Usage, "--expires must be later than --not-before");
}

Exit write_bundle(const BuildOptions& options, std::span<const std::byte> bytes,
                  std::chrono::steady_clock::time_point start) {
  const auto contents = bundle::read_for_inspection(bytes);
  if (!contents) {
    return report(contents.error(), options.format);
  }
  if (auto status = write_output(options.out, bytes, kPublicMode); !status) {
    return report(status.error(), options.format);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  print_built({options.out, bytes.size(), contents->manifest, contents->digest, took.count()},
              options.format);
  return Exit::Ok;
}

/// The old bundle's sections, signed anew under a higher version.
Result<std::vector<std::byte>> signed_again(const BuildOptions& options,
                                            const std::vector<std::string>& keys) {
  bundle::Trust trust;
  for (const std::string& key : keys) {
    WRIT_ASSIGN(own, crypto::public_part(key));
    trust.public_keys_pem.push_back(std::move(own));
  }
  for (const std::string& path : options.trust) {
    WRIT_ASSIGN(key, read_text(path));
    trust.public_keys_pem.push_back(std::move(key));
  }
  WRIT_ASSIGN(file, read_bytes(options.same_as));
  auto old = bundle::read(file, trust);
  if (!old) {
    old.error().where = options.same_as;
    return std::unexpected(old.error());
  }
  if (options.version <= old->manifest.version) {
    return fail(ErrorCode::Usage,
                fmt::format("version {} is not higher than that of the old bundle, {}",
                            options.version, old->manifest.version),
                options.same_as);
  }
  bundle::Manifest manifest = old->manifest;
  manifest.version = options.version;
  manifest.sections.clear();
  manifest.same_as = old->digest;
  manifest.reason = options.reason;
  // How long the old one was valid says nothing of the new one.
  manifest.not_before_us = bundle::Manifest().not_before_us;
  manifest.expires_us = bundle::Manifest().expires_us;
  WRIT_TRY(read_validity(options, manifest.not_before_us, manifest.expires_us));
  std::vector<bundle::Part> parts;
  for (const bundle::Section& section : old->parts) {
    parts.push_back({section.name, {section.bytes.begin(), section.bytes.end()}});
  }
  return bundle::write(std::move(manifest), parts, keys);
}

Exit build(const BuildOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  if (options.paths.empty() && options.same_as.empty()) {
    return report({ErrorCode::Usage, "nothing to build: name a PATH, or --same-as", {}},
                  options.format);
  }
  const auto keys = read_keys(options.keys);
  if (!keys) {
    return report(keys.error(), options.format);
  }
  if (!options.same_as.empty()) {
    const auto bytes = signed_again(options, *keys);
    return bytes ? write_bundle(options, *bytes, start) : report(bytes.error(), options.format);
  }
  pack::PackOptions pack_options;
  if (auto status = read_validity(options, pack_options.not_before_us, pack_options.expires_us);
      !status) {
    return report(status.error(), options.format);
  }
  auto compiled = compile_paths(options.paths, options.format);
  if (!compiled) {
    return compiled.error();
  }
  pack_options.version = options.version;
  pack_options.private_keys_pem = *keys;
  const bundle::Part golden = pack::golden_part(compiled->program, compiled->tests);
  pack_options.extra = {&golden, 1};
  const auto bytes = pack::pack(compiled->program, pack_options);
  return bytes ? write_bundle(options, *bytes, start) : report(bytes.error(), options.format);
}

}  // namespace

void add_build(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("build", "Compiles a policy into one signed bundle");
  auto options = std::make_shared<BuildOptions>();
  CLI::Option* paths =
      verb->add_option("PATH", options->paths, "policy files, or folders searched for *.writ");
  verb->add_option("-o,--out", options->out, "the bundle, by custom *.writb")->required();
  verb->add_option("--key", options->keys, "signing key (PEM); several: each signs")->required();
  verb->add_option("--version", options->version,
                   "number of this build; an engine refuses one lower than it has run")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{INT64_MAX}))
      ->required();
  verb->add_option("--not-before", options->not_before, "valid from this time on (RFC 3339)");
  verb->add_option("--expires", options->expires,
                   "no engine accepts it from this time on; one that runs goes on");
  CLI::Option* same_as =
      verb->add_option("--same-as", options->same_as,
                       "roll back: the content of this older bundle, in place of a PATH")
          ->excludes(paths);
  CLI::Option* reason = verb->add_option("--reason", options->reason,
                                         "why it comes back; stands in manifest and audit event")
                            ->needs(same_as);
  same_as->needs(reason);
  verb->add_option("--trust", options->trust,
                   "public key (PEM) of who signed the older bundle, beside those of --key")
      ->needs(same_as);
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Example:\n"
      "  writ build policies/acme -o acme.writb --key keys/release.pem --version 7\n"
      "  writ build --same-as old.writb --reason 'orders could not be read' -o acme.writb \\\n"
      "    --key keys/release.pem --version 8\n"
      "The same input gives the same bytes. On any mistake nothing is written.\n"
      "Exit: 0 built, 3 the policy does not compile or the bundle cannot be written.");
  verb->callback([options, &action] { action = [options] { return build(*options); }; });
}

}  // namespace writ::cli
