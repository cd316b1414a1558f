#include "compiler/lower/data_rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "compiler/lower/data_text.h"
#include "runtime/crypto/keys.h"
#include "runtime/ir/intern.h"

namespace writ::lower {
namespace {

constexpr std::size_t kReportedRowsMax = 20;

// `DescribeConfigs`, `DESCRIBE_CONFIGS`, `describeconfigs`: listings spell names in several ways.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

// What the words of one column stand for, as the file spells them. Rows repeat a few words, so the
// list is short; a word that is not remembered is looked up again.
template <class Value>
class Words {
 public:
  [[nodiscard]] std::optional<Value> find(std::string_view word) const {
    for (const auto& [known, value] : words_) {
      if (known == word) {
        return value;
      }
    }
    return std::nullopt;
  }
  Value remember(std::string_view word, Value value) {
    if (words_.size() < kWordsMax) {
      words_.emplace_back(word, value);
    }
    return value;
  }

 private:
  static constexpr std::size_t kWordsMax = 64;
  std::vector<std::pair<std::string, Value>> words_;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

std::uint64_t hash_of(const ir::Grant& grant) {
  ir::Hash hash;
  hash.number(std::uint64_t{grant.subject.index} << 32 | grant.pattern.index);
  hash.number(std::uint64_t{grant.network.index} << 32 | grant.operations);
  hash.number(std::uint64_t{grant.kind.index} << 8 | static_cast<std::uint64_t>(grant.effect));
  return hash.done();
}
// Rows of one file differ in nothing else.
bool same_row(const ir::Grant& a, const ir::Grant& b) {
  return a.kind == b.kind && a.operations == b.operations && a.subject == b.subject &&
         a.pattern == b.pattern && a.network == b.network && a.effect == b.effect;
}

class Rows {
 public:
  Rows(const DataFile& file, std::uint32_t first, ir::Builder& builder, diag::Sink& sink)
      : file_(file),
        first_(first),
        builder_(builder),
        sink_(sink),
        first_grant_(builder.program().grants.size()),
        operations_(builder.program().kinds.size()) {
    for (std::size_t i = 0; i < program().kinds.size(); ++i) {
      const ir::Kind& kind = program().kinds[i];
      kinds_.emplace(folded(program().text(kind.name)), ir::KindId(i));
    }
  }

  void read(std::string_view text) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    builder_.program().grants.reserve(first_grant_ + lines + 1);
    std::uint32_t line = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::string_view row = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++line;
      if (!row.empty() && row.back() == '\r') {
        row.remove_suffix(1);
      }
      if (!row.empty()) {
        ++count_;
        line_ = line;
        read_row(row);
      }
    }
  }

  std::uint32_t finish() {
    if (errors_ > kReportedRowsMax) {
      add(diag::Code::MalformedRow,
          fmt::format("{}: {} more rows have mistakes", file_.display, errors_ - kReportedRowsMax),
          "the first are shown", "mend these, then check again");
    }
    if (warnings_ > kReportedRowsMax) {
      add(diag::Code::NeverMatchingHost,
          fmt::format("{}: {} more rows never match", file_.display,
                      warnings_ - kReportedRowsMax),
          "the first are shown", "mend these, then check again");
    }
    if (repeats_ != 0) {
      add(diag::Code::RepeatedRows,
          fmt::format("{}: {} row{} equal to an earlier one", file_.display, repeats_,
                      repeats_ == 1 ? " is" : "s are"),
          fmt::format("the first is line {}", first_repeat_), "each counts once");
    }
    if (file_.rows && (count_ < file_.rows->first || count_ > file_.rows->second)) {
      add(diag::Code::RowsNotPinned,
          fmt::format("{} has {} rows", file_.display, count_),
          file_.rows->first == file_.rows->second
              ? fmt::format("pinned to {}", file_.rows->first)
              : fmt::format("pinned to {} to {}", file_.rows->first, file_.rows->second),
          "a truncated export loses denials: export again, or change `rows`");
    }
    if (denials_ != 0 && !file_.rows && !file_.sha256) {
      add(diag::Code::DenyNotPinned,
          fmt::format("{} holds {} denial{} and is not pinned", file_.display, denials_,
                      denials_ == 1 ? "" : "s"),
          "a truncated export would lose denials",
          fmt::format("write `rows {0}..{0}` or `sha256 \"…\"` behind the name", count_));
    }
    return first_ + static_cast<std::uint32_t>(count_);
  }

