#include "runtime/audit/log/definition_codec.h"

#include <initializer_list>
#include <limits>

#include "runtime/audit/facts.h"
#include "runtime/audit/log/varint.h"

namespace writ::audit::log {
namespace {

constexpr std::uint64_t kU32Max = std::numeric_limits<std::uint32_t>::max();

// Texts stand behind their count, so that a later version may add some at the end.
void put_texts(std::string& out, std::initializer_list<const std::string*> texts) {
  put_number(out, texts.size());
  for (const std::string* text : texts) put_text(out, *text);
}
void take_texts(ByteReader& in, std::initializer_list<std::string*> texts) {
  const std::uint64_t count = take_number(in, in.left());
  std::uint64_t taken = 0;
  for (std::string* text : texts) {
    if (taken == count) return;
    *text = take_text(in);
    ++taken;
  }
  for (; taken < count && !in.failed(); ++taken) static_cast<void>(take_text(in));
}

// The length of what is defined is known only behind it.
void put_record(std::string& out, Defines what, std::string_view body) {
  out += static_cast<char>(what);
  put_text(out, body);
}

std::uint32_t take_u32(ByteReader& in) {
  return static_cast<std::uint32_t>(take_number(in, kU32Max));
}

void take(ByteReader& in, InstanceDef& def) {
  def.pid = take_u32(in);
  def.started_us = unzigzag(take_number(in));
  take_texts(in, {&def.id, &def.boot});
}
void take(ByteReader& in, SessionDef& def) {
  def.id = take_u32(in);
  auto facts = decode_session(take_text(in));
  if (!facts) return in.fail();
  def.facts = std::move(*facts);
}
void take(ByteReader& in, ResourceDef& def) {
  def.id = take_u32(in);
  take_texts(in, {&def.kind, &def.name});
}
void take(ByteReader& in, QuestionDef& def) {
  def.id = take_u32(in);
  def.generation = take_number(in);
  def.version = take_number(in);
  const std::uint64_t operations = take_number(in, in.left());
  for (std::uint64_t i = 0; i < operations && !in.failed(); ++i) {
    def.operations.emplace_back(take_text(in));
  }
  take_texts(in, {&def.digest, &def.package, &def.kind, &def.scope, &def.scope_id, &def.model,
                  &def.levels});
}
void take(ByteReader& in, ReasonDef& def) {
  def.id = take_u32(in);
  def.reason = static_cast<ReasonClass>(
      take_number(in, static_cast<std::uint64_t>(ReasonClass::Unlisted)));
  def.grant = take_u32(in);
  def.error = take_u32(in);
  def.error_grant = take_u32(in);
  def.why.line = take_u32(in);
  Explained& why = def.why;
  take_texts(in, {&why.rule, &why.statement, &why.file, &why.error, &why.role, &why.pattern_type,
                  &why.pattern_name, &why.host, &why.scope, &why.scope_levels,
                  &why.acting_principal, &why.nearest});
}

template <class Def>
void take_record(std::string_view body, ByteReader& in, Def& def) {
  ByteReader inside(std::as_bytes(std::span(body)));
  take(inside, def);
  if (inside.failed()) in.fail();
}

}  // namespace

void encode(const InstanceDef& def, std::string& out) {
  std::string body;
  put_number(body, def.pid);
  put_number(body, zigzag(def.started_us));
  put_texts(body, {&def.id, &def.boot});
  put_record(out, Defines::Instance, body);
}
void encode(const SessionDef& def, std::string& out) {
  std::string facts;
  encode_session(def.facts, facts);
  std::string body;
  put_number(body, def.id);
  put_text(body, facts);
  put_record(out, Defines::Session, body);
}
void encode(const ResourceDef& def, std::string& out) {
  std::string body;
  put_number(body, def.id);
  put_texts(body, {&def.kind, &def.name});
  put_record(out, Defines::Resource, body);
}
void encode(const QuestionDef& def, std::string& out) {
  std::string body;
  put_number(body, def.id);
  put_number(body, def.generation);
  put_number(body, def.version);
  put_number(body, def.operations.size());
  for (const std::string& operation : def.operations) put_text(body, operation);
  put_texts(body, {&def.digest, &def.package, &def.kind, &def.scope, &def.scope_id, &def.model,
                   &def.levels});
  put_record(out, Defines::Question, body);
}
void encode(const ReasonDef& def, std::string& out) {
  std::string body;
  put_number(body, def.id);
  put_number(body, static_cast<std::uint64_t>(def.reason));
  put_number(body, def.grant);
  put_number(body, def.error);
  put_number(body, def.error_grant);
  put_number(body, def.why.line);
  const Explained& why = def.why;
  put_texts(body, {&why.rule, &why.statement, &why.file, &why.error, &why.role, &why.pattern_type,
                   &why.pattern_name, &why.host, &why.scope, &why.scope_levels,
                   &why.acting_principal, &why.nearest});
  put_record(out, Defines::Reason, body);
}

Status decode_definitions(std::span<const std::byte> bytes, Batch& batch) {
  ByteReader in(bytes);
  while (in.left() > 0 && !in.failed()) {
    const auto what = in.integer<std::uint8_t>();
    const std::string_view body = take_text(in);
    if (in.failed()) break;
    switch (static_cast<Defines>(what)) {
      case Defines::Instance:
        batch.instance = {};
        take_record(body, in, batch.instance);
        break;
      case Defines::Session:
        take_record(body, in, batch.sessions.emplace_back());
        break;
      case Defines::Resource:
        take_record(body, in, batch.resources.emplace_back());
        break;
      case Defines::Question:
        take_record(body, in, batch.questions.emplace_back());
        break;
      case Defines::Reason:
        take_record(body, in, batch.reasons.emplace_back());
        break;
      default:
        // A byte that names no kind of definition.
        in.fail();
        break;
    }
  }
  if (in.failed()) {
    return fail(ErrorCode::Malformed, "a block's definitions are not what a writer writes");
  }
  return {};
}

}  // namespace writ::audit::log
