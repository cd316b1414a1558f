// One line at a time: a head names the resource, the lines below it are its entries.
#include "compiler/convert/kafka_acls/listing.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "compiler/convert/kafka_acls/reports.h"
#include "compiler/convert/kafka_acls/words.h"

namespace writ::convert::kafka_acls {
namespace {

constexpr std::string_view kHead = "Current ACLs for resource `";
constexpr std::string_view kPattern = "ResourcePattern(resourceType=";
constexpr std::string_view kOfPrincipal = "ACLs for principal `";
constexpr std::string_view kEntry = "(principal=";
constexpr std::string_view kPermission = " permission for operations: ";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

struct Resource {
  std::size_t kind = 0;
  std::string_view name;
  bool prefixed = false;
  // `Topic:LITERAL:orders` of Kafka 2.0 and 2.1, `Topic:orders` before: what the first word is, is
  // known when all heads are.
  bool old = false;
  source::Span span;
  std::size_t entries = 0;
};

/// `LITERAL:orders` ⇒ `orders`; none: it does not begin with a type of pattern.
std::optional<std::string_view> without_type(std::string_view text, bool& prefixed) {
  const std::size_t colon = text.find(':');
  const std::string_view type = text.substr(0, colon);
  if (colon == std::string_view::npos || (type != "LITERAL" && type != "PREFIXED")) {
    return std::nullopt;
  }
  prefixed = type == "PREFIXED";
  return text.substr(colon + 1);
}

class Reader {
 public:
  Reader(const source::SourceSet& sources, source::FileId file, diag::Sink& sink)
      : text_(sources.file(file).text), file_(file), reports_(sink) {}

  std::vector<Acl> read() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      read_line(trimmed(text_.substr(at, end - at)));
      at = end + 1;
    }
    report_empty();
    name_resources();
    if (acls_.empty() && !failed_) {
      reports_.add(diag::Code::NoListing, {file_, 0, 0}, "this listing holds no ACL",
                   "nothing here",
                   "list with a principal that may Describe the cluster: `kafka-acls --list` says "
                   "nothing where it finds nothing");
    }
    reports_.finish();
    for (std::size_t i = 0; i < acls_.size(); ++i) {
      const Resource& of = resources_[of_[i]];
      acls_[i].kind = of.kind;
      acls_[i].name = of.name;
      acls_[i].prefixed = of.prefixed;
    }
    return std::move(acls_);
  }

 private:
  [[nodiscard]] source::Span span(std::string_view part) const {
    const auto begin = static_cast<std::uint32_t>(part.data() - text_.data());
    return {file_, begin, begin + static_cast<std::uint32_t>(part.size())};
  }

  void refuse(std::string_view line, std::string message, std::string label, std::string help) {
    failed_ = true;
    reports_.add(diag::Code::NoListing, span(line), std::move(message), std::move(label),
                 std::move(help));
  }
  void refuse_word(std::string_view word, std::string_view field, std::string help) {
    failed_ = true;
    reports_.add(diag::Code::BadAclField, span(word),
                 fmt::format("`{}` is no {} of an ACL", word, field), "cannot be read",
                 std::move(help));
  }
  void doubt(std::string_view line, std::string message, std::string label, std::string help) {
    reports_.add(diag::Code::ReadTwoWays, span(line), std::move(message), std::move(label),
                 std::move(help));
  }

  void read_line(std::string_view line) {
    if (line.empty()) {
      return;
    }
    if (line.starts_with(kHead)) {
      read_head(line);
    } else if (line.starts_with(kOfPrincipal)) {
      reports_.add(diag::Code::PartOfTheAcls, span(line),
                   "this listing holds the ACLs of one principal",
                   "those of `User:*` and of everybody else are not here",
                   "list without `--principal` to import what the cluster decides by");
    } else if (line.starts_with(kEntry) || line.find(kPermission) != std::string_view::npos) {
      read_entry(line);
    } else {
      refuse(line, "this line is no part of a listing of `kafka-acls`", "cannot be read",
             "remove it if another program printed it; a name that holds a line break cannot be "
             "told from a listing: write its ACL by hand");
    }
  }

