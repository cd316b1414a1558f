#include "tests/unit/audit_render/log_sample.h"

#include "runtime/audit/authentication.h"

namespace writ::audit::testing {
namespace {

QuestionDef question(std::uint32_t id, std::string model, std::string kind,
                     std::vector<std::string> operations) {
  QuestionDef out;
  out.id = id;
  out.generation = 2;
  out.version = 7;
  out.digest = "ab12";
  out.package = "acme";
  out.kind = std::move(kind);
  out.operations = std::move(operations);
  out.scope = "acme.prod.payments";
  out.scope_id = "lkc-7";
  out.model = std::move(model);
  out.levels = "organization=acme/environment=prod/cluster=lkc-7";
  return out;
}

SessionDef session() {
  SessionDef out;
  out.id = 1;
  out.facts.principal_type = "User";
  out.facts.principal_name = "sa-ledger";
  out.facts.groups = {"writers"};
  out.facts.host = "10.1.2.3";
  out.facts.attributes = {{"sasl.mechanism", Value::of_text("PLAIN")}};
  return out;
}

ReasonDef binding() {
  ReasonDef out;
  out.id = kBinding;
  out.reason = ReasonClass::Allow;
  out.grant = 3;
  out.why.rule = out.why.role = "LedgerWriter";
  out.why.statement = "bind LedgerWriter to writers at prod";
  out.why.file = "teams/ledger.writ";
  out.why.line = 12;
  out.why.pattern_type = "PREFIX";
  out.why.pattern_name = "ledger.";
  out.why.scope = "acme.prod";
  out.why.scope_levels = "organization=acme/environment=prod";
  out.why.acting_principal = "Group:writers";
  return out;
}

ReasonDef by_default() {
  ReasonDef out;
  out.id = kDefault;
  out.why.rule = "default";
  out.why.nearest = "allow Read on Topic \"ledger.\"* to readers";
  return out;
}

Entry text_row(EntryKind kind, std::uint64_t sequence, std::string text) {
  Entry out;
  out.kind = kind;
  out.sequence = sequence;
  out.time_us = 1'767'268'800'000'001;
  out.text = std::move(text);
  out.count = 0;
  return out;
}

}  // namespace

Batch log_sample() {
  Batch out;
  out.instance = {"0123456789abcdef0123456789abcdef", "boot", 42, 1'767'268'000'000'000};
  out.sessions = {session()};
  out.resources = {{.id = 1, .kind = "Topic", .name = "ledger.postings"}};
  out.questions = {question(kTopicQuestion, "kafka", "Topic", {"Write"}),
                   question(kKeyQuestion, "kms", "Key", {"Decrypt"}),
                   question(kMaskQuestion, "kafka", "Topic", {"Read", "Write", "Delete"})};
  out.reasons = {binding(), by_default()};
  return out;
}

Entry allowed_row(std::uint64_t sequence) {
  Entry out;
  out.ring = 4;
  out.sequence = sequence;
  out.verdict = Verdict::Allow;
  out.time_us = 1'767'268'800'000'001;
  out.uncertainty_us = 150;
  out.session = 1;
  out.resource = 1;
  out.question = kTopicQuestion;
  out.reason = kBinding;
  return out;
}

std::vector<Entry> a_row_of_each_kind() {
  std::vector<Entry> out = {allowed_row(1), allowed_row(2), allowed_row(3)};
  out[1].kind = EntryKind::Mask;
  out[1].question = kMaskQuestion;
  out[1].asked = 7;
  out[1].allowed = 3;
  out[1].count = 3;
  out[1].reason = 0;
  out[1].purpose = Purpose::Probe;
  out[2].kind = EntryKind::ByKind;
  out[2].resource = 0;
  out[2].verdict = Verdict::Deny;
  out[2].reason = kDefault;
  out.push_back(text_row(EntryKind::Unavailable, 4, {}));
  out.back().count = 17;
  out.push_back(text_row(EntryKind::Infrastructure, 5, {}));
  out.back().count = 5;
  Authentication failed;
  failed.mechanism = "SASL_SSL/PLAIN";
  failed.identifier = "ABCDEF";
  failed.message = "no such key";
  failed.host = "192.0.2.7";
  failed.port = 51'000;
  failed.scope_id = "lkc-7";
  failed.client_id = "billing";
  failed.connection_id = "c9";
  out.push_back(text_row(EntryKind::Authentication, 6, authentication_text(failed)));
  out.push_back(text_row(EntryKind::Lifecycle, 7, "bundle.activated\nacme version 7"));
  out.push_back(text_row(EntryKind::Gap, 8,
                         R"({"why":"restart of the machine","rings":[{"ring":4,"from":9}]})"));
  out.push_back(text_row(EntryKind::Withdrawn, 9, "3"));
  return out;
}

}  // namespace writ::audit::testing
