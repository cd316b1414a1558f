// Pieces → one line. Everything here was escaped when its piece was made, or is ours.
#include <charconv>

#include "runtime/audit/parts.h"

namespace writ::audit {
namespace {

std::string_view purpose_text(Purpose purpose) {
  switch (purpose) {
    case Purpose::Enforce: return "enforce";
    case Purpose::Probe: return "probe";
    case Purpose::Filter: return "filter";
  }
  return "enforce";
}

// Appends to room that is there already: a line is some twenty copies.
class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}
  Line& operator<<(std::string_view text) {
    out_.append(text);
    return *this;
  }
  Line& operator<<(std::uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out_.append(digits, static_cast<std::size_t>(end - digits));
    return *this;
  }

 private:
  std::string& out_;
};

void authorization(Line& line, const Varying& varying, const Pieces& of, Shape shape) {
  if (shape == Shape::Kafka) {
    line << R"(,"authorizationInfo":{"granted":)" << (varying.granted ? "true" : "false");
  } else {
    line << R"(,"authorizationInfo":{"result":)" << (varying.granted ? R"("ALLOW")" : R"("DENY")");
  }
  if (of.operation) line << "," << of.question->operation;
  line << "," << of.question->kind;
  if (of.resource != nullptr) line << "," << of.resource->resource;
  if (!of.list.empty()) line << "," << of.list;
  if (of.reason != nullptr) {
    const std::string& grounds = of.reason->grounds[static_cast<std::size_t>(shape)];
    if (!grounds.empty()) line << "," << grounds;
  }
  line << "," << of.session->principals << "}";
}

}  // namespace

void join(const Varying& varying, const Pieces& of, std::string& out) {
  const QuestionParts& question = *of.question;
  const Shape shape = question.service.shape;
  Line line(out);
  line << R"({"id":")" << varying.id << R"(",)" << question.head << R"(,"time":")" << varying.time;
  if (of.resource != nullptr) {
    line << R"(","subject":")" << question.crn << of.resource->crn;
  }
  line << R"(","data":{)" << question.names << "," << of.method;
  if (of.resource != nullptr) {
    line << R"(,"resourceName":")" << question.crn << of.resource->crn << "\"";
    if (shape == Shape::General) {
      line << R"(,"cloudResources":[{)" << question.cloud << "," << of.resource->cloud << "}}]";
    }
  }
  line << "," << of.session->authentication;
  authorization(line, varying, of, shape);
  line << "," << of.request << R"(,"policyInfo":{)" << question.policy;
  if (of.reason != nullptr) line << "," << of.reason->policy;
  line << R"(},"purpose":")" << purpose_text(varying.purpose) << "\"";
  if (varying.count != 1) line << R"(,"count":)" << varying.count;
  if (!varying.last_time.empty()) line << R"(,"lastTime":")" << varying.last_time << "\"";
  if (varying.uncertainty_us != 0) {
    line << R"(,"timeUncertaintyMicros":)" << std::uint64_t{varying.uncertainty_us};
  }
  if (!varying.undefined.empty()) line << R"(,"undefined":")" << varying.undefined << "\"";
  line << "}}\n";
}

}  // namespace writ::audit