  void read_head(std::string_view line) {
    // What follows a head that has a mistake would be another resource's.
    current_.reset();
    unread_head_ = true;
    if (!line.ends_with("`:") || line.size() < kHead.size() + 2) {
      refuse(line, "this resource does not end on its line", "``:` is missing",
             "the listing was cut off here, or the name holds a line break: export again, or "
             "write the ACLs of this resource by hand");
      return;
    }
    const std::string_view inner =
        line.substr(kHead.size(), line.size() - kHead.size() - 2);
    Resource resource;
    resource.span = span(line);
    if (inner.starts_with(kPattern) ? read_pattern(line, inner, resource)
                                    : read_old(line, inner, resource)) {
      current_ = resources_.size();
      resources_.push_back(resource);
    }
  }

  // ResourcePattern(resourceType=TOPIC, name=orders, patternType=PREFIXED): nothing is escaped, but
  // the words around the name are known, so a name may hold anything.
  bool read_pattern(std::string_view line, std::string_view inner, Resource& resource) {
    constexpr std::string_view kName = ", name=";
    constexpr std::string_view kType = ", patternType=";
    const std::size_t name = inner.find(kName);
    const std::size_t type = inner.rfind(kType);
    if (name == std::string_view::npos || type == std::string_view::npos ||
        type < name + kName.size() || !inner.ends_with(')')) {
      refuse(line, "this resource has not the three parts that a pattern has", "cannot be read",
             "a pattern is `ResourcePattern(resourceType=TOPIC, name=orders, "
             "patternType=LITERAL)`");
      return false;
    }
    resource.name = inner.substr(name + kName.size(), type - name - kName.size());
    const std::string_view pattern =
        inner.substr(type + kType.size(), inner.size() - type - kType.size() - 1);
    resource.prefixed = same_word(pattern, "PREFIXED");
    if (!resource.prefixed && !same_word(pattern, "LITERAL")) {
      refuse_word(pattern, "pattern type", "ACLs are `LITERAL` or `PREFIXED`");
      return false;
    }
    return read_kind(inner.substr(kPattern.size(), name - kPattern.size()), resource);
  }

  bool read_old(std::string_view line, std::string_view inner, Resource& resource) {
    const std::size_t colon = inner.find(':');
    if (colon == std::string_view::npos) {
      refuse(line, "this resource has no type", "cannot be read",
             "a resource is `ResourcePattern(…)`, `Topic:LITERAL:orders` or `Topic:orders`");
      return false;
    }
    resource.old = true;
    resource.name = inner.substr(colon + 1);
    return read_kind(inner.substr(0, colon), resource);
  }

  bool read_kind(std::string_view word, Resource& resource) {
    const auto kind = find_kind(word);
    if (!kind) {
      refuse_word(word, "resource type",
                  "TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, DELEGATION_TOKEN, USER");
      return false;
    }
    resource.kind = *kind;
    return true;
  }

  void read_entry(std::string_view line) {
    if (!current_) {
      if (!unread_head_) {
        refuse(line, "this ACL stands under no resource", "of which resource?",
               "the listing was cut off above: export again");
      }
      return;
    }
    Acl acl;
    acl.span = span(line);
    if (line.starts_with(kEntry) ? read_parts(line, acl) : read_sentence(line, acl)) {
      ++resources_[*current_].entries;
      acls_.push_back(acl);
      of_.push_back(*current_);
    }
  }

  // (principal=User:a, host=*, operation=READ, permissionType=ALLOW), from the right: the last
  // three have no commas, a principal may.
  bool read_parts(std::string_view line, Acl& acl) {
    constexpr std::string_view kHost = ", host=";
    constexpr std::string_view kOperation = ", operation=";
    constexpr std::string_view kEffect = ", permissionType=";
    std::string_view rest = line;
    const auto take = [&rest](std::string_view name) -> std::optional<std::string_view> {
      const std::size_t at = rest.rfind(name);
      if (at == std::string_view::npos) {
        return std::nullopt;
      }
      const std::string_view value = rest.substr(at + name.size());
      rest = rest.substr(0, at);
      return value;
    };
    const bool closed = rest.ends_with(')');
    rest.remove_suffix(closed ? 1 : 0);
    const auto effect = take(kEffect);
    const auto operation = take(kOperation);
    const auto host = take(kHost);
    if (!closed || !effect || !operation || !host || rest.size() < kEntry.size()) {
      refuse(line, "this ACL has not the four parts that an entry has", "cannot be read",
             "an entry is one line, `(principal=User:a, host=*, operation=READ, "
             "permissionType=ALLOW)`; a listing may be cut off here, or a name hold a line break");
      return false;
    }
    acl.host = *host;
    acl.principal = rest.substr(kEntry.size());
    if (acl.principal.find(kHost) != std::string_view::npos) {
      doubt(line, "this ACL can be read in two ways",
            fmt::format("read as the principal `{}` from `{}`", acl.principal, acl.host),
            "`, host=` stands here twice: compare with the cluster");
    }
    return read_words(*effect, *operation, acl);
  }

