#include "tests/bench/floor/twenty_rules.h"

#include "runtime/value/value.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace writ::bench {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 12> kGroups = {
    "platform",       "sre",           "oncall",    "security",     "ledger-readers",
    "ledger-writers", "payments-team", "analytics", "data-science", "contractors",
    "brokers",        "key-custodians"};
constexpr std::array<std::string_view, 16> kOperations = {"Read",
                                                          "Write",
                                                          "Create",
                                                          "Delete",
                                                          "Alter",
                                                          "Describe",
                                                          "DescribeConfigs",
                                                          "AlterConfigs",
                                                          "Encrypt",
                                                          "Decrypt",
                                                          "GenerateDataKey",
                                                          "Sign",
                                                          "Verify",
                                                          "DescribeKey",
                                                          "ScheduleKeyDeletion",
                                                          "EnableKeyRotation"};
constexpr std::array<std::string_view, 3> kKinds = {"Topic", "Group", "Key"};
constexpr std::array<std::string_view, 3> kClusters = {"lkc-682o6", "lkc-15v9v", "lkc-1"};

template <std::size_t N>
constexpr std::uint32_t index_of(const std::array<std::string_view, N>& names,
                                 std::string_view name) {
  return static_cast<std::uint32_t>(std::find(names.begin(), names.end(), name) - names.begin());
}
consteval std::uint32_t group(std::string_view name) {
  return 1U << index_of(kGroups, name);
}
consteval std::uint32_t operations(std::initializer_list<std::string_view> names) {
  std::uint32_t mask = 0;
  for (const std::string_view name : names) {
    mask |= 1U << index_of(kOperations, name);
  }
  return mask;
}
constexpr std::uint32_t kTopic = 0;
constexpr std::uint32_t kConsumers = 1;
constexpr std::uint32_t kKey = 2;
constexpr std::uint32_t kPayments = 0;
constexpr std::uint32_t kAnalytics = 1;

constexpr bool within(std::uint32_t host, std::uint32_t base, int bits) {
  return (host ^ base) >> (32 - bits) == 0;
}

constexpr std::int64_t kFreezeBegin = 1'797'724'800;  // 2026-12-20
constexpr std::int64_t kFreezeEnd = 1'799'020'800;    // 2027-01-04
constexpr std::int64_t kNewYear = 1'798'761'600;      // 2027-01-01

