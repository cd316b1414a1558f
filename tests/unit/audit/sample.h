// A decision that was allowed by a binding, to be changed by tests.
#pragma once

#include "runtime/audit/event.h"

namespace writ::audit::testing {

class FixedWords final : public Words {
 public:
  Explained answer;
  Question asked;
  [[nodiscard]] Question question() const override { return asked; }
  [[nodiscard]] Explained explain() const override { return answer; }
};

struct Sample {
  SessionFacts session;
  FixedWords words;
  PolicyFacts policy;
  Record record;
  EventOptions options;

  Sample() {
    session.principal_type = "User";
    session.principal_name = "sa-ledger";
    session.groups = {"writers"};
    session.host = "10.1.2.3";
    session.attributes = {{"sasl.mechanism", Value::of_text("PLAIN")}};
    words.answer = {.rule = "LedgerWriter",
                        .statement = "bind LedgerWriter to writers at prod.payments",
                        .file = "teams/ledger.writ",
                        .error = "",
                        .line = 12,
                        .role = "LedgerWriter",
                        .pattern_type = "PREFIX",
                        .pattern_name = "ledger.",
                        .host = "*",
                        .scope = "acme.prod",
                        .scope_levels = "organization=acme/environment=prod",
                        .acting_principal = "Group:writers",
                        .nearest = ""};
    record.session = &session;
    words.asked = {.kind = "Topic",
                   .operation = "Write",
                   .scope = "acme.prod.payments",
                   .scope_id = "lkc-7",
                   .model = "kafka",
                   .levels = "organization=acme/environment=prod/cluster=lkc-7"};
    record.name = "ledger.postings";
    record.decision = {Verdict::Allow, ReasonClass::Allow, 3, 0, kNoGrant};
    record.time_us = 1'767'268'800'000'001;
    policy = {"ab12", "acme", 7, 2};
    record.policy = &policy;
    record.words = &words;
    options.instance = "i-1";
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
};

}  // namespace writ::audit::testing