  // User:a has Allow permission for operations: Read from hosts: *
  bool read_sentence(std::string_view line, Acl& acl) {
    constexpr std::string_view kHas = " has ";
    constexpr std::string_view kFrom = " from hosts: ";
    const std::size_t permission = line.rfind(kPermission);
    const std::string_view before = line.substr(0, permission);
    const std::string_view after = line.substr(permission + kPermission.size());
    const std::size_t has = before.rfind(kHas);
    const std::size_t from = after.find(kFrom);
    if (has == std::string_view::npos || from == std::string_view::npos) {
      refuse(line, "this ACL has not the four parts that an entry has", "cannot be read",
             "an entry is `User:a has Allow permission for operations: Read from hosts: *`");
      return false;
    }
    acl.principal = before.substr(0, has);
    acl.host = after.substr(from + kFrom.size());
    if (line.find(kPermission) != permission) {
      doubt(line, "this ACL can be read in two ways",
            fmt::format("read as the principal `{}` from `{}`", acl.principal, acl.host),
            "`permission for operations:` stands here twice: compare with the cluster");
    }
    return read_words(before.substr(has + kHas.size()), after.substr(0, from), acl);
  }

  bool read_words(std::string_view effect, std::string_view operation, Acl& acl) {
    acl.deny = same_word(effect, "DENY");
    if (!acl.deny && !same_word(effect, "ALLOW")) {
      refuse_word(effect, "permission", "ACLs say `ALLOW` or `DENY`");
      return false;
    }
    const auto known = find_operation(operation);
    if (!known) {
      refuse_word(operation, "operation",
                  "operations are those of Apache Kafka 4.4, and `ALL`; `ANY` and `UNKNOWN` are of "
                  "filters only");
      return false;
    }
    acl.operation = *known;
    if (acl.principal.find(':') == std::string_view::npos) {
      refuse_word(acl.principal, "principal",
                  "a principal is `Type:name`, as in `User:alice`: remove this ACL at the cluster, "
                  "no client is meant by it");
      return false;
    }
    return true;
  }

  void report_empty() {
    for (const Resource& resource : resources_) {
      if (resource.entries == 0 && !failed_) {
        reports_.add(diag::Code::PartOfTheAcls, resource.span,
                     "this resource is listed without an ACL", "nothing stands below it",
                     "if the listing was cut off here, export again");
      }
    }
  }

  void name_resources() {
    bool prefixed = false;
    const bool without = std::ranges::any_of(resources_, [&](const Resource& resource) {
      return resource.old && !without_type(resource.name, prefixed);
    });
    for (Resource& resource : resources_) {
      const auto name = without_type(resource.name, prefixed);
      if (!resource.old || !name) {
        continue;
      }
      if (without) {
        reports_.add(diag::Code::ReadTwoWays, resource.span,
                     "this resource can be read in two ways",
                     fmt::format("read as the name `{}`", resource.name),
                     "other resources of this listing have no type of pattern: compare with the "
                     "cluster");
        continue;
      }
      resource.name = *name;
      resource.prefixed = prefixed;
    }
  }

  std::string_view text_;
  source::FileId file_;
  Reports reports_;
  std::vector<Resource> resources_;
  std::vector<Acl> acls_;
  std::vector<std::size_t> of_;         // the resource of each ACL
  std::optional<std::size_t> current_;  // resource
  bool unread_head_ = false;            // entries below it have been reported with it
  bool failed_ = false;
};

}  // namespace

std::vector<Acl> read_listing(const source::SourceSet& sources, source::FileId file,
                              diag::Sink& sink) {
  return Reader(sources, file, sink).read();
}

std::vector<Acl> different(std::vector<Acl> acls) {
  const auto before = [](const Acl& a, const Acl& b) { return a.key() < b.key(); };
  const auto same = [](const Acl& a, const Acl& b) { return a.key() == b.key(); };
  std::ranges::stable_sort(acls, before);
  acls.erase(std::unique(acls.begin(), acls.end(), same), acls.end());
  return acls;
}

}  // namespace writ::convert::kafka_acls
