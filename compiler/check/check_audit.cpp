// `audit { … }`: how decisions are kept, where their events go, what they may show. Only the root
// says it, once.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "compiler/check/steps.h"

namespace writ::check {
namespace {

constexpr std::uint8_t kDenials = 1;
constexpr std::uint8_t kAllows = 2;
constexpr std::string_view kLevels[] = {"ring", "durable", "replicated"};

class AuditChecker {
 public:
  AuditChecker(Policy& policy, const ast::File& file) : policy_(policy), file_(file) {}

  void check(const ast::AuditDecl& decl) {
    ir::Program& program = policy_.program();
    if (decl.source) program.audit_source = {policy_.builder().string(decl.source->text)};
    for (const ast::AuditItem& item : decl.items) {
      switch (item.form) {
        case ast::AuditItem::Form::Level: level(item); break;
        case ast::AuditItem::Form::Route: route(item); break;
        case ast::AuditItem::Form::Redact: redact(item); break;
        case ast::AuditItem::Form::Coalesce: coalesce(item); break;
      }
    }
    std::ranges::sort(program.audit_omitted);
    const auto repeats = std::ranges::unique(program.audit_omitted);
    program.audit_omitted.erase(repeats.begin(), repeats.end());
  }

 private:
  void unknown_word(const ast::Word& word, std::string_view what, std::string help) {
    policy_.report(diag::Code::BadAuditWord, word.span,
                   fmt::format("`{}` is no {}", word.text, what), fmt::format("not a {}", what),
                   std::move(help));
  }

  void level(const ast::AuditItem& item) {
    const auto* const found = std::ranges::find(kLevels, item.word.text);
    ir::AuditRule rule;
    rule.form = ir::AuditForm::Level;
    rule.verdicts = verdicts(item.of);
    if (found == std::end(kLevels)) {
      unknown_word(item.word, "level of the audit trail",
                   "`ring` survives the process, `durable` the machine, `replicated` its disk");
    } else {
      rule.level = static_cast<std::uint8_t>(found - std::begin(kLevels));
    }
    add(item, rule);
  }

  void route(const ast::AuditItem& item) {
    ir::AuditRule rule;
    rule.verdicts = verdicts(item.of);
    rule.destination = policy_.builder().string(item.destination.text);
    rule.form =
        item.word.text == "file" ? ir::AuditForm::RouteToFile : ir::AuditForm::RouteToTopic;
    if (item.word.text != "file" && item.word.text != "topic") {
      unknown_word(item.word, "destination of events",
                   "write `to topic \"NAME\"` or `to file \"NAME\"`");
    }
    if (item.destination.text.empty()) {
      policy_.report(diag::Code::BadAuditWord, item.destination.span,
                     "events are routed to a destination without a name", "empty",
                     "name the topic or file");
    }
    add(item, rule);
  }

  void redact(const ast::AuditItem& item) {
    if (item.word.text != "omit") {
      unknown_word(item.word, "way to redact", "`omit` leaves the attribute out of every event");
    }
    const auto attribute = policy_.attribute(item.attribute.text());
    if (!attribute) {
      policy_.unknown({item.attribute.text(), item.attribute.span}, "attribute",
                      Policy::names_of(policy_.attributes),
                      "attributes are declared by the models in use");
      return;
    }
    policy_.program().audit_omitted.push_back(*attribute);
  }

  void coalesce(const ast::AuditItem& item) {
    if (item.of.verdict == ast::Effect::Deny) {
      policy_.report(diag::Code::BadCoalesce, item.of.span, "denials are recorded one by one",
                     "cannot be coalesced", "coalesce allows: `coalesce allow OPERATIONS …`");
      return;
    }
    if (item.window_us <= 0 || item.window_us > ir::kCoalesceWindowMaxUs) {
      policy_.report(diag::Code::BadCoalesce, item.window_span,
                     "equal decisions are counted together for one hour at most",
                     "more than nothing, up to `1h`", "write a window such as `within 1s`");
      return;
    }
    ir::AuditRule rule;
    rule.form = ir::AuditForm::Coalesce;
    rule.verdicts = kAllows;
    rule.window_us = item.window_us;
    add(item, rule);
  }

  [[nodiscard]] static std::uint8_t verdicts(const ast::AuditSelection& of) {
    if (!of.verdict) return kDenials | kAllows;
    return *of.verdict == ast::Effect::Allow ? kAllows : kDenials;
  }

  /// One rule for each kind that the selection speaks of.
  void add(const ast::AuditItem& item, ir::AuditRule rule) {
    const auto scope = policy_.scope(item.of.at);
    if (!scope) return;
    rule.scope = *scope;
    rule.origin = policy_.origin(file_, item.span, "audit", {});
    const bool any = item.of.kinds.empty();
    bool asked = false;
    for (const ir::KindId kind : kinds(item.of)) {
      rule.kind = kind;
      // Deny: `any` is then every operation that can be asked, listed by the vocabulary or not.
      rule.operations = resolve_operations(policy_, item.of.operations, kind, ast::Effect::Deny,
                                           any ? Missing::Ignore : Missing::Report);
      if (rule.operations == 0) continue;
      asked = true;
      policy_.program().audit_rules.push_back(rule);
    }
    if (any && !asked && !operation_names(policy_, item.of.operations).empty()) {
      policy_.report(diag::Code::NoSuchOperation, item.of.operations.span,
                     "no kind has these operations", "nothing is recorded by this line",
                     "name a kind: `on Topic`");
    }
  }

  [[nodiscard]] std::vector<ir::KindId> kinds(const ast::AuditSelection& of) {
    std::vector<ir::KindId> out;
    if (of.kinds.empty()) {
      for (std::uint32_t at = 0; at < policy_.program().kinds.size(); ++at) {
        out.push_back(ir::KindId{at});
      }
    }
    for (const ast::Word& word : of.kinds) {
      const auto found = policy_.kinds.find(word.text);
      if (found == policy_.kinds.end()) {
        policy_.unknown(word, "kind", Policy::names_of(policy_.kinds),
                        "kinds are declared by the models in use");
        continue;
      }
      out.push_back(found->second.value);
    }
    return out;
  }

  Policy& policy_;
  const ast::File& file_;
};

}  // namespace

void check_audit(Policy& policy) {
  const ast::AuditDecl* first = nullptr;
  for (const ast::File& file : policy.files) {
    for (const ast::Decl& decl : file.decls) {
      const auto* audit = std::get_if<ast::AuditDecl>(&decl);
      if (audit == nullptr) continue;
      if (first != nullptr) {
        policy.report(diag::Code::Duplicate, audit->span, "`audit` stands twice",
                      "said again here", "move its lines into the first one",
                      {{first->span, "said first here"}});
        continue;
      }
      first = audit;
      AuditChecker(policy, file).check(*audit);
    }
  }
}

}  // namespace writ::check