 private:
  struct Row {
    std::string_view principal, host, operation, permission, kind, pattern_type, name;
  };

  [[nodiscard]] const ir::Program& program() const { return builder_.program(); }

  void add(diag::Code code, std::string message, std::string label, std::string help) {
    sink_.add({code, std::move(message), {file_.statement, std::move(label)}, {},
               std::move(help)});
  }
  // One diagnostic a row: the place is the data file's line, the label stands at the statement.
  void mistake(std::string_view field, std::string what, std::string help,
               diag::Code code = diag::Code::MalformedRow) {
    std::size_t& count = diag::severity(code) == diag::Severity::Error ? errors_ : warnings_;
    if (++count > kReportedRowsMax) {
      return;
    }
    add(code,
        field.empty() ? fmt::format("{}:{}: {}", file_.display, line_, what)
                      : fmt::format("{}:{}: field `{}`: {}", file_.display, line_, field, what),
        "loaded here", std::move(help));
  }

  void read_row(std::string_view text) {
    simdjson::dom::object object;
    // The buffer is padded, so a line in its middle may be read past its end.
    const auto error = parser_.parse(text.data(), text.size(), false).get(object);
    if (error != simdjson::SUCCESS) {
      mistake("", fmt::format("not a JSON object ({})", simdjson::error_message(error)),
              "a row is one line: {\"principal\":…,\"host\":…,\"operation\":…,…}");
      return;
    }
    Row row;
    const std::array<std::pair<std::string_view, std::string_view*>, 7> fields = {
        {{"principal", &row.principal},
         {"host", &row.host},
         {"operation", &row.operation},
         {"permission", &row.permission},
         {"resourceType", &row.kind},
         {"patternType", &row.pattern_type},
         {"resourceName", &row.name}}};
    std::uint32_t seen = 0;
    for (const auto& member : object) {
      const auto found = std::ranges::find(
          fields, member.key, &std::pair<std::string_view, std::string_view*>::first);
      if (found == fields.end()) {
        mistake(member.key, "rows have no such field",
                "fields are principal, host, operation, permission, resourceType, patternType, "
                "resourceName");
        return;
      }
      const auto at = static_cast<std::uint32_t>(found - fields.begin());
      if (member.value.get(*found->second) != simdjson::SUCCESS || (seen >> at & 1) != 0) {
        mistake(member.key, "not one text", "every field is a text, once");
        return;
      }
      seen |= 1U << at;
    }
    for (std::uint32_t i = 0; i < fields.size(); ++i) {
      if ((seen >> i & 1) == 0) {
        mistake(fields[i].first, "missing", "every row has all seven fields");
        return;
      }
    }
    add_grant(row);
  }

  void add_grant(const Row& row) {
    ir::Grant grant;
    // One mistake a row is enough: each step is taken only behind one that went well.
    const auto effect = effect_of(row.permission);
    const auto kind = effect ? kind_of(row.kind) : std::nullopt;
    const auto pattern = kind ? pattern_of(row) : std::nullopt;
    const auto operations = pattern ? operations_of(row, *kind, *effect) : std::nullopt;
    const auto subject = operations ? subject_of(row.principal) : std::nullopt;
    if (!subject) {
      return;
    }
    grant.effect = *effect;
    grant.kind = *kind;
    grant.pattern = *pattern;
    grant.operations = *operations;
    grant.subject = *subject;
    if (!network_of(row, grant)) {
      return;
    }
    grant.scope = file_.scope;
    grant.origin = file_.origin;
    grant.line = line_;
    grant.number = first_ + static_cast<std::uint32_t>(count_ - 1);
    denials_ += grant.effect == ir::Effect::Deny ? 1 : 0;
    auto& grants = builder_.program().grants;
    const std::size_t next = grants.size() - first_grant_;
    const std::uint32_t at = seen_.find_or_add(
        hash_of(grant), next,
        [&](std::uint32_t other) { return same_row(grants[first_grant_ + other], grant); });
    if (at != next) {
      first_repeat_ = repeats_++ == 0 ? line_ : first_repeat_;
      return;
    }
    grants.push_back(grant);
  }

