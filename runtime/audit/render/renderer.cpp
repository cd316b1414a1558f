#include "runtime/audit/render/renderer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "runtime/audit/attributes.h"
#include "runtime/audit/crn.h"
#include "runtime/audit/parts.h"
#include "runtime/audit/render/slots.h"
#include "runtime/audit/render/special.h"
#include "runtime/audit/render/time_text.h"
#include "runtime/base/check.h"

namespace writ::audit::render {
namespace {

// Places for definitions; more of them at work at once cost making pieces anew, not memory.
constexpr std::size_t kSessionsKept = 16'384;
constexpr std::size_t kResourcesKept = 16'384;
constexpr std::size_t kReasonsKept = 16'384;
constexpr std::size_t kQuestionsKept = 1'024;
constexpr std::size_t kRequestsKept = 4'096;
constexpr std::size_t kInstanceShownBytesMax = 32;
constexpr std::size_t kOperationShownBytesMax = 64;
// Of a list, which leaves room for the rest of the event.
constexpr std::size_t kListBytesMax = std::size_t{40} << 10;
constexpr std::size_t kListBytesOfOneMax = std::size_t{4} << 10;

struct QuestionMade {
  QuestionParts parts;
  std::vector<std::string> operations;  // `{"operation":"Read","granted":`
};
struct SessionMade {
  std::array<std::optional<SessionParts>, kShapes> parts;
};
struct ReasonMade {
  ReasonParts parts;
  std::string item;  // what stands beside a name in a list
};
// A request's own attributes, of one session and question.
struct RequestMade {
  std::uint64_t epoch = 0;
  std::uint32_t session = 0;
  std::uint32_t question = 0;
  std::string attributes;
  std::string method;
  std::string request;
};

Question words_of(const QuestionDef& def) {
  Question out;
  out.kind = def.kind;
  if (!def.operations.empty()) out.operation = def.operations.front();
  out.scope = def.scope;
  out.scope_id = def.scope_id;
  out.model = def.model;
  out.levels = def.levels;
  return out;
}

std::string item_of(const ReasonDef& def) {
  std::string out;
  JsonWriter json(out);
  json.text("reason", name_of(def.reason));
  if (def.grant != kNoGrant) json.number("grant", def.grant);
  named_if(json, "file", def.why.file);
  if (def.why.line != 0) json.number("line", def.why.line);
  return out;
}

void append_id(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out += '-';
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string instance_text(const InstanceDef& instance) {
  return percent(front(instance.id, kInstanceShownBytesMax));
}

constexpr std::size_t kLineBytes = 64;
// Of one piece; more is fetched by the processor itself, once it sees where the copy goes.
constexpr std::size_t kFetchedBytesMax = 512;

void fetch(const std::string& piece) {
  const std::size_t bytes = std::min(piece.size(), kFetchedBytesMax);
  for (std::size_t at = 0; at < bytes; at += kLineBytes) __builtin_prefetch(piece.data() + at);
}

// Rows that one question about several names left.
bool continues(const Entry& row, const Entry& first, std::size_t at) {
  return row.kind == EntryKind::Decision && row.ring == first.ring &&
         row.sequence == first.sequence + at && row.session == first.session &&
         row.question == first.question && row.time_us == first.time_us &&
         row.purpose == first.purpose && row.count == 1 && row.attributes == first.attributes;
}

}  // namespace

class Renderer::State {
 public:
  explicit State(EventOptions options)
      : options_(std::move(options)),
        sessions_(kSessionsKept),
        resources_(kResourcesKept),
        reasons_(kReasonsKept),
        questions_(kQuestionsKept),
        requests_(kRequestsKept) {}

  void event(const Definitions& of, const Entry& row, std::string& out);
  std::size_t list(const Definitions& of, std::span<const Entry> rows, std::string& out);
  /// Rows that come behind the one at hand: what they need is fetched meanwhile.
  void expect(const Definitions& of, std::span<const Entry> rows);

