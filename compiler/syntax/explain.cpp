#include "compiler/syntax/mistake.h"

#include "WritParser.h"
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace writ::syntax {
namespace {

using P = WritParser;

// How each statement is written, by the word that begins it.
constexpr std::pair<std::uint16_t, std::string_view> kForms[] = {
    {P::PACKAGE, "a package is named `package NAME \"TITLE\"`"},
    {P::MODEL, "a model is named `model NAME VERSION \"TITLE\"`"},
    {P::EDITION, "an edition is written `edition 2026`"},
    {P::USE, "a model is used by `use NAME`"},
    {P::INCLUDE, "packages are included by `include NAME, NAME`"},
    {P::NETWORK, "a network class is written `network NAME at SCOPE = CONDITION`"},
    {P::GROUP, "a group is written `group NAME = User:alice, OTHER_GROUP`"},
    {P::EXTERNAL, "a group of the identity provider is written `external group NAME`"},
    {P::INFRASTRUCTURE, "it is written `infrastructure at SCOPE = PRINCIPALS from NETWORKS`"},
    {P::SUPERUSERS, "it is written `superusers at SCOPE = PRINCIPALS from NETWORKS`"},
    {P::ROLE,
     "a role is written `role NAME(PARAMETER: String) \"TITLE\" { allow OPERATIONS on RESOURCES "
     "}`"},
    {P::BIND,
     "a binding is written `bind ROLE to SUBJECTS at SCOPE on RESOURCES from NETWORKS when "
     "CONDITION until DATE`"},
    {P::ACL,
     "ACLs are written `acl at SCOPE { allow OPERATIONS on RESOURCES to SUBJECTS }` or `acl at "
     "SCOPE load \"FILE\"`"},
    {P::TAG, "a tag is written `tag NAME at SCOPE on RESOURCES`"},
    {P::GUARD,
     "a guard is written `guard NAME \"REASON\" at SCOPE { deny OPERATIONS on RESOURCES unless "
     "CONDITION }`"},
    {P::KEY,
     "a key is written `key NAME at SCOPE { aws \"REFERENCE\" purpose PURPOSE allow OPERATIONS to "
     "SUBJECTS }`"},
    {P::AUDIT,
     "it is written `audit \"AUTHORITY\" { level durable deny any  route any to topic \"NAME\" }`"},
    {P::ROUTE, "a route is written `route deny OPERATIONS on KIND at SCOPE to topic \"NAME\"`"},
    {P::REDACT, "it is written `redact ATTRIBUTE omit`"},
    {P::COALESCE, "it is written `coalesce allow OPERATIONS on KIND within 1s`"},
    {P::PROTECT, "a protection is written `protect RESOURCES at SCOPE with KEY`"},
    {P::DEFAULT, "it is written `default allow when unlisted at SCOPE \"REASON\"`"},
    {P::TEST,
     "a test is written `test \"TITLE\" at SCOPE { User:alice may Read on Topic \"orders\" }`"},
    {P::GIVEN, "it is written `given ATTRIBUTE = VALUE, ATTRIBUTE = VALUE`"},
    {P::PRINCIPAL_NAME,
     "a claim is written `User:alice from ADDRESS may not OPERATION on KIND \"NAME\" because "
     "REASON`"},
    {P::PRINCIPAL, "it is written `principal type NAME` or `principal NAME = TYPE when CONDITION`"},
    {P::UNAUTHENTICATED, "it is written `unauthenticated User:ANONYMOUS`"},
    {P::LEVEL, "it is written `level NAME`"},
    {P::OPERATION, "it is written `operation NAME = CODE`"},
    {P::KIND, "a kind is written `kind NAME = CODE { OPERATION, OPERATION }`"},
    {P::EXTEND, "it is written `extend kind NAME { OPERATION, OPERATION }`"},
    {P::OPERATIONS, "a set of operations is written `operations NAME = OPERATION, OPERATION`"},
    {P::ENUM, "an enumeration is written `enum NAME = MEMBER, MEMBER`"},
    {P::ATTRIBUTE,
     "an attribute is written `attribute NAME: TYPE? SOURCE MOMENT`, as `attribute tls.version: "
     "Version? observed session`"},
    {P::PURPOSE, "a purpose is written `purpose NAME = OPERATION, OPERATION`"},
    {P::ALGORITHM, "an algorithm is written `algorithm NAME = PURPOSE, PURPOSE`"},
    {P::PROVIDER, "a provider of keys is written `provider NAME matches \"REFERENCE\"`"},
    {P::MANAGEMENT, "it is written `management = OPERATION, OPERATION`"},
};

constexpr const char* kStarCure =
    "a `*` follows a string in patterns only; here write `startsWith`";

constexpr std::string_view kGrantForm =
    "a grant says in this order: `allow OPERATIONS on RESOURCES to SUBJECTS from NETWORKS when "
    "CONDITION unless CONDITION "
    "since DATE until DATE`";

// What a rule wants where it begins.
constexpr std::pair<std::size_t, std::string_view> kWants[] = {
    {P::RuleSubject, "a principal such as `User:alice`, a group or `any`"},
    {P::RuleSubjects, "a principal such as `User:alice`, a group or `any`"},
    {P::RuleOperations, "an operation or `any`"},
    {P::RuleResource, "a kind of resource such as `Topic`, or `any`"},
    {P::RuleResources, "a kind of resource such as `Topic`, or `any`"},
    {P::RulePattern, "a pattern: `\"name\"`, `\"prefix\"*`, `*` or `tagged NAME`"},
    {P::RulePiece, "a string in quotes, or a role's parameter"},
    {P::RuleNetwork, "an address, a network or a network class"},
    {P::RuleMoment, "a date such as `2027-01-01`"},
    {P::RuleExpr, "an expression"},
    {P::RulePath, "a name"},
    {P::RuleName, "a name"},
    {P::RuleWord, "a name"},
    {P::RuleDotted, "a name"},
    {P::RuleTypeName, "a type such as `String`, `Version?` or `{String}`"},
    {P::RuleDeclaration, "a declaration such as `group`, `acl` or `guard`"},
};

bool holds(const std::vector<std::size_t>& types, std::size_t type) {
  return std::ranges::find(types, type) != types.end();
}

bool is_word(std::size_t type) {
  return type == P::LOWER || type == P::UPPER || (type >= P::PACKAGE && type <= P::MANAGEMENT);
}
bool is_clause(std::size_t type) {
  return type >= P::ALLOW && type <= P::BECAUSE;
}
bool is_operator(std::size_t type) {
  return (type >= P::AND && type <= P::MATCHES && type != P::NOT && type != P::HAS) ||
         type == P::RANGE || type == P::RANGE_BELOW || (type >= P::EQ && type <= P::GT) ||
         (type >= P::PLUS && type <= P::STAR);
}

std::string literal_text(std::size_t type, const antlr4::dfa::Vocabulary& vocabulary) {
  std::string name = vocabulary.getLiteralName(type);
  if (name.size() < 2)
    return {};
  return "`" + name.substr(1, name.size() - 2) + "`";
}

class Explanation {
 public:
  Explanation(const Mistake& mistake, const Setting& setting)
      : mistake_(mistake), setting_(setting) {}

  diag::Diag make() {
    diag::Diag diag;
    diag.code = diag::Code::SyntaxError;
    diag.primary.span = place();
    const std::string cure = find_cure();
    const std::string wanted = wants();
    const std::string found = ended() ? end_name() : "`" + shorten(text(mistake_.token)) + "`";
    if (wanted.empty()) {
      diag.message = ended()
                         ? fmt::format("the {} ends too early",
                                       setting_.block == Block::None ? "declaration" : "statement")
                         : found + " does not belong here";
    } else {
      diag.message = fmt::format("expected {}, found {}", wanted, found);
    }
    diag.primary.text = ended()          ? "ends here"
                        : wanted.empty() ? "not understood"
                                         : "not expected here";
    diag.help = cure.empty() ? form() : cure;
    return diag;
  }

 private:
  [[nodiscard]] const std::vector<Token>& tokens() const { return *setting_.tokens; }
  [[nodiscard]] bool ended() const { return mistake_.token >= setting_.piece.end; }
  [[nodiscard]] std::size_t type(std::size_t at) const {
    return at >= setting_.piece.begin && at < setting_.piece.end ? tokens()[at].type : 0;
  }
  [[nodiscard]] std::string text(std::size_t at) const {
    const Token& token = tokens()[at];
    return std::string(setting_.sources->text({setting_.file, token.begin, token.end}));
  }
  static std::string shorten(std::string word) {
    constexpr std::size_t kShownMax = 60;
    if (word.size() <= kShownMax)
      return word;
    std::size_t end = kShownMax;
    while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80)
      --end;
    return word.substr(0, end) + "…";
  }

  [[nodiscard]] source::Span place() const {
    if (!ended())
      return {setting_.file, tokens()[mistake_.token].begin, tokens()[mistake_.token].end};
    if (setting_.piece.end == 0)
      return {setting_.file, 0, 0};
    // Behind the last token, where something is missing.
    const std::uint32_t at = tokens()[setting_.piece.end - 1].end;
    return {setting_.file, at, at};
  }

  [[nodiscard]] std::string end_name() const {
    if (setting_.piece.end >= tokens().size())
      return "the end of the file";
    return "`" + shorten(text(setting_.piece.end)) + "`";
  }

  [[nodiscard]] std::string wants() const {
    const auto& expected = mistake_.expected;
    if (expected.empty())
      return {};
    if (mistake_.rule_starts_here || ended()) {
      for (const std::size_t rule : mistake_.rules) {
        const auto* row =
            std::ranges::find(kWants, rule, &std::pair<std::size_t, std::string_view>::first);
        if (row != std::end(kWants) && wants_begin_of(rule))
          return std::string(row->second);
        if (row == std::end(kWants))
          break;
      }
    }
    return list();
  }

  /// A rule's own phrase holds only while nothing of the rule was read.
  [[nodiscard]] bool wants_begin_of(std::size_t rule) const {
    const auto& expected = mistake_.expected;
    if (holds(expected, antlr4::Token::EOF))
      return false;
    if (rule == P::RuleExpr)
      return holds(expected, P::LPAREN) && holds(expected, P::HAS);
    return true;
  }

  [[nodiscard]] std::string list() const {
    const auto& expected = mistake_.expected;
    std::vector<std::string> parts;
    const auto put = [&](std::string_view part) {
      if (!part.empty() && std::ranges::find(parts, part) == parts.end())
        parts.emplace_back(part);
    };
    if (holds(expected, P::LPAREN) && holds(expected, P::HAS))
      return "an expression";
    if (holds(expected, P::STRING) && holds(expected, P::TRUE))
      return "a value";
    if (expected.size() == 1 && expected.front() == P::LOAD)
      return "`{` or `load`";
    const bool name = holds(expected, P::LOWER);
    if (holds(expected, P::PRINCIPAL_NAME))
      put("a principal such as `User:alice`");
    if (name)
      put("a name");
    if (holds(expected, P::STRING))
      put("a string in quotes");
    for (const std::size_t type : expected) {
      if (is_operator(type) && holds(expected, P::EQ)) {
        put("an operator");
      } else if (type == P::INT) {
        put("a number");
      } else if (type == P::VERSION) {
        put("a version");
      } else if (type == P::DATE) {
        put("a date such as `2027-01-01`");
      } else if (type == P::ADDRESS) {
        put("an address");
      } else if (type != P::PRINCIPAL_NAME && type != P::STRING && type != antlr4::Token::EOF &&
                 !(name && is_word(type))) {
        put(literal_text(type, vocabulary()));
      }
    }
    // Nothing but the end: what came before was whole, and this word is one too many.
    if (parts.empty())
      return {};
    constexpr std::size_t kListedMax = 6;
    if (parts.size() > kListedMax)
      return {};
    if (parts.size() == 1)
      return parts.front();
    const std::string last = parts.back();
    parts.pop_back();
    return fmt::format("{} or {}", fmt::join(parts, ", "), last);
  }

  static const antlr4::dfa::Vocabulary& vocabulary() {
    static const PieceVocabulary kVocabulary;
    return kVocabulary.parser.getVocabulary();
  }
  struct PieceVocabulary {
    mutable P parser{nullptr};
  };

  [[nodiscard]] std::string form() const {
    const std::size_t first = type(mistake_.declaration);
    if (first == P::ALLOW || first == P::DENY) {
      return setting_.block == Block::None ? "grants stand in a block: `acl at SCOPE { allow "
                                             "OPERATIONS on RESOURCES to SUBJECTS }`"
                                           : std::string(kGrantForm);
    }
    if (setting_.block == Block::Audit && first == P::LEVEL)
      return "a level is written `level durable deny OPERATIONS on KIND at SCOPE`";
    if (setting_.block == Block::Key)
      return "a fact of a key is written `NAME VALUE`, as `purpose encrypt-decrypt`";
    const auto* row =
        std::ranges::find(kForms, first, &std::pair<std::uint16_t, std::string_view>::first);
    if (row != std::end(kForms))
      return std::string(row->second);
    return setting_.block == Block::Test
               ? "a claim begins with one principal: `User:alice may Read on Topic \"orders\"`"
               : std::string();
  }

  // ── cures ──
  [[nodiscard]] std::string find_cure() const {
    const std::size_t at = mistake_.token;
    if (ended()) {
      const bool starred =
          at >= setting_.piece.begin + 2 && type(at - 1) == P::STAR && type(at - 2) == P::STRING;
      return starred && in_condition() ? kStarCure : std::string();
    }
    const std::size_t found = type(at);
    const std::size_t before = at > setting_.piece.begin ? type(at - 1) : 0;
    if (found == P::ASSIGN && in_condition())
      return "write `==` to compare";
    if (found == P::INT && text(at).starts_with('-') && before != 0) {
      return fmt::format("a minus stands between spaces: `- {}`", text(at).substr(1));
    }
    if (found == P::STAR && before == P::STRING && in_condition())
      return kStarCure;
    if (found == P::COLON && (mistake_.rules.empty() || mistake_.rules.front() != P::RuleExpr))
      return colon_cure(at);
    if (found == P::TRUST)
      return "`trust` stands behind the condition that it speaks of";
    if (const std::string grant = grant_cure(at); !grant.empty())
      return grant;
    if (const std::string order = order_cure(at); !order.empty())
      return order;
    const std::size_t after = type(at + 1);
    const bool opens_clause =
        is_word(after) || is_clause(after) || after == P::STRING || after == P::PRINCIPAL_NAME;
    if (is_clause(found) && holds(mistake_.expected, P::LOWER) && !opens_clause) {
      return fmt::format("`{0}` begins a clause; as a name it is written in quotes: `\"{0}\"`",
                         text(at));
    }
    if ((found == P::ALLOW || found == P::DENY) && setting_.block == Block::None) {
      return "grants stand in a block: `acl at SCOPE { allow OPERATIONS on RESOURCES to SUBJECTS "
             "}`";
    }
    if (const std::string near = near_cure(at); !near.empty())
      return near;
    if (setting_.block != Block::None && tokens()[at].line_start &&
        begins_declaration(tokens(), at)) {
      return fmt::format("`{}` begins a declaration: is a `}}` missing before it?", text(at));
    }
    // `gruop sre = User:alice` reads like a scope, `alow Read on …` like nothing at all.
    return at == mistake_.declaration ? std::string() : near_cure(mistake_.declaration);
  }

  /// Before `on`: a pattern without its kind, operations without commas.
  [[nodiscard]] std::string grant_cure(std::size_t at) const {
    const std::size_t first = type(mistake_.declaration);
    if ((first != P::ALLOW && first != P::DENY) || setting_.block == Block::Key)
      return {};
    for (std::size_t k = mistake_.declaration; k + 1 < at; ++k) {
      if (type(k) == P::ON)
        return {};
    }
    if (type(at) == P::STRING || type(at) == P::STAR) {
      return fmt::format("say of which kind of resource: `on Topic {}`", shorten(text(at)));
    }
    if (is_word(type(at)) && (type(at + 1) == P::STRING || type(at + 1) == P::STAR)) {
      return fmt::format("resources stand behind `on`: `on {} {}`", text(at),
                         shorten(text(at + 1)));
    }
    if (is_word(type(at)) && is_word(type(at - 1))) {
      return fmt::format("several operations are separated by commas: `{}, {}`", text(at - 1),
                         text(at));
    }
    return {};
  }

  [[nodiscard]] bool in_condition() const {
    for (std::size_t at = mistake_.token; at > setting_.piece.begin; --at) {
      const std::size_t word = type(at - 1);
      if (word == P::WHEN || word == P::UNLESS || word == P::IF || word == P::AND || word == P::OR)
        return true;
      if (word == P::ALLOW || word == P::DENY || word == P::COMMA)
        return false;
    }
    return false;
  }

  /// `user:alice`, `User: alice`, `User:*`
  [[nodiscard]] std::string colon_cure(std::size_t at) const {
    if (at == setting_.piece.begin || !is_word(type(at - 1)))
      return {};
    const std::string who = text(at - 1);
    if (type(at + 1) == P::STAR)
      return fmt::format("every principal of a type is written `any {}`", who);
    std::string kind = who;
    if (kind[0] >= 'a' && kind[0] <= 'z')
      kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
    const std::string name =
        is_word(type(at + 1)) || type(at + 1) == P::STRING ? text(at + 1) : "NAME";
    return fmt::format("a principal is one word without spaces, its type with a capital: `{}:{}`",
                       kind, name);
  }

  /// A clause that stands behind one which it should precede.
  [[nodiscard]] std::string order_cure(std::size_t at) const {
    static constexpr std::size_t kOrder[] = {P::ON, P::TO, P::FROM, P::WHEN, P::SINCE, P::UNTIL};
    const auto rank = [](std::size_t word) {
      if (word == P::UNLESS)
        word = P::WHEN;
      return std::ranges::find(kOrder, word) - kOrder;
    };
    const std::size_t first = type(setting_.piece.begin);
    if (first != P::ALLOW && first != P::DENY)
      return {};
    if (rank(type(at)) == std::ssize(kOrder))
      return {};
    for (std::size_t k = setting_.piece.begin; k < at; ++k) {
      const auto earlier = rank(type(k));
      if (earlier == std::ssize(kOrder) || earlier < rank(type(at)))
        continue;
      if (earlier == rank(type(at)))
        return fmt::format("`{0}` is said once; several are separated by commas", text(at));
      return fmt::format(
          "`{}` stands before `{}`: the order is on, to, from, when, unless, since, until",
          text(at), text(k));
    }
    return {};
  }

  [[nodiscard]] std::string near_cure(std::size_t at) const {
    if ((type(at) != P::LOWER && type(at) != P::UPPER) || text(at).size() < 3)
      return {};
    std::vector<std::string> known;
    for (std::size_t type = P::ALLOW; type <= P::MANAGEMENT; ++type) {
      const std::string word = literal_text(type, vocabulary());
      // Inside a block the words of declarations are names.
      const bool clause =
          type < P::PACKAGE || type == P::INCLUDE || type == P::GIVEN || type == P::TRUST;
      if (word.size() > 3 && (clause || setting_.block == Block::None))
        known.push_back(word.substr(1, word.size() - 2));
    }
    const std::string near = diag::nearest(text(at), known);
    return near.empty() ? std::string() : fmt::format("did you mean `{}`?", near);
  }

  const Mistake& mistake_;
  const Setting& setting_;
};

}  // namespace

diag::Diag explain(const Mistake& mistake, const Setting& setting) {
  return Explanation(mistake, setting).make();
}

}  // namespace writ::syntax