  std::optional<ir::Effect> effect_of(std::string_view text) {
    if (const auto known = effects_.find(text)) {
      return known;
    }
    const std::string name = folded(text);
    if (name != "allow" && name != "deny") {
      mistake("permission", fmt::format("`{}` is neither Allow nor Deny", text), "");
      return std::nullopt;
    }
    return effects_.remember(text, name == "allow" ? ir::Effect::Allow : ir::Effect::Deny);
  }

  std::optional<ir::KindId> kind_of(std::string_view text) {
    if (const auto known = kind_words_.find(text)) {
      return known;
    }
    const auto kind = kinds_.find(folded(text));
    if (kind == kinds_.end()) {
      mistake("resourceType", fmt::format("there is no kind `{}`", text),
              "kinds are declared by the models in use");
      return std::nullopt;
    }
    return kind_words_.remember(text, kind->second);
  }

  // `*` by itself is every name; a prefix `*` is only a star. SOURCE: KIP-290.
  std::optional<ir::PatternId> pattern_of(const Row& row) {
    auto form = forms_.find(row.pattern_type);
    if (!form) {
      const std::string type = folded(row.pattern_type);
      if (type != "literal" && type != "prefixed") {
        mistake("patternType",
                fmt::format("`{}` is neither Literal nor Prefixed", row.pattern_type), "");
        return std::nullopt;
      }
      form = forms_.remember(row.pattern_type, type == "literal" ? ir::PatternForm::Literal
                                                                 : ir::PatternForm::Prefix);
    }
    const bool any = *form == ir::PatternForm::Literal ? row.name == "*" : row.name.empty();
    return any ? builder_.pattern(ir::PatternForm::Any, "") : builder_.pattern(*form, row.name);
  }

  std::optional<std::uint32_t> operations_of(const Row& row, ir::KindId kind_id,
                                             ir::Effect effect) {
    const ir::Kind& kind = program().kinds[kind_id.index];
    Words<std::uint32_t>& words = operations_[kind_id.index];
    if (const auto known = words.find(row.operation)) {
      return known;
    }
    const std::string name = folded(row.operation);
    if (name == "all") {
      // An allow gives what the model has today, a denial what any later one will have.
      const std::size_t count = kind.operations.size();
      const std::uint32_t known = count >= 32 ? 0xFFFF'FFFFU : (1U << count) - 1;
      return effect == ir::Effect::Allow ? known : 0xFFFF'FFFFU;
    }
    for (std::size_t i = 0; i < kind.operations.size(); ++i) {
      const ir::Operation& operation = program().operations[kind.operations[i].index];
      if (folded(program().text(operation.name)) == name) {
        return words.remember(row.operation, 1U << i);
      }
    }
    mistake("operation", fmt::format("there is no operation `{}` of a {}", row.operation,
                                     program().text(kind.name)),
            "operations are declared by the model of the kind");
    return std::nullopt;
  }

  // SOURCE: SecurityUtils.parseKafkaPrincipal splits at the first colon. The name that the model
  // gives everybody stands for every principal of every type.
  std::optional<ir::SubjectId> subject_of(std::string_view principal) {
    const std::size_t colon = principal.find(':');
    if (colon == std::string_view::npos) {
      mistake("principal", fmt::format("`{}` is not `Type:name`", principal), "write `User:name`");
      return std::nullopt;
    }
    const std::string_view type = principal.substr(0, colon);
    for (const ir::PrincipalType& known : program().principal_types) {
      if (program().text(known.name) == type && known.everybody.valid() &&
          program().text(known.everybody) == principal.substr(colon + 1)) {
        ir::Subject everybody;
        everybody.form = ir::SubjectForm::Any;
        return builder_.subject(everybody);
      }
      if (known.base.valid() && program().text(known.name) == type) {
        const std::string_view base =
            program().text(program().principal_types[known.base.index].name);
        mistake("principal", fmt::format("`{}` is a part of `{}`: no broker says it", type, base),
                fmt::format("write `{}:{}`", base, principal.substr(colon + 1)));
        return std::nullopt;
      }
    }
    return builder_.principal(type, principal.substr(colon + 1));
  }

