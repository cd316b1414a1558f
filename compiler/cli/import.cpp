// writ import: what another system decides by → policy text or a data file.
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "compiler/convert/kafka_acls/convert.h"
#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"
#include "runtime/crypto/keys.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <span>

namespace writ::cli {
namespace {

namespace kafka_acls = convert::kafka_acls;

struct ImportOptions {
  std::string listing;
  std::string out;
  bool data = false;
  kafka_acls::PolicyOptions policy;
  Format format = Format::Text;
};

struct Imported {
  std::string text;
  std::size_t acls = 0;       // lines of the listing
  std::size_t different = 0;  // of them
  std::size_t statements = 0;
  std::size_t left_out = 0;
};

/// The block that loads the rows, pinned: an export that was cut off later would lose denials.
std::string load_block(const Imported& imported, const ImportOptions& options) {
  const std::string file =
      options.out.empty() ? "FILE.jsonl" : std::filesystem::path(options.out).filename().string();
  const std::string digest = crypto::hex(
      crypto::sha256(std::as_bytes(std::span(imported.text.data(), imported.text.size()))));
  const std::string at = options.policy.at.empty() ? "" : " at " + options.policy.at;
  return fmt::format("acl{} load \"{}\" rows {}..{} sha256 \"{}\" as kafka", at, file,
                     imported.different, imported.different, digest);
}

// Beside what was asked for: on standard output where that went into a file.
void print_summary(const Imported& imported, const ImportOptions& options) {
  std::string text;
  if (options.format == Format::Json) {
    nlohmann::ordered_json json = {{"out", options.out},
                                   {"acls", imported.acls},
                                   {"different", imported.different}};
    if (options.data) {
      json["load"] = load_block(imported, options);
    } else {
      json["statements"] = imported.statements;
      json["left_out"] = imported.left_out;
    }
    text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  } else {
    text = fmt::format("{}: {} ACLs, {} different", options.out.empty() ? "-" : options.out,
                       imported.acls, imported.different);
    if (options.data) {
      text += "\n  load them  " + load_block(imported, options) + "\n";
    } else {
      text += fmt::format(", {} statements, {} left out\n", imported.statements, imported.left_out);
    }
  }
  if (options.out.empty()) {
    std::fputs(text.c_str(), stderr);
  } else {
    print(text);
  }
}

/// `prod.payments`: what `at` and `package` take.
bool is_path(std::string_view text) {
  bool begins = true;
  for (const char c : text) {
    const bool letter = c == '_' || std::isalpha(static_cast<unsigned char>(c)) != 0;
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!letter && (begins || (!digit && c != '-' && c != '.'))) {
      return false;
    }
    begins = c == '.';
  }
  return !begins;
}

Exit import_acls(const ImportOptions& options) {
  if (options.data && options.policy.package != kafka_acls::PolicyOptions().package) {
    return usage("a data file is of no package: leave out `--package`, or `--data`");
  }
  for (const std::string& path : {options.policy.package, options.policy.at}) {
    if (!path.empty() && !is_path(path)) {
      return usage(fmt::format("`{}` is not a path of names: write `prod.payments`", path));
    }
  }
  auto text = read_text(options.listing == "-" ? "/dev/stdin" : options.listing);
  if (!text) {
    return report(text.error(), options.format);
  }
  source::SourceSet sources;
  diag::Sink sink;
  const auto file = sources.add_text(options.listing == "-" ? "standard input" : options.listing,
                                     std::move(*text), kafka_acls::kListingBytesMax);
  if (!file) {
    return report(file.error(), options.format);
  }
  std::vector<kafka_acls::Acl> acls = kafka_acls::read_listing(sources, *file, sink);
  Imported imported;
  imported.acls = acls.size();
  if (sink.errors() == 0) {
    acls = kafka_acls::different(std::move(acls));
    imported.different = acls.size();
    if (options.data) {
      imported.text = kafka_acls::data_rows(acls);
    } else {
      auto policy = kafka_acls::policy_text(acls, options.policy, sink);
      imported.text = std::move(policy.text);
      imported.statements = policy.statements;
      imported.left_out = policy.left_out;
    }
  }
  report(sink, sources, options.format, stderr);
  if (sink.errors() != 0) {
    return Exit::Unreadable;
  }
  if (!options.data && imported.text.size() > source::kFileBytesMax) {
    return report({ErrorCode::Limit,
                   fmt::format("the policy text would have {} bytes, more than the {} of a file; "
                               "import with `--data`",
                               imported.text.size(), source::kFileBytesMax),
                   options.listing},
                  options.format);
  }
  if (options.out.empty()) {
    print(imported.text);
  } else if (auto status = write_output(options.out, imported.text, kPublicMode); !status) {
    return report(status.error(), options.format);
  }
  print_summary(imported, options);
  return Exit::Ok;
}

}  // namespace

void add_import(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("import", "Takes over what another system decides by");
  verb->require_subcommand(1);
  CLI::App* acls = verb->add_subcommand(
      "kafka-acls", "The output of `kafka-acls --list` as policy text or as a data file");
  auto options = std::make_shared<ImportOptions>();
  acls->add_option("LISTING", options->listing, "what `kafka-acls --list` printed; `-`: standard "
                                                "input")
      ->required();
  acls->add_option("-o,--out", options->out, "where to write; without it: standard output");
  acls->add_flag("--data", options->data,
                 "rows for `acl load \"…\" as kafka`, exactly the ACLs; without it: policy text");
  acls->add_option("--at", options->policy.at, "scope of the ACLs, as in `prod.payments`");
  acls->add_option("--package", options->policy.package, "package of the policy text")
      ->capture_default_str();
  add_format(*acls, options->format, {"text", "json"});
  const char* footer =
      "Examples:\n"
      "  kafka-acls.sh --bootstrap-server broker:9092 --list > listing.txt\n"
      "  writ import kafka-acls listing.txt -o acls.writ       # to read and to edit\n"
      "  writ import kafka-acls listing.txt --data -o acls.jsonl\n"
      "  kafka-acls.sh … --list | writ import kafka-acls - --at prod.payments --package acme\n"
      "Then `writ check acls.writ`. Text says the same in fewer statements and warns of what it\n"
      "leaves out; data keeps every ACL, and the command prints the `acl` block that loads it.\n"
      "Exit: 0 written, 2 bad usage, 3 not a listing, a denial that text cannot say, nothing "
      "written.";
  acls->footer(footer);
  verb->footer(footer);
  acls->callback([options, &action] { action = [options] { return import_acls(*options); }; });
}

}  // namespace writ::cli
