#include "runtime/engine/golden.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/audit/append.h"
#include "runtime/audit/attributes.h"
#include "runtime/audit/facts.h"

namespace writ::engine {
namespace {

using audit::append_integer;
using audit::append_text;
using audit::take_text;

void append(std::string& out, const GoldenDecision& golden) {
  std::string part;
  audit::encode_session(golden.session, part);
  append_text(out, part);
  append_text(out, golden.request.kind);
  append_text(out, golden.request.operation);
  append_text(out, golden.request.name);
  append_text(out, golden.request.scope);
  part.clear();
  audit::encode_attributes(golden.request.attributes, part);
  append_text(out, part);
  append_integer(out, static_cast<std::uint8_t>(golden.request.time_us ? 1 : 0));
  append_integer(out, golden.request.time_us.value_or(0));
  append_integer(out, static_cast<std::uint8_t>(golden.decision.verdict));
  append_integer(out, static_cast<std::uint8_t>(golden.decision.reason));
  append_integer(out, golden.decision.grant);
  append_integer(out, golden.decision.error);
  append_integer(out, golden.decision.error_grant);
}

GoldenDecision take(ByteReader& in) {
  GoldenDecision out;
  auto session = audit::decode_session(take_text(in));
  if (!session) in.fail();
  if (session) out.session = std::move(*session);
  out.request.kind = take_text(in);
  out.request.operation = take_text(in);
  out.request.name = take_text(in);
  out.request.scope = take_text(in);
  auto attributes = audit::decode_attributes(take_text(in));
  if (!attributes) in.fail();
  if (attributes) out.request.attributes = std::move(*attributes);
  const auto has_time = in.integer<std::uint8_t>();
  const auto time_us = in.integer<std::int64_t>();
  if (has_time > 1 || (has_time == 0 && time_us != 0)) in.fail();
  if (has_time == 1) out.request.time_us = time_us;
  const auto verdict = in.integer<std::uint8_t>();
  const auto reason = in.integer<std::uint8_t>();
  if (verdict > 1 || reason > static_cast<std::uint8_t>(ReasonClass::Unlisted)) in.fail();
  out.decision.verdict = static_cast<Verdict>(verdict & 1);
  out.decision.reason = static_cast<ReasonClass>(reason);
  out.decision.grant = in.integer<std::uint32_t>();
  out.decision.error = in.integer<std::uint32_t>();
  out.decision.error_grant = in.integer<std::uint32_t>();
  return out;
}

}  // namespace

std::vector<std::byte> encode_golden(std::span<const GoldenDecision> decisions) {
  std::string out;
  append_integer(out, static_cast<std::uint32_t>(decisions.size()));
  for (const GoldenDecision& golden : decisions) append(out, golden);
  const auto bytes = std::as_bytes(std::span(out));
  return {bytes.begin(), bytes.end()};
}

Result<std::vector<GoldenDecision>> decode_golden(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  const auto count = in.integer<std::uint32_t>();
  if (count > kGoldenMax) {
    return fail(ErrorCode::Limit,
                fmt::format("{} golden decisions; at most {} are asked", count, kGoldenMax),
                kGoldenSection);
  }
  std::vector<GoldenDecision> out;
  while (out.size() < count && !in.failed()) out.push_back(take(in));
  if (in.failed() || in.left() != 0) {
    return fail(ErrorCode::Malformed, "the golden decisions cannot be read: build the bundle again",
                kGoldenSection);
  }
  return out;
}

}  // namespace writ::engine
