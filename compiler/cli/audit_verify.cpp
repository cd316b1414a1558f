// writ audit verify: is the log whole, and whose is it?
#include "compiler/cli/audit.h"
#include "compiler/cli/files.h"
#include "runtime/audit/event.h"
#include "runtime/audit/log/verify.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace writ::cli {
namespace {

struct VerifyLogOptions {
  std::string folder;
  std::vector<std::string> trust;
  std::string head;
  std::string head_out;
  Format format = Format::Text;
};

using audit::log::Report;

std::string to_json(const Report& report, bool with_head) {
  nlohmann::ordered_json json = {{"whole", report.findings.empty()},
                                 {"log", report.log_id},
                                 {"segments", report.segments},
                                 {"first_segment", report.first_segment},
                                 {"blocks", report.blocks},
                                 {"bytes", report.bytes},
                                 {"rows", report.rows},
                                 {"decisions", report.decisions},
                                 {"rings", report.rings},
                                 {"seals", report.seals},
                                 {"rows_after_seal", report.rows_after_seal},
                                 {"being_written", report.being_written}};
  json["complete_until"] = report.last_seal
                               ? nlohmann::ordered_json(
                                     audit::event_time(report.last_seal->time_us))
                               : nlohmann::ordered_json();
  json["head"] = !with_head ? "no-witness" : report.head_found ? "held" : "not-held";
  json["findings"] = nlohmann::ordered_json::array();
  for (const audit::log::Finding& finding : report.findings) {
    json["findings"].push_back({{"kind", audit::log::name_of(finding.wrong)},
                                {"message", finding.message},
                                {"where", finding.where}});
  }
  json["findings_count"] = report.findings_count;
  json["notes"] = nlohmann::ordered_json::array();
  for (const audit::log::Note& note : report.notes) {
    json["notes"].push_back({{"message", note.message}, {"where", note.where}});
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string to_text(const Report& report, bool with_head) {
  std::string text = fmt::format(
      "log        {}\nsegments   {}, {} blocks, {} bytes\n"
      "rows       {} of {} rings, {} decisions\n",
      report.log_id, report.segments, report.blocks, report.bytes, report.rows, report.rings,
      report.decisions);
  if (report.last_seal) {
    const audit::log::Seal& seal = *report.last_seal;
    text += fmt::format("sealed     until {}, by key {}: segment {}, block {}\n",
                        audit::event_time(seal.time_us),
                        std::string_view(seal.key_id.data(), seal.key_id.size()), seal.segment,
                        seal.block);
  }
  if (report.rows_after_seal != 0) {
    text += fmt::format("unsealed   {} rows behind the last seal, the latest of {}\n",
                        report.rows_after_seal, audit::event_time(report.last_row_us));
  }
  for (const audit::log::Note& note : report.notes) {
    text += fmt::format("note       {} ({})\n", printable(note.message), note.where);
  }
  for (const audit::log::Finding& finding : report.findings) {
    text += fmt::format("WRONG      {}: {} ({})\n", audit::log::name_of(finding.wrong),
                        finding.message, finding.where);
  }
  if (report.findings_count > report.findings.size()) {
    text += fmt::format("WRONG      and {} more\n",
                        report.findings_count - report.findings.size());
  }
  if (!report.findings.empty()) {
    return text + fmt::format("not whole  {} findings\n", report.findings_count);
  }
  if (with_head) {
    return text + (report.head_found ? "whole      and it holds the head\n"
                                     : "whole      as far as it goes back\n");
  }
  return text + "whole      but the end has no witness: rows cut off behind any seal would not be "
                "missed\n           without a head that was kept elsewhere (--head FILE)\n";
}

Exit verify_log(const VerifyLogOptions& options) {
  audit::log::VerifyOptions how;
  for (const std::string& path : options.trust) {
    auto pem = read_text(path);
    if (!pem) return report(pem.error(), options.format);
    how.public_keys_pem.push_back(std::move(*pem));
  }
  if (!options.head.empty()) {
    const auto text = read_text(options.head);
    if (!text) return report(text.error(), options.format);
    auto head = audit::log::parse_head(*text);
    if (!head) {
      head.error().where = options.head;
      return report(head.error(), options.format);
    }
    how.head = *head;
  }
  Result<Report> proved = [&] {
    Progress progress("verifying");
    how.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
    return audit::log::verify(options.folder, how);
  }();
  if (!proved) return report(proved.error(), options.format);
  print(options.format == Format::Json ? to_json(*proved, how.head.has_value())
                                       : to_text(*proved, how.head.has_value()));
  if (!proved->findings.empty()) return Exit::Findings;
  if (!options.head_out.empty() && proved->last_seal) {
    const Status written = write_output(options.head_out,
                                        audit::log::head_text(*proved->last_seal), kPublicMode);
    if (!written) return report(written.error(), options.format);
  }
  return Exit::Ok;
}

}  // namespace

void add_audit_verify(CLI::App& audit, Action& action) {
  CLI::App* verb = audit.add_subcommand("verify", "Proves that a log is whole, and whose it is");
  auto options = std::make_shared<VerifyLogOptions>();
  verb->add_option("LOG", options->folder, "the log's folder")->required();
  verb->add_option("--trust", options->trust, "public key (PEM) of who seals the log")->required();
  verb->add_option("--head", options->head, "a head that was kept elsewhere: the log must hold it");
  verb->add_option("--head-out", options->head_out, "write the head of a log that is whole");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "Checks each block's CRC, hash and place, each seal's key and signature, that no row of a\n"
      "ring is missing or twice, and that rows count every decision. Says what is wrong, where.\n"
      "Examples:\n"
      "  writ audit verify LOG --trust keys/audit.pub.pem --head-out head.txt\n"
      "  writ audit verify LOG --trust keys/audit.pub.pem --head head.txt\n"
      "Exit: 0 whole, 1 something is wrong, 3 the log, a key or the head cannot be read.");
  verb->callback([options, &action] { action = [options] { return verify_log(*options); }; });
}

}  // namespace writ::cli
