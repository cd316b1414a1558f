#include "tests/unit/audit_render/schema.h"

#include <fstream>
#include <memory>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace writ::audit::testing {
namespace {

constexpr const char* kSchemaFile = "tests/unit/audit_render/event.schema.json";

const valijson::Schema& schema() {
  static const std::unique_ptr<valijson::Schema> parsed = [] {
    auto out = std::make_unique<valijson::Schema>();
    std::ifstream in(kSchemaFile);
    const nlohmann::json text = nlohmann::json::parse(in);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text), *out);
    return out;
  }();
  return *parsed;
}

}  // namespace

std::string against_schema(std::string_view line) {
  const nlohmann::json event = nlohmann::json::parse(line, nullptr, false);
  if (event.is_discarded()) return "no JSON";
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema(), valijson::adapters::NlohmannJsonAdapter(event), &results)) {
    return {};
  }
  std::string out;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& step : error.context) out += step;
    out += ": " + error.description + "\n";
  }
  return out.empty() ? "refused without a word" : out;
}

}  // namespace writ::audit::testing
