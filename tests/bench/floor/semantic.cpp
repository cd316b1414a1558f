#include "tests/bench/floor/semantic.h"

#include "runtime/value/value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <set>

namespace writ::bench {
namespace {

constexpr std::uint32_t kNone = 0xFFFF'FFFF;
constexpr std::array<std::string_view, 8> kOperations = {
    "Read", "Write", "Create", "Delete", "Alter", "Describe", "DescribeConfigs", "AlterConfigs"};
constexpr std::uint32_t kDescribe = 1U << 5;
constexpr std::uint32_t kDescribeConfigs = 1U << 6;
constexpr std::uint32_t kImplyDescribe = 1U << 0 | 1U << 1 | 1U << 3 | 1U << 4;
constexpr std::uint32_t kImplyDescribeConfigs = 1U << 7;

std::uint64_t hash_of(char form, std::string_view kind, std::string_view text) {
  return (std::hash<std::string_view>{}(text) ^
          (std::hash<std::string_view>{}(kind) * 131 + static_cast<std::uint64_t>(form)) *
              0x9E37'79B9'7F4A'7C15) |
         1;
}

std::size_t slot_of(std::uint64_t key, std::size_t mask) {
  return (key * 0x9E37'79B9'7F4A'7C15 >> 20) & mask;
}

bool host_matches(const std::string& row, std::string_view host) {
  if (row == "*" || row == host) {
    return true;
  }
  const auto cidr = parse_cidr(row, HostBits::Clear);
  const auto ip = parse_ip(host);
  return cidr && ip && cidr->contains(*ip);
}

}  // namespace

SemanticFloor::SemanticFloor(const tests::Workload& workload)
    : cells_(std::bit_ceil(workload.rows.size() * 2 + 2)),
      names_(std::bit_ceil(workload.rows.size() * 2 + 2)) {
  std::set<std::string> hosts;
  std::set<std::uint32_t, std::greater<>> lengths;
  for (const tests::WorkloadRow& row : workload.rows) {
    hosts.insert(row.host);
    const std::string key = row.principal + '\0' + row.host;
    const auto next = static_cast<std::uint32_t>(classes_.size());
    const std::uint32_t cls = classes_.emplace(key, next).first->second;
    char form = row.pattern == "Prefixed" ? 'p' : 'l';
    if (form == 'l' && row.name == "*") {
      form = 'a';
    }
    if (form == 'p') {
      lengths.insert(static_cast<std::uint32_t>(row.name.size()));
    }
    Cell& cell = add_cell(cls, add_node(form, row.kind, form == 'a' ? "" : row.name));
    std::uint32_t bits = row.operation == "All" ? 0xFF : 1U << operation(row.operation);
    if (row.permission == "Deny") {
      cell.denies |= bits;
      continue;
    }
    bits |= (bits & kImplyDescribe) != 0 ? kDescribe : 0;
    bits |= (bits & kImplyDescribeConfigs) != 0 ? kDescribeConfigs : 0;
    cell.allows |= bits;
  }
  hosts_.assign(hosts.begin(), hosts.end());
  prefix_bytes_.assign(lengths.begin(), lengths.end());
}

std::uint32_t SemanticFloor::operation(std::string_view name) const {
  const auto at = std::find(kOperations.begin(), kOperations.end(), name);
  return static_cast<std::uint32_t>(at - kOperations.begin());
}

SemanticFloor::Session SemanticFloor::open(std::string_view principal,
                                           std::string_view host) const {
  Session session;
  for (const std::string& row_host : hosts_) {
    if (!host_matches(row_host, host)) {
      continue;
    }
    for (const std::string_view who : {principal, std::string_view("User:*")}) {
      const auto at = classes_.find(std::string(who) + '\0' + row_host);
      if (at != classes_.end()) {
        session.classes.push_back(at->second);
      }
    }
  }
  return session;
}

std::uint32_t SemanticFloor::find_node(char form, std::string_view kind,
                                       std::string_view text) const {
  const std::uint64_t hash = hash_of(form, kind, text);
  const std::size_t mask = names_.size() - 1;
  for (std::size_t at = slot_of(hash, mask); names_[at].used; at = (at + 1) & mask) {
    const Name& name = names_[at];
    if (name.hash == hash && std::string_view(text_).substr(name.begin, name.bytes) == text) {
      return name.node;
    }
  }
  return kNone;
}

std::uint32_t SemanticFloor::add_node(char form, std::string_view kind, std::string_view text) {
  const std::uint32_t known = find_node(form, kind, text);
  if (known != kNone) {
    return known;
  }
  const std::uint64_t hash = hash_of(form, kind, text);
  const std::size_t mask = names_.size() - 1;
  std::size_t at = slot_of(hash, mask);
  while (names_[at].used) {
    at = (at + 1) & mask;
  }
  names_[at] = {hash, static_cast<std::uint32_t>(text_.size()),
                static_cast<std::uint32_t>(text.size()), nodes_, true};
  text_.append(text);
  return nodes_++;
}

SemanticFloor::Cell& SemanticFloor::add_cell(std::uint32_t cls, std::uint32_t node) {
  const std::uint64_t key = (std::uint64_t{cls} + 1) << 32 | node;
  const std::size_t mask = cells_.size() - 1;
  std::size_t at = slot_of(key, mask);
  while (cells_[at].key != 0 && cells_[at].key != key) {
    at = (at + 1) & mask;
  }
  cells_[at].key = key;
  return cells_[at];
}

void SemanticFloor::gather(const Session& session, std::uint32_t node, std::uint32_t& allows,
                           std::uint32_t& denies) const {
  const std::size_t mask = cells_.size() - 1;
  for (const std::uint32_t cls : session.classes) {
    const std::uint64_t key = (std::uint64_t{cls} + 1) << 32 | node;
    for (std::size_t at = slot_of(key, mask); cells_[at].key != 0; at = (at + 1) & mask) {
      if (cells_[at].key == key) {
        allows |= cells_[at].allows;
        denies |= cells_[at].denies;
        break;
      }
    }
  }
}

bool SemanticFloor::permits(const Session& session, std::string_view kind, std::string_view name,
                            std::uint32_t operation) const {
  std::uint32_t allows = 0;
  std::uint32_t denies = 0;
  const auto look = [&](char form, std::string_view text) {
    const std::uint32_t node = find_node(form, kind, text);
    if (node != kNone) {
      gather(session, node, allows, denies);
    }
  };
  look('l', name);
  for (const std::uint32_t bytes : prefix_bytes_) {
    if (bytes <= name.size()) {
      look('p', name.substr(0, bytes));
    }
  }
  look('a', "");
  return (allows & ~denies & 1U << operation) != 0;
}

}  // namespace writ::bench
