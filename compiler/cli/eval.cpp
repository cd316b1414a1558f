// writ eval: asks a policy. One answer a line, in order.
#include "compiler/cli/command.h"
#include "compiler/cli/files.h"
#include "compiler/cli/request_lines.h"
#include "compiler/cli/source_engine.h"
#include "runtime/audit/file_recorder.h"
#include "runtime/reference/reference.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace writ::cli {
namespace {

enum class Evaluator : std::uint8_t { Reference, Interpreter, Native };

struct EvalOptions {
  SourceOptions source;
  std::string request;
  std::string requests;
  std::string audit;
  Evaluator evaluator = Evaluator::Native;
  bool named = false;  // the evaluator was, not taken by default
  bool explain = false;
  Format format = Format::Text;
};

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

std::string_view verdict_text(const Decision& decision) {
  return decision.verdict == Verdict::Allow ? "ALLOW" : "DENY";
}

std::string to_json(const Decision& decision, const Because& because, bool explain) {
  nlohmann::ordered_json why = {
      {"statement", text_or_null(because.statement)},
      {"file", text_or_null(because.file)},
      {"line",
       because.file.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(because.line)},
      {"rule", text_or_null(because.rule)}};
  if (explain) {
    why["reason"] = name_of(decision.reason);
    why["role_file"] = text_or_null(because.role_file);
    why["role_line"] = because.role_file.empty() ? nlohmann::ordered_json()
                                                 : nlohmann::ordered_json(because.role_line);
  }
  if (explain || !because.error.empty()) {
    why["error"] = text_or_null(because.error);
  }
  const nlohmann::ordered_json json = {{"verdict", verdict_text(decision)},
                                       {"because", std::move(why)}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// What decided where no statement did.
std::string_view sentence(ReasonClass reason) {
  switch (reason) {
    case ReasonClass::Default:
      return "nothing allows it";
    case ReasonClass::NoBundle:
      return "no bundle is active";
    case ReasonClass::ScopeMissing:
      return "the request names no scope, and the policy has several";
    case ReasonClass::UnknownScope:
      return "the policy has no such scope";
    case ReasonClass::UnknownKind:
      return "the policy's models have no such resource type";
    case ReasonClass::UnknownOperation:
      return "the resource type has no such operation";
    case ReasonClass::NameTooLong:
      return "the resource's name is too long";
    case ReasonClass::BadPrincipal:
      return "the principal is not one that a session can have";
    case ReasonClass::AuthExpired:
      return "the session's authentication has expired";
    case ReasonClass::AuditUnavailable:
      return "the decision could not be recorded";
    case ReasonClass::Internal:
      return "an internal error";
    case ReasonClass::Unlisted:
      return "no grant speaks of this name";
    case ReasonClass::Guard:
    case ReasonClass::Deny:
    case ReasonClass::Infrastructure:
    case ReasonClass::Superuser:
    case ReasonClass::Allow:
      return "";
  }
  return "";
}

std::string asked_text(const RequestLine& line) {
  std::string text =
      fmt::format("{}:{} {} {} {}", line.session.principal_type, line.session.principal_name,
                  line.request.operation, line.request.kind,
                  line.any_resource ? "(any)" : fmt::format("\"{}\"", line.request.name));
  if (!line.session.scope.empty()) {
    text += " at " + line.session.scope;
  }
  if (line.session.host) {
    text += " from " + *line.session.host;
  }
  return text;
}

// Control characters of names never reach a terminal or forge a line.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = '?';
    }
  }
  return text;
}

std::string to_text(const RequestLine& line, const Decision& decision, const Because& because,
                    bool explain) {
  std::string why = because.statement;
  if (why.empty()) {
    why = fmt::format("{}: {}", name_of(decision.reason), sentence(decision.reason));
  }
  if (!because.file.empty()) {
    why += fmt::format(" ({}:{})", because.file, because.line);
  }
  std::string text = fmt::format("{:<5}  {}\n", verdict_text(decision), printable(why));
  if (!explain) {
    return text;
  }
  text += printable(fmt::format("       asked: {}", asked_text(line))) + "\n";
  std::string decided = std::string(name_of(decision.reason));
  if (!because.rule.empty() && because.rule != decided) {
    decided += " " + because.rule;
  }
  if (!because.role_file.empty()) {
    decided += fmt::format(" (the role says it at {}:{})", because.role_file, because.role_line);
  }
  text += printable(fmt::format("       decided by: {}", decided)) + "\n";
  if (!because.error.empty()) {
    text += printable(fmt::format("       error: {}", because.error)) + "\n";
  }
  return text;
}

Decision decide(const Evaluator evaluator, const Source& source, const Engine& engine,
                const Session& session, const RequestLine& line) {
  if (evaluator == Evaluator::Reference) {
    return line.any_resource ? reference::any_resource(source.program, line.session, line.request)
                             : reference::decide(source.program, line.session, line.request);
  }
  return line.any_resource ? engine.any_resource(session, line.request.kind, line.request.operation)
                           : engine.authorize(session, line.request);
}