bool guarded(const HandRequest& r, bool topic, bool pci) {
  constexpr std::uint32_t kChange = operations({"Create", "Delete", "Alter", "AlterConfigs"});
  constexpr std::uint32_t kAppendOnly = operations({"Delete", "Alter", "AlterConfigs"});
  constexpr std::uint32_t kLook = operations({"Read", "Describe", "DescribeConfigs"});
  if (r.tls < 12)
    return true;
  if (pci && r.prod && !r.private_network)
    return true;
  if (topic && (r.operation & kAppendOnly) != 0 && r.name.starts_with("audit."))
    return true;
  if ((r.groups & group("contractors")) != 0 && (r.operation & kLook) == 0)
    return true;
  if (r.prod && r.password && (r.operation & (kChange | operations({"Write"}))) != 0)
    return true;
  if (within(r.host, 0xCB00'7100, 24) && (r.groups & group("security")) == 0)
    return true;
  if (r.kind == kKey && r.operation == operations({"Decrypt"}) && !r.own_cluster)
    return true;
  return r.prod && (r.operation & kChange) != 0 && r.time >= kFreezeBegin && r.time < kFreezeEnd &&
         !(r.break_glass && (r.groups & group("oncall")) != 0);
}

bool granted_on_topic(const HandRequest& r, bool pci) {
  constexpr std::uint32_t kReadDescribe = operations({"Read", "Describe"});
  const std::string_view name = r.name;
  const bool office = r.hour >= 8 && r.hour < 18;
  if (!r.prod && (r.groups & group("platform")) != 0)
    return true;
  if (r.prod && (r.groups & group("sre")) != 0 &&
      (r.operation & operations({"Describe", "DescribeConfigs", "Alter", "AlterConfigs"})) != 0) {
    return true;
  }
  if (r.cluster == kPayments && name.starts_with("ledger.")) {
    if ((r.groups & group("ledger-writers")) != 0 &&
        (r.operation & operations({"Write", "Create", "Describe"})) != 0) {
      return true;
    }
    const std::uint32_t readers = group("ledger-readers") | group("ledger-writers");
    if ((r.groups & readers) != 0 && (r.operation & kReadDescribe) != 0)
      return true;
  }
  if (r.prod && (r.groups & group("payments-team")) != 0 &&
      (r.operation & operations({"Read", "Write", "Describe"})) != 0 &&
      (name.starts_with("payments.") || name.starts_with("cards.")) &&
      within(r.host, 0x0A14'0000, 16)) {
    return true;
  }
  if (r.cluster == kAnalytics && (r.groups & group("analytics")) != 0 &&
      (r.operation & kReadDescribe) != 0 && !pci && office && r.weekday <= 5) {
    return true;
  }
  if ((r.groups & group("contractors")) != 0 && (r.operation & kReadDescribe) != 0 && office &&
      r.time < kNewYear && name.starts_with("orders.") && within(r.host, 0xC000'0200, 24)) {
    return true;
  }
  return !r.prod && r.user && name.starts_with(r.name_dot);
}

bool granted_on_key(const HandRequest& r) {
  if (!r.user && (r.groups & group("brokers")) != 0 && r.encrypts && r.own_cluster &&
      (r.operation & operations({"Encrypt", "Decrypt", "GenerateDataKey"})) != 0) {
    return true;
  }
  return (r.groups & group("key-custodians")) != 0 && r.mfa && !r.public_network &&
         (r.operation & operations({"DescribeKey", "ScheduleKeyDeletion", "EnableKeyRotation"})) !=
             0;
}

std::uint32_t groups_of(const std::string& principal, const Json& directory) {
  std::uint32_t mask = 0;
  std::vector<std::string> todo;
  if (directory["principals"].contains(principal)) {
    todo = directory["principals"][principal].get<std::vector<std::string>>();
  }
  while (!todo.empty()) {
    const std::string name = todo.back();
    todo.pop_back();
    mask |= 1U << index_of(kGroups, name);
    for (const Json& parent : directory["groups"][name]) {
      todo.push_back(parent.get<std::string>());
    }
  }
  return mask;
}

}  // namespace

HandRequest resolve(const Json& request, const Json& directory) {
  HandRequest r;
  const auto principal = request["principal"].get<std::string>();
  r.groups = groups_of(principal, directory);
  r.user = principal.starts_with("User:");
  r.name_dot = principal.substr(principal.find(':') + 1) + ".";
  if (const auto ip = parse_ip(request["host"].get<std::string>())) {
    r.host = static_cast<std::uint32_t>(ip->low);
  }
  r.tls = request["tls"].get<std::uint32_t>();
  const auto network = request["network"].get<std::string>();
  r.private_network = network == "private_link" || network == "peering";
  r.public_network = network == "public";
  r.password = request["auth"] == "scram";
  r.mfa = request["mfa"].get<bool>();
  r.break_glass = request["break_glass"].get<bool>();
  r.incident = request["ticket"].get<std::string>().starts_with("INC-");
  r.operation = 1U << index_of(kOperations, request["operation"].get<std::string>());
  r.kind = index_of(kKinds, request["kind"].get<std::string>());
  r.cluster = index_of(kClusters, request["cluster"].get<std::string>());
  r.prod = r.cluster <= kAnalytics;
  r.name = request["name"].get<std::string>();
  if (r.kind == kKey && directory["keys"].contains(r.name)) {
    const Json& key = directory["keys"][r.name];
    r.encrypts = key["purpose"] == "encrypt-decrypt";
    r.own_cluster = key["cluster"] == request["data_cluster"];
  }
  r.time = request["time"].get<std::int64_t>();
  r.hour = request["hour"].get<std::uint32_t>();
  r.weekday = request["weekday"].get<std::uint32_t>();
  return r;
}

[[gnu::noinline]] bool permits_by_hand(const HandRequest& r) {
  constexpr std::uint32_t kReadDescribe = operations({"Read", "Describe"});
  const bool topic = r.kind == kTopic;
  const bool pci = topic && (r.name.starts_with("ledger.") || r.name.starts_with("cards."));
  if (guarded(r, topic, pci))
    return false;
  if (r.prod && r.kind != kKey && (r.groups & group("oncall")) != 0 && r.break_glass &&
      r.incident && within(r.host, 0x0A00'0000, 8)) {
    return true;
  }
  if (topic)
    return granted_on_topic(r, pci);
  if (r.kind == kConsumers) {
    const std::uint32_t readers = group("ledger-readers") | group("ledger-writers");
    return r.cluster == kPayments && (r.groups & readers) != 0 &&
           (r.operation & kReadDescribe) != 0 && r.name.starts_with("ledger-");
  }
  return granted_on_key(r);
}

}  // namespace writ::bench
