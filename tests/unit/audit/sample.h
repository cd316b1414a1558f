// A decision that was allowed by a binding, to be changed by tests.
#pragma once

#include "runtime/audit/event.h"

namespace writ::audit::testing {

class FixedExplainer final : public Explainer {
 public:
  Explained answer;
  [[nodiscard]] Explained explain() const override { return answer; }
};

struct Sample {
  SessionFacts session;
  FixedExplainer explainer;
  Record record;
  EventOptions options;

  Sample() {
    session.principal_type = "User";
    session.principal_name = "sa-ledger";
    session.groups = {"writers"};
    session.host = "10.1.2.3";
    session.attributes = {{"sasl.mechanism", Value::of_text("PLAIN")}};
    explainer.answer = {.rule = "LedgerWriter",
                        .statement = "bind LedgerWriter to writers at prod.payments",
                        .file = "teams/ledger.writ",
                        .error = "",
                        .line = 12,
                        .role = "LedgerWriter",
                        .pattern_type = "PREFIX",
                        .pattern_name = "ledger.",
                        .host = "*"};
    record.session = &session;
    record.operation = "Write";
    record.kind = "Topic";
    record.name = "ledger.postings";
    record.scope = "acme.prod.payments";
    record.scope_id = "lkc-7";
    record.decision = {Verdict::Allow, ReasonClass::Allow, 3, 0, kNoGrant};
    record.time_us = 1'767'268'800'000'001;
    record.bundle_digest = "ab12";
    record.package = "acme";
    record.bundle_version = 7;
    record.generation = 2;
    record.explainer = &explainer;
    options.instance = "i-1";
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
};

}  // namespace writ::audit::testing