  // SOURCE: KIP-1276 for networks; any other host is compared with what Java prints.
  bool network_of(const Row& row, ir::Grant& grant) {
    if (row.host == "*") {
      return true;
    }
    if (const auto known = hosts_.find(row.host); known != hosts_.end()) {
      grant.network = known->second;
      return true;
    }
    ir::Network network;
    std::string instead;
    if (const auto cidr = parse_cidr(row.host, HostBits::Clear)) {
      network.form = ir::NetworkForm::Cidr;
      network.cidr = *cidr;
    } else {
      const std::size_t zone = row.host.find('%');
      const std::string address(row.host.substr(0, zone));
      const auto ip = parse_ip(address);
      if (ip && java_text(*ip) == address) {
        if (zone == std::string_view::npos) {
          network.form = ir::NetworkForm::Exact;
          network.cidr = {*ip, 128, ip->is_v4()};
        } else {
          network.form = ir::NetworkForm::Text;
          network.text = builder_.string(row.host);
        }
      } else {
        instead = ip ? java_text(*ip) : "";
      }
    }
    const bool never = network.form == ir::NetworkForm::Never;
    if (never && !report_never(row, grant.effect, instead)) {
      return false;
    }
    grant.network = builder_.network(network);
    if (!never) {
      hosts_.emplace(row.host, grant.network);
    }
    return true;
  }

  // Answers whether the row may stand.
  bool report_never(const Row& row, ir::Effect effect, const std::string& instead) {
    const std::string help =
        instead.empty() ? "write an address as the broker prints it, or a network"
                        : fmt::format("write `{}`", instead);
    if (effect == ir::Effect::Deny && !file_.as_kafka) {
      mistake("host", fmt::format("the denial never matches: no client's host is `{}`", row.host),
              help + "; `as kafka` takes the row as it is", diag::Code::NeverMatchingDeny);
      return false;
    }
    if (!file_.as_kafka) {
      mistake("host", fmt::format("the row never matches: no client's host is `{}`", row.host),
              help, diag::Code::NeverMatchingHost);
    }
    return true;
  }

  const DataFile& file_;
  std::uint32_t first_;
  ir::Builder& builder_;
  diag::Sink& sink_;
  simdjson::dom::parser parser_;
  std::unordered_map<std::string, ir::KindId> kinds_;  // by folded name
  std::size_t first_grant_;
  Words<ir::Effect> effects_;
  Words<ir::KindId> kind_words_;
  Words<ir::PatternForm> forms_;
  std::vector<Words<std::uint32_t>> operations_;  // of each kind; `All` is none of them
  std::unordered_map<std::string, ir::NetworkId, TextHash, std::equal_to<>> hosts_;  // that match
  ir::InternIndex seen_;  // grants of this file, counted from first_grant_
  std::int64_t count_ = 0;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  std::size_t repeats_ = 0;
  std::size_t denials_ = 0;
  std::uint32_t first_repeat_ = 0;
  std::uint32_t line_ = 0;
};

}  // namespace

std::uint32_t load_rows(const DataFile& file, std::uint32_t first_number, ir::Builder& builder,
                        diag::Sink& sink) {
  const auto refuse = [&](diag::Code code, std::string message, std::string help) {
    sink.add({code, std::move(message), {file.statement, "loaded here"}, {}, std::move(help)});
    return first_number;
  };
  auto text = read_data_text(file.path);
  if (!text) {
    return refuse(diag::Code::DataUnreadable,
                  fmt::format("{}: {}", file.display, text.error().message),
                  "the path is relative to the policy's file");
  }
  if (file.sha256) {
    const std::string_view bytes = *text;
    const std::string digest =
        crypto::hex(crypto::sha256(std::as_bytes(std::span(bytes.data(), bytes.size()))));
    if (digest != *file.sha256) {
      return refuse(diag::Code::RowsNotPinned,
                    fmt::format("{} is not the file that was pinned", file.display),
                    fmt::format("its SHA-256 is {}", digest));
    }
  }
  Rows rows(file, first_number, builder, sink);
  const std::size_t size = text->size();
  text->append(simdjson::SIMDJSON_PADDING, '\0');
  rows.read(std::string_view(*text).substr(0, size));
  return rows.finish();
}

}  // namespace writ::lower
