#include "compiler/lower/data_rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "compiler/lower/data_text.h"
#include "runtime/crypto/keys.h"

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

struct RowKey {
  std::uint32_t kind, operations, subject, pattern, network;
  ir::Effect effect;
  friend bool operator==(const RowKey&, const RowKey&) = default;
};
struct RowKeyHash {
  std::size_t operator()(const RowKey& key) const {
    std::uint64_t hash = 0x9E37'79B9'7F4A'7C15;
    for (const std::uint32_t part : {key.kind, key.operations, key.subject, key.pattern,
                                     key.network, static_cast<std::uint32_t>(key.effect)}) {
      hash = (hash ^ part) * 0xBF58'476D'1CE4'E5B9;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

// Text → id of one column, remembered: rows repeat their words.
template <class Id>
using Memory = std::unordered_map<std::string, std::optional<Id>>;

class Rows {
 public:
  Rows(const DataFile& file, std::uint32_t first, ir::Builder& builder, diag::Sink& sink)
      : file_(file), first_(first), builder_(builder), sink_(sink) {
    for (std::size_t i = 0; i < program().kinds.size(); ++i) {
      const ir::Kind& kind = program().kinds[i];
      kinds_.emplace(folded(program().text(kind.name)), ir::KindId(i));
    }
  }

  void read(std::string_view text) {
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
    if (mistakes_ > kReportedRowsMax) {
      add(diag::Code::MalformedRow,
          fmt::format("{}: {} more rows have mistakes", file_.display,
                      mistakes_ - kReportedRowsMax),
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
    if (++mistakes_ > kReportedRowsMax) {
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
    const std::string permission = folded(row.permission);
    if (permission != "allow" && permission != "deny") {
      mistake("permission", fmt::format("`{}` is neither Allow nor Deny", row.permission), "");
      return;
    }
    grant.effect = permission == "allow" ? ir::Effect::Allow : ir::Effect::Deny;
    const auto kind = kinds_.find(folded(row.kind));
    if (kind == kinds_.end()) {
      mistake("resourceType", fmt::format("there is no kind `{}`", row.kind),
              "kinds are declared by the models in use");
      return;
    }
    grant.kind = kind->second;
    const auto pattern = pattern_of(row);
    const auto operations = operations_of(row, grant.kind, grant.effect);
    const auto subject = subject_of(row.principal);
    if (!pattern || !operations || !subject) {
      return;
    }
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
    const RowKey key{grant.kind.index,    grant.operations, grant.subject.index,
                     grant.pattern.index, grant.network.index, grant.effect};
    if (!keys_.insert(key).second) {
      first_repeat_ = repeats_++ == 0 ? line_ : first_repeat_;
      return;
    }
    builder_.program().grants.push_back(grant);
  }

  // `*` by itself is every name; a prefix `*` is only a star. SOURCE: KIP-290.
  std::optional<ir::PatternId> pattern_of(const Row& row) {
    const std::string type = folded(row.pattern_type);
    if (type == "literal") {
      return row.name == "*" ? builder_.pattern(ir::PatternForm::Any, "")
                             : builder_.pattern(ir::PatternForm::Literal, row.name);
    }
    if (type == "prefixed") {
      return row.name.empty() ? builder_.pattern(ir::PatternForm::Any, "")
                              : builder_.pattern(ir::PatternForm::Prefix, row.name);
    }
    mistake("patternType", fmt::format("`{}` is neither Literal nor Prefixed", row.pattern_type),
            "");
    return std::nullopt;
  }

  std::optional<std::uint32_t> operations_of(const Row& row, ir::KindId kind_id,
                                             ir::Effect effect) {
    const ir::Kind& kind = program().kinds[kind_id.index];
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
        return 1U << i;
      }
    }
    mistake("operation", fmt::format("there is no operation `{}` of a {}", row.operation,
                                     program().text(kind.name)),
            "operations are declared by the model of the kind");
    return std::nullopt;
  }

  // SOURCE: SecurityUtils.parseKafkaPrincipal splits at the first colon; only `User:*` is a
  // wildcard, and it stands for every principal of every type.
  std::optional<ir::SubjectId> subject_of(std::string_view principal) {
    const std::size_t colon = principal.find(':');
    if (colon == std::string_view::npos) {
      mistake("principal", fmt::format("`{}` is not `Type:name`", principal), "write `User:name`");
      return std::nullopt;
    }
    if (principal == "User:*") {
      ir::Subject everybody;
      everybody.form = ir::SubjectForm::Any;
      return builder_.subject(everybody);
    }
    return builder_.principal(principal.substr(0, colon), principal.substr(colon + 1));
  }

  // SOURCE: KIP-1276 for networks; any other host is compared with what Java prints.
  bool network_of(const Row& row, ir::Grant& grant) {
    if (row.host == "*") {
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
    if (network.form == ir::NetworkForm::Never && !report_never(row, grant.effect, instead)) {
      return false;
    }
    grant.network = builder_.network(network);
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
  std::unordered_map<std::string, ir::KindId> kinds_;
  std::unordered_set<RowKey, RowKeyHash> keys_;
  std::int64_t count_ = 0;
  std::size_t mistakes_ = 0;
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
