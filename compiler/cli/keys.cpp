// writ keys new: a signing key and its public part.
#include "runtime/crypto/keys.h"

#include "compiler/cli/command.h"
#include "compiler/cli/files.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace writ::cli {
namespace {

struct KeyOptions {
  std::string name;
  std::string out = ".";
};

bool plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

Exit new_key(const KeyOptions& options) {
  if (!plain_name(options.name)) {
    return usage(
        fmt::format("`{}` is no name for a key: give a plain file name, and the folder "
                    "with --out",
                    options.name));
  }
  std::error_code code;
  std::filesystem::create_directories(options.out, code);
  const std::filesystem::path folder = options.out;
  const std::string private_path = (folder / (options.name + ".pem")).string();
  const std::string public_path = (folder / (options.name + ".pub.pem")).string();
  for (const std::string& path : {private_path, public_path}) {
    if (std::filesystem::exists(path, code)) {
      return report(
          {ErrorCode::Unreadable,
           "the file is there already; a key is never overwritten: choose another name", path},
          Format::Text);
    }
  }
  const auto pair = crypto::new_key();
  if (!pair) {
    return report(pair.error(), Format::Text);
  }
  const auto id = crypto::key_id(pair->public_pem);
  if (!id) {
    return report(id.error(), Format::Text);
  }
  if (auto status = write_output(private_path, pair->private_pem, kPrivateMode); !status) {
    return report(status.error(), Format::Text);
  }
  if (auto status = write_output(public_path, pair->public_pem, kPublicMode); !status) {
    std::filesystem::remove(private_path, code);
    return report(status.error(), Format::Text);
  }
  print(
      fmt::format("key {}\n  {}      private: signs bundles, keep it secret (mode 0600)\n"
                  "  {}  public: give it to whoever loads them\n",
                  *id, private_path, public_path));
  return Exit::Ok;
}

}  // namespace

void add_keys(CLI::App& app, Action& action) {
  CLI::App* keys = app.add_subcommand("keys", "Signing keys");
  keys->require_subcommand(1);
  CLI::App* verb = keys->add_subcommand("new", "A new Ed25519 signing key and its public part");
  auto options = std::make_shared<KeyOptions>();
  verb->add_option("NAME", options->name, "writes NAME.pem and NAME.pub.pem")->required();
  verb->add_option("--out", options->out, "folder, made if it is not there");
  verb->footer(
      "Example:\n"
      "  writ keys new release --out keys      keys/release.pem and keys/release.pub.pem");
  verb->callback([options, &action] { action = [options] { return new_key(*options); }; });
}

}  // namespace writ::cli
