// Each case becomes a policy as an operator would write it: `use kafka`, one cluster, its ACLs as
// data rows `as kafka`. `super.users` takes any text, so superusers go into the program itself.
#include "compiler/compile.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/lines.h"
#include "tests/conformance/panel.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace writ::conformance {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// Any fixed time: no row depends on it.
constexpr std::int64_t kNowUs = 1'767'225'600'000'000;

struct Case {
  std::string id;
  Json json;
};

/// A folder that is gone when the run ends.
class Scratch {
 public:
  Scratch() : path_(fs::temp_directory_path() / fmt::format("writ-conformance-{}", getpid())) {
    fs::create_directories(path_);
  }
  ~Scratch() {
    std::error_code code;
    fs::remove_all(path_, code);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write_policy(const fs::path& folder, const Json& json) {
  std::ofstream policy(folder / "policy.writ");
  policy << "package conformance \"one case\"\n\nedition 2026\nuse kafka\n\n"
            "cluster main = \"main\"\n\n";
  if (!json["acls"].empty()) {
    policy << "acl at main load \"rows.jsonl\" as kafka\n";
  }
  if (json.value("allowIfNone", false)) {
    policy << "default allow when unlisted at main \"allow.everyone.if.no.acl.found\"\n";
  }
  std::ofstream rows(folder / "rows.jsonl");
  for (const Json& row : json["acls"]) {
    const Json object = {{"principal", row[0]},   {"host", row[1]},         {"operation", row[2]},
                         {"permission", row[3]},  {"resourceType", row[4]}, {"patternType", row[5]},
                         {"resourceName", row[6]}};
    rows << object.dump() << "\n";
  }
}

ir::StringId intern(ir::Program& program, const std::string& text) {
  const auto at = std::find(program.strings.begin(), program.strings.end(), text);
  if (at == program.strings.end()) {
    program.strings.push_back(text);
    return ir::StringId(program.strings.size() - 1);
  }
  return ir::StringId(static_cast<std::size_t>(at - program.strings.begin()));
}

ir::SubjectId principal(ir::Program& program, const std::string& text) {
  const std::size_t colon = text.find(':');
  ir::Subject subject;
  subject.form = ir::SubjectForm::Principal;
  subject.type_name = intern(program, text.substr(0, colon));
  subject.name = intern(program, text.substr(colon + 1));
  for (std::size_t i = 0; i < program.subjects.size(); ++i) {
    const ir::Subject& other = program.subjects[i];
    if (other.form == subject.form && other.type_name == subject.type_name &&
        other.name == subject.name && other.except.empty()) {
      return ir::SubjectId(i);
    }
  }
  program.subjects.push_back(subject);
  return ir::SubjectId(program.subjects.size() - 1);
}

void add_superusers(ir::Program& program, const Json& superusers) {
  if (superusers.empty()) {
    return;
  }
  ir::Origin origin;
  origin.package = program.package;
  origin.file = intern(program, "server.properties");
  origin.line = 1;
  origin.column = 1;
  origin.statement = intern(program, "super.users");
  program.origins.push_back(origin);
  for (const Json& superuser : superusers) {
    ir::Grant grant;
    grant.effect = ir::Effect::Allow;
    grant.layer = ir::Layer::Superuser;
    grant.subject = principal(program, superuser.get<std::string>());
    grant.scope = ir::ScopeId(std::size_t{0});
    grant.origin = ir::OriginId(program.origins.size() - 1);
    grant.line = 1;
    grant.number = program.grants.empty() ? 1 : program.grants.back().number + 1;
    program.grants.push_back(grant);
  }
}

Result<ir::Program> compile_case(const fs::path& folder, const Json& json) {
  write_policy(folder, json);
  WRIT_ASSIGN(compiled, compiler::compile({(folder / "policy.writ").string()}));
  if (compiled.sink.errors() != 0) {
    const auto diags = compiled.sink.sorted();
    return fail(ErrorCode::Malformed,
                diag::render_text(diags.front(), compiled.sources, diag::Colour::Off));
  }
  add_superusers(compiled.program, json["superusers"]);
  return std::move(compiled.program);
}

Question question(const Json& row) {
  Question q;
  const auto principal_text = row[0].get<std::string>();
  const std::size_t colon = principal_text.find(':');
  q.session.principal_type = principal_text.substr(0, colon);
  q.session.principal_name = principal_text.substr(colon + 1);
  q.session.groups.emplace();
  q.session.host = row[1].get<std::string>();
  q.request.operation = row[2].get<std::string>();
  q.request.kind = row[3].get<std::string>();
  q.any_resource = row[4].is_null();
  if (!q.any_resource) {
    q.request.name = row[4].get<std::string>();
  }
  q.request.time_us = kNowUs;
  return q;
}

std::string_view text(Verdict verdict) {
  return verdict == Verdict::Allow ? "ALLOWED" : "DENIED";
}

void compare(const std::string& id, const Json& row, const Answers& answers, Counts& counts) {
  const Verdict expected = row.back() == "ALLOWED" ? Verdict::Allow : Verdict::Deny;
  bool same = true;
  for (std::size_t e = 0; e < kEvaluators.size(); ++e) {
    if (answers[e].verdict != expected) {
      fmt::print("{}: {} {}: expected {}, is {} ({})\n", id, kEvaluators[e], row.dump(),
                 text(expected), text(answers[e].verdict), name_of(answers[e].reason));
      same = false;
    } else if (!(answers[e] == answers[0])) {
      fmt::print(
          "{}: {} {}: another reason than the reference: {} by grant {} instead of {} by "
          "grant {}\n",
          id, kEvaluators[e], row.dump(), name_of(answers[e].reason), answers[e].grant,
          name_of(answers[0].reason), answers[0].grant);
      same = false;
    }
  }
  ++(same ? counts.passed : counts.failed);
}

bool well_formed(const Json& json) {
  const auto rows = [&](const char* field, std::size_t elements) {
    return json.contains(field) && json[field].is_array() &&
           std::all_of(json[field].begin(), json[field].end(),
                       [&](const Json& row) { return row.is_array() && row.size() >= elements; });
  };
  return json.is_object() && rows("acls", 7) && rows("requests", 6) &&
         json.contains("superusers") && json["superusers"].is_array();
}

}  // namespace

Status run_kafka(const std::string& file, Counts& counts) {
  WRIT_ASSIGN(lines, read_lines(file));
  const Scratch scratch;
  Panel panel;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json json = Json::parse(lines[i], nullptr, false);
    if (json.is_discarded() || !well_formed(json)) {
      return fail(ErrorCode::Malformed, "the line is no case", fmt::format("{}:{}", file, i + 1));
    }
    const std::string id = json.value("id", std::to_string(i + 1));
    auto program = compile_case(scratch.path(), json);
    Status loaded =
        program ? panel.load(std::move(*program)) : Status(std::unexpected(program.error()));
    if (!loaded) {
      fmt::print("{}: {} ({})\n", id, loaded.error().message, loaded.error().where);
      counts.failed += json["requests"].size();
      continue;
    }
    std::vector<Question> questions;
    for (const Json& row : json["requests"]) {
      questions.push_back(question(row));
    }
    const std::vector<Answers> answers = panel.ask(questions);
    for (std::size_t q = 0; q < questions.size(); ++q) {
      compare(id, json["requests"][q], answers[q], counts);
    }
  }
  return {};
}

}  // namespace writ::conformance
