// What can be said of each ACL, then the ACLs of one resource put together into few statements.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "compiler/convert/kafka_acls/convert.h"
#include "compiler/convert/kafka_acls/quoted.h"
#include "compiler/convert/kafka_acls/reports.h"
#include "compiler/convert/kafka_acls/words.h"
#include "runtime/value/value.h"

namespace writ::convert::kafka_acls {
namespace {

constexpr std::uint32_t kAny = 1U << kAll;
constexpr std::size_t kColumnsMax = 100;

/// A host of a listing in policy text. SOURCE: KIP-1276 for networks; any other host is compared
/// with what Java prints of the client's address.
struct Host {
  enum class Is : std::uint8_t { Everywhere, Somewhere, Never, Unsayable } is = Is::Never;
  std::string text;     // of Somewhere: `10.0.0.0/8`
  std::string instead;  // of Never: what would match, where that is known
};

// `from` an address takes a client's zone for nothing, an ACL does not: only clients of these
// addresses have zones (link-local, site-local).
bool may_have_zone(Ip ip) {
  return !ip.is_v4() && (ip.high >> 55) == (0xFE80ULL >> 7);
}

Host read_host(std::string_view host) {
  if (host == "*") {
    return {Host::Is::Everywhere, "", ""};
  }
  if (const auto cidr = parse_cidr(host, HostBits::Clear)) {
    return {Host::Is::Somewhere, to_text(*cidr), ""};
  }
  const std::string address(host.substr(0, host.find('%')));
  const auto ip = parse_ip(address);
  if (!ip || java_text(*ip) != address) {
    return {Host::Is::Never, "", ip ? java_text(*ip) : ""};
  }
  if (address.size() != host.size() || may_have_zone(*ip)) {
    return {Host::Is::Unsayable, "", ""};
  }
  return {Host::Is::Somewhere, to_text(*ip), ""};
}

/// Operations by host: `""` is everywhere.
using ByHost = std::map<std::string, std::uint32_t>;
/// Who, by what is said of them: operations, then hosts.
using Statements = std::map<std::pair<std::uint32_t, std::vector<std::string>>,
                            std::vector<std::string>>;

/// `any`, `Read, Write`
std::string operations_text(std::uint32_t operations) {
  if (operations == kAny) {
    return "any";
  }
  std::vector<std::string_view> names;
  for (std::size_t at = 0; at < kAll; ++at) {
    if ((operations >> at & 1) != 0) {
      names.push_back(kOperations[at]);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Breaks lists behind their commas; no text of ours but a list has `, ` outside of quotes.
class Line {
 public:
  explicit Line(std::string begin) : line_(std::move(begin)) {}
  void add(std::string_view word) {
    if (line_.size() + 1 + word.size() > kColumnsMax && !line_.ends_with("    ")) {
      done_ += line_ + "\n";
      line_ = "     ";
    }
    line_ += " ";
    line_ += word;
  }
  void add_list(std::string_view word, const std::vector<std::string>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string item = items[i] + (i + 1 < items.size() ? "," : "");
      add(i == 0 ? fmt::format("{} {}", word, item) : item);
    }
  }
  [[nodiscard]] std::string text() const { return done_ + line_ + "\n"; }

 private:
  std::string done_;
  std::string line_;
};

class Writer {
 public:
  Writer(std::span<const Acl> acls, diag::Sink& sink)
      : acls_(acls), names_(acls), reports_(sink) {}

  PolicyText write(const PolicyOptions& options) {
    std::string body;
    std::size_t kind = kKinds.size();
    for (std::size_t begin = 0; begin < acls_.size();) {
      std::size_t end = begin + 1;
      while (end < acls_.size() && same_resource(acls_[begin], acls_[end])) {
        ++end;
      }
      const std::string lines = resource(acls_.subspan(begin, end - begin));
      if (!lines.empty()) {
        body += !body.empty() && acls_[begin].kind != kind ? "\n" : "";
        kind = acls_[begin].kind;
        body += lines;
      }
      begin = end;
    }
    reports_.finish();
    out_.text = fmt::format(
        "// From a listing of `kafka-acls`: {} different ACLs{}.\n"
        "package {} \"ACLs of a Kafka cluster\"\n\n"
        "use kafka\n\n"
        "acl{} {{\n{}}}\n",
        acls_.size(),
        out_.left_out == 0 ? "" : fmt::format(", of which {} are left out", out_.left_out),
        options.package, options.at.empty() ? "" : " at " + options.at, body);
    return std::move(out_);
  }

 private:
  static bool same_resource(const Acl& a, const Acl& b) {
    return std::tie(a.kind, a.name, a.prefixed, a.deny) ==
           std::tie(b.kind, b.name, b.prefixed, b.deny);
  }

  /// The statements of one effect on one resource.
  std::string resource(std::span<const Acl> acls) {
    std::map<std::string_view, ByHost> by_principal;
    for (const Acl& acl : acls) {
      add(acl, by_principal);
    }
    const Acl& first = acls.front();
    Statements statements;
    for (auto& [principal, hosts] : by_principal) {
      add_principal(*names_.principal(principal, first.deny), std::move(hosts), statements);
    }
    std::string out;
    for (auto& [what, who] : statements) {
      // Everybody is also each of the others.
      const auto everybody = std::ranges::find_if(
          who, [](const std::string& one) { return one.starts_with("any"); });
      if (everybody != who.end()) {
        who = {*everybody};
      }
      Line line(first.deny ? "  deny " : "  allow");
      line.add(operations_text(what.first) + " on");
      line.add(fmt::format("{} {}", kKinds[first.kind].name, *pattern(first)));
      line.add_list("to", who);
      line.add_list("from", what.second);
      out += line.text();
      ++out_.statements;
    }
    return out;
  }

  // What holds everywhere holds at each host, and `All` is every other operation.
  static void add_principal(std::string who, ByHost hosts, Statements& statements) {
    const auto everywhere = hosts.find("");
    const std::uint32_t always = everywhere == hosts.end() ? 0 : everywhere->second;
    std::map<std::uint32_t, std::vector<std::string>> by_operations;
    for (auto& [host, operations] : hosts) {
      if (!host.empty()) {
        operations = (always & kAny) != 0 ? 0 : operations & ~always;
      }
      operations = (operations & kAny) != 0 ? kAny : operations;
      if (host.empty()) {
        by_operations[operations];
        statements[{operations, {}}].push_back(who);
      } else if (operations != 0) {
        by_operations[operations].push_back(host);
      }
    }
    for (auto& [operations, at] : by_operations) {
      if (!at.empty()) {
        statements[{operations, at}].push_back(who);
      }
    }
  }

  /// `"orders"`, `"orders."*`, `*`; none: the language cannot say it.
  [[nodiscard]] std::optional<std::string> pattern(const Acl& acl) const {
    if (acl.prefixed ? acl.name.empty() : acl.name == "*") {
      return "*";
    }
    auto quoted = acl.name.empty() ? std::nullopt : names_.quoted(acl.name);
    if (quoted && acl.prefixed) {
      *quoted += "*";
    }
    return quoted;
  }

  void add(const Acl& acl, std::map<std::string_view, ByHost>& by_principal) {
    const std::uint32_t operations = asked_of(acl.kind, acl.operation, acl.deny);
    const Host host = read_host(acl.host);
    if (host.is == Host::Is::Never) {
      leave_out(acl, fmt::format("no client's host is `{}`", acl.host),
                host.instead.empty()
                    ? "write an address as the broker prints it, or a network"
                    : fmt::format("a client from there has the host `{}`", host.instead));
      return;
    }
    if (operations == 0) {
      leave_out(acl,
                fmt::format("no broker asks for {} on a {}", kOperations[acl.operation],
                            kKinds[acl.kind].name),
                "nothing is lost by it");
      return;
    }
    if (host.is == Host::Is::Unsayable) {
      cannot_say(acl, fmt::format("the host `{}`", acl.host));
    } else if (!names_.principal(acl.principal, acl.deny)) {
      cannot_say(acl, fmt::format("the principal `{}`", acl.principal));
    } else if (!pattern(acl)) {
      cannot_say(acl, acl.name.empty() ? "the empty name" : fmt::format("the name `{}`", acl.name));
    } else {
      by_principal[acl.principal][host.text] |= operations;
    }
  }

  void leave_out(const Acl& acl, const std::string& why, std::string help) {
    ++out_.left_out;
    reports_.add(diag::Code::AclLeftOut, acl.span,
                 fmt::format("this {} is left out: {}", acl.deny ? "denial" : "allow", why),
                 "never applies", std::move(help));
  }
  void cannot_say(const Acl& acl, const std::string& what) {
    if (acl.deny) {
      reports_.add(diag::Code::UnsayableDenial, acl.span,
                   fmt::format("policy text cannot say {}", what),
                   "a denial that must not be lost",
                   "import with `--data`: a data file holds any ACL");
      return;
    }
    ++out_.left_out;
    reports_.add(diag::Code::AclLeftOut, acl.span,
                 fmt::format("this allow is left out: policy text cannot say {}", what),
                 "will be denied", "import with `--data`: a data file holds any ACL");
  }

  std::span<const Acl> acls_;
  Names names_;
  Reports reports_;
  PolicyText out_;
};

}  // namespace

PolicyText policy_text(std::span<const Acl> acls, const PolicyOptions& options, diag::Sink& sink) {
  return Writer(acls, sink).write(options);
}

}  // namespace writ::convert::kafka_acls
