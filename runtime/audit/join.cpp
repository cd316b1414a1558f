// Pieces → one line. Everything here was escaped when its piece was made, or is ours.
#include <charconv>
#include <cstring>

#include "runtime/audit/parts.h"
#include "runtime/base/check.h"

namespace writ::audit {
namespace {

constexpr std::size_t kNumberBytesMax = 20;
// Names of members, marks and numbers of a line: all that is no piece. INVARIANT: less than this.
constexpr std::size_t kOursBytesMax = 1'024;

std::string_view purpose_text(Purpose purpose) {
  switch (purpose) {
    case Purpose::Enforce: return "enforce";
    case Purpose::Probe: return "probe";
    case Purpose::Filter: return "filter";
  }
  return "enforce";
}

// Writes to room that is there already: a line is some thirty copies.
class Line {
 public:
  explicit Line(char* at) : at_(at) {}
  Line& operator<<(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  Line& operator<<(std::uint64_t number) {
    at_ = std::to_chars(at_, at_ + kNumberBytesMax, number).ptr;
    return *this;
  }
  [[nodiscard]] char* end() const { return at_; }

 private:
  char* at_;
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

void write(Line& line, const Varying& varying, const Pieces& of) {
  const QuestionParts& question = *of.question;
  const Shape shape = question.service.shape;
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

/// No less than what write() writes.
std::size_t bytes_at_most(const Varying& varying, const Pieces& of) {
  const QuestionParts& question = *of.question;
  const SessionParts& session = *of.session;
  std::size_t bytes = kOursBytesMax + varying.id.size() + varying.time.size() +
                      varying.last_time.size() + varying.undefined.size() +
                      question.head.size() + question.names.size() + question.operation.size() +
                      question.kind.size() + question.policy.size() + of.method.size() +
                      of.request.size() + of.list.size() + session.authentication.size() +
                      session.principals.size();
  if (of.resource != nullptr) {
    bytes += 2 * (question.crn.size() + of.resource->crn.size()) + question.cloud.size() +
             of.resource->cloud.size() + of.resource->resource.size();
  }
  if (of.reason != nullptr) {
    bytes += of.reason->policy.size();
    for (const std::string& grounds : of.reason->grounds) bytes += grounds.size();
  }
  return bytes;
}

}  // namespace

void join(const Varying& varying, const Pieces& of, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t room = before + bytes_at_most(varying, of);
  out.resize_and_overwrite(room, [&](char* text, std::size_t) {
    Line line(text + before);
    write(line, varying, of);
    const auto bytes = static_cast<std::size_t>(line.end() - text);
    WRIT_CHECK(bytes <= room);
    return bytes;
  });
}

}  // namespace writ::audit