 private:
  const QuestionMade& question(const Definitions& of, std::uint32_t id);
  const SessionParts& session(const Definitions& of, std::uint32_t id, Shape shape);
  const ReasonMade* reason(const Definitions& of, std::uint32_t id);  // null: not defined
  const ResourceParts& resource(const Definitions& of, const Entry& row);
  void request(const Definitions& of, const Entry& row, const QuestionMade& asked,
               const SessionParts& who, Pieces& pieces);
  Varying varying(const Definitions& of, const Entry& row);
  std::string_view operations(const Entry& row, const QuestionMade& asked);
  void finish(const Entry& row, std::size_t begin, std::string& out);

  const EventOptions options_;
  Slots<SessionMade> sessions_;
  Slots<ResourceParts> resources_;
  Slots<ReasonMade> reasons_;
  Slots<QuestionMade> questions_;
  std::vector<RequestMade> requests_;
  ResourceParts named_;         // of the row at hand
  std::string instance_;        // of instance_text_
  std::string instance_text_;
  std::string id_;
  std::string last_time_;
  std::string list_;
  std::string_view undefined_;  // of the row at hand
  TimeText time_;
};

// In all of these: what stands under a number other than 0 was defined, and need not be looked up.
const QuestionMade& Renderer::State::question(const Definitions& of, std::uint32_t id) {
  const QuestionMade* there = id == 0 ? nullptr : questions_.find(id, of.epoch());
  if (there != nullptr) return *there;
  const QuestionDef* known = of.question(id);
  if (known == nullptr) undefined_ = "question";
  return questions_.of(known == nullptr ? 0 : id, of.epoch(), [&](QuestionMade& made) {
    static const QuestionDef kNothing;
    const QuestionDef& def = known == nullptr ? kNothing : *known;
    const PolicyFacts policy = {def.digest, def.package, def.version, def.generation};
    made.parts = question_parts(words_of(def), policy, options_);
    for (const std::string& operation : def.operations) {
      std::string text = R"({"operation":)";
      append_json(text, front(operation, kOperationShownBytesMax));
      made.operations.push_back(text + R"(,"granted":)");
    }
  });
}

const SessionParts& Renderer::State::session(const Definitions& of, std::uint32_t id,
                                             Shape shape) {
  const auto at = static_cast<std::size_t>(shape);
  const SessionMade* there = id == 0 ? nullptr : sessions_.find(id, of.epoch());
  if (there != nullptr && there->parts[at]) return *there->parts[at];
  const SessionDef* known = of.session(id);
  if (known == nullptr && id != 0) undefined_ = "session";
  SessionMade& made =
      sessions_.of(known == nullptr ? 0 : id, of.epoch(), [](SessionMade&) {});
  std::optional<SessionParts>& parts = made.parts[at];
  if (parts) return *parts;
  static const SessionFacts kNobody;
  parts = session_parts(known == nullptr ? kNobody : known->facts, shape, options_);
  return *parts;
}

const ReasonMade* Renderer::State::reason(const Definitions& of, std::uint32_t id) {
  if (id == 0) return nullptr;
  const ReasonMade* there = reasons_.find(id, of.epoch());
  if (there != nullptr) return there;
  const ReasonDef* known = of.reason(id);
  if (known == nullptr) return nullptr;
  return &reasons_.of(id, of.epoch(), [&](ReasonMade& made) {
    Decision decision;
    decision.reason = known->reason;
    decision.grant = known->grant;
    decision.error = known->error;
    decision.error_grant = known->error_grant;
    made.parts = reason_parts(decision, known->why, options_);
    made.item = item_of(*known);
  });
}

const ResourceParts& Renderer::State::resource(const Definitions& of, const Entry& row) {
  if (row.kind == EntryKind::ByKind) return any_resource_parts();
  if (row.resource == 0) {
    named_ = resource_parts(name_seen(row.name));
    return named_;
  }
  const ResourceParts* there = resources_.find(row.resource, of.epoch());
  if (there != nullptr) return *there;
  const ResourceDef* known = of.resource(row.resource);
  if (known == nullptr) undefined_ = "resource";
  return resources_.of(known == nullptr ? 0 : row.resource, of.epoch(), [&](ResourceParts& made) {
    made = resource_parts(known == nullptr ? std::string_view() : std::string_view(known->name));
  });
}

// The session's own words, unless the request had some.
void Renderer::State::request(const Definitions& of, const Entry& row, const QuestionMade& asked,
                              const SessionParts& who, Pieces& pieces) {
  pieces.method = asked.parts.method;
  pieces.request = who.request;
  if (row.attributes.empty()) return;
  const std::size_t hash = std::hash<std::string_view>()(row.attributes) ^ row.session * 31U;
  RequestMade& made = requests_[hash % requests_.size()];
  if (made.epoch != of.epoch() || made.session != row.session || made.question != row.question ||
      made.attributes != row.attributes) {
    static const SessionFacts kNobody;
    const SessionDef* session = of.session(row.session);
    const std::optional<std::vector<NamedValue>> said = decode_attributes(row.attributes);
    const std::vector<NamedValue>* attributes = said ? &*said : nullptr;
    const Service& service = asked.parts.service;
    made.epoch = of.epoch();
    made.session = row.session;
    made.question = row.question;
    made.attributes = row.attributes;
    made.method = method_part(service, attributes, options_);
    made.request = request_part(session == nullptr ? kNobody : session->facts, attributes,
                                service.shape, options_);
  }
  pieces.method = made.method;
  pieces.request = made.request;
}

Varying Renderer::State::varying(const Definitions& of, const Entry& row) {
  if (instance_text_.empty() || instance_ != of.instance().id) {
    instance_ = of.instance().id;
    instance_text_ = instance_text(of.instance());
  }
  id_ = instance_text_;
  append_id(id_, row.ring);
  append_id(id_, row.sequence);
  Varying out;
  out.id = id_;
  out.time = time_.of(row.time_us);
  out.granted = row.verdict == Verdict::Allow;
  out.purpose = row.purpose;
  out.count = row.kind == EntryKind::Mask ? 1 : row.count;
  out.uncertainty_us = row.uncertainty_us;
  std::int64_t last_us = 0;
  const char* const end = row.text.data() + row.text.size();
  const auto read = std::from_chars(row.text.data(), end, last_us);
  if (row.kind == EntryKind::Decision && row.count > 1 && read.ec == std::errc() &&
      read.ptr == end) {
    last_time_ = event_time(last_us);
    out.last_time = last_time_;
  }
  return out;
}

std::string_view Renderer::State::operations(const Entry& row, const QuestionMade& asked) {
  list_ = R"("operations":[)";
  bool first = true;
  for (std::size_t bit = 0; bit < asked.operations.size() && bit < 32; ++bit) {
    if ((row.asked >> bit & 1U) == 0) continue;
    if (!first) list_ += ',';
    first = false;
    list_ += asked.operations[bit];
    list_ += (row.allowed >> bit & 1U) != 0 ? "true}" : "false}";
  }
  list_ += ']';
  return list_;
}

void Renderer::State::finish(const Entry& row, std::size_t begin, std::string& out) {
  if (out.size() - begin <= kEventBytesMax) return;
  out.resize(begin);
  too_large(row, options_, id_, out);
}

void Renderer::State::event(const Definitions& of, const Entry& row, std::string& out) {
  undefined_ = {};
  const std::size_t begin = out.size();
  Varying varying = this->varying(of, row);
  if (is_special(row.kind)) {
    if (special(row, options_, id_, out) == Encoded::TooLarge) too_large(row, options_, id_, out);
    return;
  }
  const QuestionMade& asked = question(of, row.question);
  Pieces pieces;
  pieces.question = &asked.parts;
  pieces.session = &session(of, row.session, asked.parts.service.shape);
  pieces.resource = &resource(of, row);
  request(of, row, asked, *pieces.session, pieces);
  if (row.kind == EntryKind::Mask) {
    varying.granted = row.asked != 0 && (row.asked & ~row.allowed) == 0;
    pieces.operation = false;
    pieces.list = operations(row, asked);
  }
  if (const ReasonMade* why = reason(of, row.reason)) {
    pieces.reason = &why->parts;
  } else if (row.kind != EntryKind::Mask) {
    undefined_ = "reason";
  }
  varying.undefined = undefined_;
  join(varying, pieces, out);
  finish(row, begin, out);
}

std::size_t Renderer::State::list(const Definitions& of, std::span<const Entry> rows,
                                  std::string& out) {
  const Entry& row = rows.front();
  undefined_ = {};
  const std::size_t begin = out.size();
  Varying varying = this->varying(of, row);
  const QuestionMade& asked = question(of, row.question);
  Pieces pieces;
  pieces.question = &asked.parts;
  pieces.session = &session(of, row.session, asked.parts.service.shape);
  request(of, row, asked, *pieces.session, pieces);
  list_ = R"("resources":[)";
  std::size_t count = 0;
  while (count < rows.size() && continues(rows[count], row, count) &&
         list_.size() + kListBytesOfOneMax <= kListBytesMax) {
    const Entry& each = rows[count];
    const bool allowed = each.verdict == Verdict::Allow;
    varying.granted = varying.granted && allowed;
    list_ += count == 0 ? "{" : ",{";
    list_ += resource(of, each).resource;
    list_ += allowed ? R"(,"granted":true)" : R"(,"granted":false)";
    const ReasonMade* why = reason(of, each.reason);
    if (why == nullptr) undefined_ = "reason";
    if (why != nullptr) {
      list_ += ',';
      list_ += why->item;
    }
    list_ += '}';
    ++count;
  }
  list_ += ']';
  pieces.list = list_;
  varying.undefined = undefined_;
  join(varying, pieces, out);
  finish(row, begin, out);
  return count;
}

void Renderer::State::expect(const Definitions& of, std::span<const Entry> rows) {
  if (rows.size() > 1) {
    const Entry& later = rows[1];
    sessions_.expect(later.session);
    resources_.expect(later.resource);
    reasons_.expect(later.reason);
  }
  if (rows.empty()) return;
  const Entry& next = rows.front();
  if (const SessionMade* who = sessions_.find(next.session, of.epoch())) {
    for (const std::optional<SessionParts>& parts : who->parts) {
      if (!parts) continue;
      fetch(parts->authentication);
      fetch(parts->principals);
      fetch(parts->request);
    }
  }
  if (const ResourceParts* what = resources_.find(next.resource, of.epoch())) {
    fetch(what->crn);
    fetch(what->resource);
    fetch(what->cloud);
  }
  if (const ReasonMade* why = reasons_.find(next.reason, of.epoch())) {
    for (const std::string& grounds : why->parts.grounds) fetch(grounds);
    fetch(why->parts.policy);
  }
}

Renderer::Renderer(EventOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Renderer::~Renderer() = default;

std::size_t Renderer::next(const Definitions& definitions, std::span<const Entry> rows,
                           std::string& out) {
  WRIT_CHECK(!rows.empty());
  const Entry& first = rows.front();
  const bool listed = first.purpose != Purpose::Enforce && rows.size() > 1 &&
                      continues(first, first, 0) && continues(rows[1], first, 1);
  if (listed) return state_->list(definitions, rows, out);
  state_->expect(definitions, rows.subspan(1));
  state_->event(definitions, first, out);
  return 1;
}

void Renderer::event(const Definitions& definitions, const Entry& row, std::string& out) {
  state_->event(definitions, row, out);
}

std::string id_of(const InstanceDef& instance, const Entry& row) {
  std::string out = instance_text(instance);
  append_id(out, row.ring);
  append_id(out, row.sequence);
  return out;
}

void event(const Definitions& definitions, const Entry& row, const EventOptions& options,
           std::string& out) {
  Renderer(options).event(definitions, row, out);
}

}  // namespace writ::audit::render