Result<std::vector<RequestLine>> read_requests(const EvalOptions& options,
                                               const ir::Program& program) {
  const std::int64_t now = Engine::now_us();
  if (!options.request.empty()) {
    // On a command line the object may be folded; raw line feeds in JSON are only white space.
    std::string line = options.request;
    std::ranges::replace(line, '\n', ' ');
    return parse_requests(line, "--request", program, now);
  }
  WRIT_ASSIGN(text, read_text(options.requests));
  return parse_requests(text, options.requests, program, now);
}

Exit answer(const EvalOptions& options, const Source& source, const Engine& engine,
            const std::vector<RequestLine>& lines) {
  bool denied = false;
  bool unrecorded = false;
  for (const RequestLine& line : lines) {
    const auto session = engine.open(line.session);
    const Decision decision = decide(options.evaluator, source, engine, *session, line);
    const Because because = engine.explain(*session, line.request, decision);
    denied = denied || decision.verdict == Verdict::Deny;
    unrecorded = unrecorded || decision.reason == ReasonClass::AuditUnavailable;
    print(options.format == Format::Json ? to_json(decision, because, options.explain)
                                         : to_text(line, decision, because, options.explain));
  }
  if (unrecorded) {
    return report({ErrorCode::Unreadable,
                   "some decisions could not be recorded and were denied for that", options.audit},
                  Format::Text);
  }
  return !options.request.empty() && denied ? Exit::Findings : Exit::Ok;
}

Exit eval(const EvalOptions& options) {
  if (options.request.empty() == options.requests.empty()) {
    return usage("ask what? Give --request JSON or --requests FILE.jsonl");
  }
  if (!options.audit.empty() && options.evaluator == Evaluator::Reference) {
    return usage("--audit records what an engine decides: use --evaluator interpreter or native");
  }
  const auto source = open_source(options.source);
  if (!source) {
    return source.error();
  }
  const auto lines = read_requests(options, source->program);
  if (!lines) {
    return report(lines.error(), options.format);
  }
  if (!options.request.empty() && lines->size() != 1) {
    return usage("--request takes one JSON object; several go into a file for --requests");
  }
  std::unique_ptr<audit::FileRecorder> recorder;
  if (!options.audit.empty()) {
    auto opened = audit::FileRecorder::open(options.audit);
    if (!opened) {
      return report(opened.error(), options.format);
    }
    recorder = std::move(*opened);
  }
  EngineOptions engine_options;
  engine_options.tier = options.evaluator == Evaluator::Native ? Tier::Native : Tier::Interpreter;
  engine_options.recorder = recorder.get();
  const auto engine = make_engine(*source, engine_options);
  if (!engine) {
    return report(engine.error(), options.format);
  }
  if (options.named && options.evaluator == Evaluator::Native) {
    if (const Status native = (*engine)->await_native(); !native) {
      return report({native.error().code,
                     fmt::format("there is no native code: {}; `--evaluator interpreter` gives the "
                                 "same answers",
                                 native.error().message),
                     "--evaluator native"},
                    options.format);
    }
  } else if (recorder != nullptr) {
    // Whether there is native code is an event: the file has it each time or never.
    static_cast<void>((*engine)->await_native());
  }
  return answer(options, *source, **engine, *lines);
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  CLI::App* verb =
      app.add_subcommand("eval", "Asks a policy: allowed or denied, and by which line");
  auto options = std::make_shared<EvalOptions>();
  verb->add_option("SOURCE", options->source.paths,
                   "a bundle, or policy paths (compiled and signed in memory)")
      ->required();
  verb->add_option("--request", options->request, "one request as JSON");
  verb->add_option("--requests", options->requests, "a file with one request a line");
  verb->add_option("--trust", options->source.trust, "public key (PEM) of who signed the bundle");
  CLI::Option* evaluator =
      verb->add_option("--evaluator", options->evaluator, "who decides; all give the same answer");
  evaluator
      ->transform(CLI::CheckedTransformer(
          std::vector<std::pair<std::string, Evaluator>>{{"reference", Evaluator::Reference},
                                                         {"interpreter", Evaluator::Interpreter},
                                                         {"native", Evaluator::Native}}))
      ->option_text("reference|interpreter|native");
  verb->add_flag("--explain", options->explain, "say more: what was asked, the rule, errors");
  verb->add_option("--audit", options->audit, "append an audit event a decision to this file");
  add_format(*verb, options->format, {"text", "json"});
  verb->footer(
      "A request: {\"principal\":\"User:alice\",\"host\":\"10.0.0.1\",\"operation\":\"Read\",\n"
      "            \"resourceType\":\"Topic\",\"resourceName\":\"orders\"}\n"
      "optionally with \"scope\":\"prod.payments\", \"groups\":[\"contractors\"],\n"
      "\"attributes\":{\"tls.version\":\"1.3\"}, \"time\":\"2026-11-02T09:00:00Z\" (else: now).\n"
      "A resourceName of null asks whether there is any such resource.\n"
      "Examples:\n"
      "  writ eval policies/acme --requests requests.jsonl --explain\n"
      "  writ eval acme.writb --trust keys/release.pub.pem --request '{…}' --audit audit.jsonl\n"
      "Exit: 0 answered (a single --request: allowed), 1 the single request is denied,\n"
      "      2 a bundle without --trust, 3 the source or a request cannot be read.");
  verb->callback([options, evaluator, &action] {
    options->named = evaluator->count() != 0;
    options->source.format = options->format;
    action = [options] { return eval(*options); };
  });
}

}  // namespace writ::cli
