#include "compiler/diag/diag.h"

#include <nlohmann/json.hpp>

namespace writ::diag {
namespace {

using Json = nlohmann::ordered_json;

void put_place(Json& json, const source::Span& span, const source::SourceSet& sources) {
  if (!span.file.valid())
    return;
  const source::Position begin = sources.position(span.file, span.begin);
  const source::Position end = sources.position(span.file, span.end);
  json["file"] = sources.file(span.file).display;
  json["line"] = begin.line;
  json["column"] = begin.column;
  json["end_line"] = end.line;
  json["end_column"] = end.column;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string render_json(const Diag& diag, const source::SourceSet& sources) {
  Json json;
  json["code"] = code_text(diag.code);
  json["severity"] = severity(diag.code) == Severity::Error ? "error" : "warning";
  json["message"] = diag.message;
  put_place(json, diag.primary.span, sources);
  json["label"] = diag.primary.text;
  json["related"] = Json::array();
  for (const Label& label : diag.related) {
    Json item;
    put_place(item, label.span, sources);
    item["label"] = label.text;
    json["related"].push_back(std::move(item));
  }
  json["help"] = diag.help;
  return dump(json);
}

std::string render_json(const Error& error) {
  Json json;
  json["code"] = code_text(code_of(error));
  json["severity"] = "error";
  json["message"] = error.message;
  json["where"] = error.where;
  return dump(json);
}

}  // namespace writ::diag
