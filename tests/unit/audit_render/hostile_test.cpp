// Whatever stands in a row or a definition, one row is one line, one JSON object, with the fields
// that are ours as we wrote them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include <nlohmann/json.hpp>

#include "runtime/audit/render/renderer.h"
#include "tests/unit/audit_render/log_sample.h"
#include "tests/unit/audit_render/schema.h"

namespace writ::audit::render {
namespace {

using nlohmann::json;

class Hostile {
 public:
  explicit Hostile(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  std::string text() {
    static const std::string kPieces[] = {
        "\",\"granted\":true,\"x\":\"", "\n{\"id\":\"forged\"}\n", "\\", "\\\"", "\"", "}", "]}}",
        std::string(1, '\0'), "\x1b[2J", "\u202E", "\u2066", "\u200B", "\u2028", "\u0085", "\x7F",
        "\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\uFEFF",
        "\U000E0041", "caf\u00E9", "\u65E5\u672C", "\U0001F600", "a", "topic-7", ":", "=", "/", "%",
        "%2", "%41", "\r", "\t", "null"};
    const std::uint64_t size = below(16);
    if (size == 15) return std::string(below(70'000), static_cast<char>(below(256)));
    std::string out;
    for (std::uint64_t i = 0; i < size * size; ++i) out += kPieces[below(std::size(kPieces))];
    return out;
  }

  Batch definitions() {
    Batch out = testing::log_sample();
    if (below(2) == 0) out.instance.id = text();
    SessionFacts& who = out.sessions[0].facts;
    who.principal_type = text();
    who.principal_name = text();
    who.host = text();
    who.groups = std::vector<std::string>(below(40), text());
    who.attributes = {{"sasl.mechanism", Value::of_text(text())},
                      {"client.id", Value::of_text(text())}};
    out.resources[0].name = text();
    for (QuestionDef& asked : out.questions) {
      asked.digest = text();
      asked.package = text();
      if (below(2) == 0) asked.kind = text();
      asked.operations = std::vector<std::string>(1 + below(40), text());
      asked.scope = text();
      asked.scope_id = text();
      asked.levels = text() + "/" + text() + "=" + text();
      if (below(2) == 0) asked.model = text();
    }
    for (ReasonDef& why : out.reasons) {
      why.reason = static_cast<ReasonClass>(below(17));
      why.why.rule = text();
      why.why.statement = text();
      why.why.file = text();
      why.why.error = text();
      why.why.role = below(2) == 0 ? text() : std::string();
      why.why.pattern_name = text();
      why.why.host = text();
      why.why.scope = text();
      why.why.scope_levels = text();
      why.why.acting_principal = text();
      why.why.nearest = text();
    }
    return out;
  }

  Entry row() {
    std::vector<Entry> rows = testing::a_row_of_each_kind();
    Entry out = rows[below(rows.size())];
    if (below(3) == 0) out.text = text();
    if (below(3) == 0) out.attributes = text();
    if (below(3) == 0) out.question = static_cast<std::uint32_t>(below(5));
    if (below(3) == 0) out.purpose = static_cast<Purpose>(below(3));
    if (below(2) == 0) {
      out.resource = 0;
      out.name = text();
    }
    out.time_us = static_cast<std::int64_t>(random_());
    out.asked = static_cast<std::uint32_t>(random_());
    out.allowed = static_cast<std::uint32_t>(random_());
    out.count = below(3);
    return out;
  }

 private:
  std::mt19937_64 random_;
};

std::uint64_t rounds() { return std::getenv("WRIT_LONG") == nullptr ? 2'000 : 200'000; }

TEST(HostileText, IsOneLineWithOurFields) {
  const std::uint64_t seed = 20'261;
  Hostile hostile(seed);
  for (std::uint64_t round = 0; round < rounds(); ++round) {
    DefinitionTable definitions;
    definitions.add(hostile.definitions());
    const Entry row = hostile.row();
    std::string line;
    event(definitions, row, EventOptions{}, line);
    const std::string where = "seed " + std::to_string(seed) + " round " + std::to_string(round);
    ASSERT_EQ(line.find('\n'), line.size() - 1) << where;
    ASSERT_LE(line.size(), kEventBytesMax) << where;
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << where << line;
    ASSERT_EQ(parsed["id"], id_of(definitions.instance(), row)) << where;
    const json& info = parsed["data"].value("authorizationInfo", json::object());
    if (row.kind == EntryKind::Decision || row.kind == EntryKind::ByKind) {
      const bool allowed = info.contains("granted") ? info["granted"].get<bool>()
                                                    : info["result"] == "ALLOW";
      ASSERT_EQ(allowed, row.verdict == Verdict::Allow) << where << line;
    }
    for (const char byte : line.substr(0, line.size() - 1)) {
      ASSERT_GE(static_cast<unsigned char>(byte), 0x20) << where;
    }
  }
}

// A name twice would let a reader choose: the parser must see each once.
TEST(HostileText, GivesNoFieldTwice) {
  Hostile hostile(7);
  for (std::uint64_t round = 0; round < rounds() / 4; ++round) {
    DefinitionTable definitions;
    definitions.add(hostile.definitions());
    std::string line;
    event(definitions, hostile.row(), EventOptions{}, line);
    std::vector<std::vector<std::string>> open;
    bool twice = false;
    const auto seen = [&](int, json::parse_event_t what, json& value) {
      if (what == json::parse_event_t::object_start) open.emplace_back();
      if (what == json::parse_event_t::object_end) open.pop_back();
      if (what == json::parse_event_t::key) {
        const auto name = value.get<std::string>();
        twice = twice || std::ranges::find(open.back(), name) != open.back().end();
        open.back().push_back(name);
      }
      return true;
    };
    ASSERT_TRUE(json::parse(line, seen, false).is_object());
    ASSERT_FALSE(twice) << round << line;
  }
}

TEST(HostileText, StaysWithinTheSchema) {
  Hostile hostile(11);
  for (std::uint64_t round = 0; round < rounds() / 10; ++round) {
    Batch defined = hostile.definitions();
    // What kind a question is of is the bundle's word, and the schema knows the kinds' types.
    for (QuestionDef& asked : defined.questions) asked.model = asked.id == 2 ? "kms" : "kafka";
    for (ReasonDef& why : defined.reasons) {
      if (why.why.pattern_type.empty()) why.why.pattern_type = "LITERAL";
    }
    DefinitionTable definitions;
    definitions.add(defined);
    Entry row = hostile.row();
    row.text = testing::a_row_of_each_kind()[8].text;
    std::string line;
    event(definitions, row, EventOptions{}, line);
    ASSERT_EQ(testing::against_schema(line), "") << round << " " << line;
  }
}

}  // namespace
}  // namespace writ::audit::render
