// writ inspect: what a bundle is, who signed it, what it holds and costs.
#include "compiler/cli/audit.h"
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "compiler/cli/source_engine.h"
#include "runtime/bundle/bundle.h"
#include "runtime/value/value.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace writ::cli {
namespace {

struct InspectOptions {
  std::string path;
  std::vector<std::string> trust;
  Format format = Format::Text;
};

nlohmann::ordered_json to_json(const bundle::Contents& contents, std::size_t bytes, bool trusted) {
  const bundle::Manifest& manifest = contents.manifest;
  nlohmann::ordered_json json = {{"package", manifest.package},
                                 {"version", manifest.version},
                                 {"edition", manifest.edition},
                                 {"digest", contents.digest},
                                 {"bytes", bytes},
                                 {"grants", manifest.grants},
                                 {"trusted", trusted}};
  if (manifest.not_before_us != INT64_MIN) json["not_before"] = time_text(manifest.not_before_us);
  if (manifest.expires_us != INT64_MAX) json["expires"] = time_text(manifest.expires_us);
  if (!manifest.same_as.empty()) json["same_as"] = manifest.same_as;
  if (!manifest.reason.empty()) json["reason"] = manifest.reason;
  json["models"] = nlohmann::ordered_json::array();
  for (const auto& [name, version] : manifest.models) {
    json["models"].push_back({{"name", name}, {"version", version}});
  }
  json["clusters"] = manifest.clusters;
  json["features"] = manifest.features;
  json["cost"] = {{"condition_instructions", manifest.cost.condition_instructions},
                  {"conditional_grants", manifest.cost.conditional_grants},
                  {"chain_length", manifest.cost.chain_length},
                  {"cell_rows", manifest.cost.cell_rows}};
  json["signatures"] = nlohmann::ordered_json::array();
  for (const bundle::Signer& signer : contents.signers) {
    json["signatures"].push_back({{"key", signer.key_id}, {"trusted", signer.trusted}});
  }
  json["sections"] = nlohmann::ordered_json::array();
  for (const bundle::Manifest::Section& section : manifest.sections) {
    json["sections"].push_back(
        {{"name", section.name}, {"bytes", section.bytes}, {"sha256", section.sha256}});
  }
  return json;
}

std::string to_text(const bundle::Contents& contents, std::size_t bytes, bool trusted) {
  const bundle::Manifest& manifest = contents.manifest;
  std::string text =
      fmt::format("package    {} version {}, edition {}\ndigest     {}\n", manifest.package,
                  manifest.version, manifest.edition, contents.digest);
  if (manifest.not_before_us != INT64_MIN) {
    text += fmt::format("valid from {}\n", time_text(manifest.not_before_us));
  }
  if (manifest.expires_us != INT64_MAX) {
    text += fmt::format("expires    {}\n", time_text(manifest.expires_us));
  }
  if (!manifest.same_as.empty()) {
    text += fmt::format("same as    {}\nreason     {}\n", manifest.same_as,
                        printable(manifest.reason));
  }
  for (const auto& [name, version] : manifest.models) {
    text += fmt::format("model      {} {}\n", name, version);
  }
  if (!manifest.clusters.empty()) {
    text += fmt::format("clusters   {}\n", fmt::join(manifest.clusters, ", "));
  }
  if (!manifest.features.empty()) {
    text += fmt::format("needs      {}\n", fmt::join(manifest.features, ", "));
  }
  text += fmt::format(
      "grants     {}, of which {} conditional\n"
      "cost       at most {} instructions a condition, {} patterns over one name,\n"
      "           {} conditional rows of one subject and pattern\n",
      manifest.grants, manifest.cost.conditional_grants, manifest.cost.condition_instructions,
      manifest.cost.chain_length, manifest.cost.cell_rows);
  for (const bundle::Signer& signer : contents.signers) {
    text += fmt::format("signed by  {} {}\n", signer.key_id,
                        signer.trusted ? "(trusted)" : "(not among the trusted keys)");
  }
  for (const bundle::Manifest::Section& section : manifest.sections) {
    text += fmt::format("section    {:<10} {:>12} bytes  {}\n", section.name, section.bytes,
                        section.sha256.substr(0, 16));
  }
  text += fmt::format("file       {} bytes, every digest as the manifest says\n", bytes);
  if (!trusted) {
    text +=
        "warning    nobody was asked to be trusted: the file may be anybody's (--trust PUB.pem)\n";
  }
  return text;
}

Exit inspect(const InspectOptions& options) {
  const auto file = read_bytes(options.path);
  if (!file) {
    return report(file.error(), options.format);
  }
  const bool trusted = !options.trust.empty();
  auto contents = [&]() -> Result<bundle::Contents> {
    if (!trusted) {
      return bundle::read_for_inspection(*file);
    }
    WRIT_ASSIGN(trust, read_trust(options.trust));
    return bundle::read(*file, {trust.public_keys_pem, trust.threshold});
  }();
  if (!contents) {
    contents.error().where = contents.error().where.empty()
                                 ? options.path
                                 : fmt::format("{}: {}", options.path, contents.error().where);
    return report(contents.error(), options.format);
  }
  if (options.format == Format::Json) {
    const auto json = to_json(*contents, file->size(), trusted);
    print(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    print(to_text(*contents, file->size(), trusted));
  }
  return Exit::Ok;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("inspect", "What is in a bundle, and who signed it");
  auto options = std::make_shared<InspectOptions>();
  verb->add_option("BUNDLE", options->path, "a *.writb file")->required();
  verb->add_option("--trust", options->trust, "public key (PEM); signatures must be of these");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Example:\n"
      "  writ inspect acme.writb --trust keys/release.pub.pem\n"
      "Without --trust digests are checked, but not who signed.\n"
      "Exit: 0 sound, 3 unreadable, altered, or signed by nobody that is trusted.");
  verb->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace writ::cli
