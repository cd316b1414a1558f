#include "tests/support/workload.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace writ::tests {
namespace {

constexpr std::array kWords = {"orders",   "payments", "ledger",  "cards",   "fraud",
                               "audit",    "clicks",   "shipping", "users",  "sessions",
                               "billing",  "refunds",  "pricing", "search",  "alerts",
                               "metrics",  "trades",   "quotes",  "risk",    "stock"};
constexpr std::array kRegions = {"eu", "us", "ap", "sa", "me", "af"};
constexpr std::array kTopicOperations = {"Read",     "Write",           "Create",
                                         "Delete",   "Alter",           "Describe",
                                         "DescribeConfigs", "AlterConfigs"};
constexpr std::array kGroupOperations = {"Read", "Describe", "Delete"};
constexpr std::array kTransactionOperations = {"Describe", "Write"};

// SplitMix64: small, and the same on every platform, which std distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return next() % n; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double p) { return unit() < p; }
  template <class C>
  const auto& pick(const C& from) {
    return from[below(from.size())];
  }
  std::size_t zipf(std::size_t n) {
    const auto at = static_cast<std::size_t>(std::pow(static_cast<double>(n), unit()));
    return std::min(n - 1, at == 0 ? 0 : at - 1);
  }

 private:
  std::uint64_t state_;
};

std::string operation_of(Random& random, std::string_view kind) {
  if (kind == "Group") {
    return random.pick(kGroupOperations);
  }
  return kind == "TransactionalId" ? random.pick(kTransactionOperations)
                                   : random.pick(kTopicOperations);
}
std::string small_host(Random& random) {
  return fmt::format("10.{}.{}.{}", random.below(4), random.below(4), random.below(8));
}

WorkloadRow typical_row(Random& random, const std::vector<std::string>& names,
                        std::size_t principals) {
  WorkloadRow row;
  row.principal = fmt::format("User:svc-{:06}", random.below(principals));
  const double kind = random.unit();
  row.kind = kind < 0.80 ? "Topic" : kind < 0.95 ? "Group" : "TransactionalId";
  row.name = names[random.zipf(names.size())];
  if (random.chance(0.30)) {
    const std::size_t dot = row.name.find('.');
    const std::array lengths = {dot + 1, dot + 4, std::max<std::size_t>(6, row.name.size() - 2)};
    row.name.resize(std::min(row.name.size(), random.pick(lengths)));
    row.pattern = "Prefixed";
  }
  if (random.chance(0.002)) {
    row.name = "*";
    row.pattern = "Literal";
  }
  if (random.chance(0.05)) {
    row.host = small_host(random);
  }
  if (random.chance(0.03)) {
    row.permission = "Deny";
  }
  if (random.chance(0.005)) {
    row.principal = "User:*";
  }
  row.operation = random.chance(0.02) ? "All" : operation_of(random, row.kind);
  return row;
}

Workload typical(Random& random, std::size_t rows, std::size_t asks) {
  const std::size_t principals = std::max<std::size_t>(2, rows / 50);
  std::vector<std::string> names(std::max<std::size_t>(4, rows / 8));
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = fmt::format("{}.{}.{:03}.v{}.{}", random.pick(kWords), random.pick(kRegions),
                           i % 997, i % 7, i);
  }
  Workload out;
  while (out.rows.size() < rows) {
    out.rows.push_back(typical_row(random, names, principals));
  }
  while (out.asks.size() < asks) {
    const WorkloadRow& row = random.pick(out.rows);
    WorkloadAsk ask;
    ask.kind = row.kind;
    const bool own = row.principal != "User:*" && random.chance(0.8);
    ask.principal =
        own ? row.principal : fmt::format("User:svc-{:06}", random.below(principals));
    ask.name = row.name;
    if (row.name == "*" || random.chance(0.2)) {
      ask.name = names[random.zipf(names.size())];
    } else if (row.pattern == "Prefixed") {
      ask.name += random.pick(std::array{"x", "eu.1", "0"});
    }
    ask.host = row.host != "*" && random.chance(0.7) ? row.host : small_host(random);
    ask.operation = row.operation != "All" && random.chance(0.7)
                        ? row.operation
                        : operation_of(random, row.kind);
    out.asks.push_back(std::move(ask));
  }
  return out;
}

WorkloadRow plain_row(std::string principal, std::string operation, std::string name,
                      std::string pattern, std::string kind = "Topic") {
  WorkloadRow row;
  row.principal = std::move(principal);
  row.operation = std::move(operation);
  row.name = std::move(name);
  row.pattern = std::move(pattern);
  row.kind = std::move(kind);
  return row;
}

Workload kafka_jmh(Random& random, std::size_t rows, std::size_t asks) {
  const std::string prefix = "foo-bar35_resource-";
  const std::size_t resources = std::max<std::size_t>(1, rows / 10);
  Workload out;
  for (std::size_t r = 0; r < resources; ++r) {
    for (std::size_t a = 0; a < 10; ++a) {
      out.rows.push_back(plain_row(a == 0 ? "User:test-user" : fmt::format("User:test-user{}", a),
                                   "Read", prefix + std::to_string(r),
                                   r % 5 == 0 ? "Prefixed" : "Literal",
                                   r % 10 == 0 ? "Group" : "Topic"));
      if (random.chance(0.20)) {
        out.rows.push_back(out.rows.back());
        out.rows.back().permission = "Deny";
      }
    }
  }
  for (std::size_t h = 0; h < 10; ++h) {
    out.rows.push_back(plain_row("User:test-user", "Read", prefix, "Prefixed"));
    out.rows.back().host = fmt::format("127.0.0.{}", h);
  }
  for (std::size_t h = 0; h < resources / 10; ++h) {
    out.rows.push_back(plain_row("User:test-user", "Read", "*", "Literal"));
    out.rows.back().host = fmt::format("127.0.{}.{}", h / 250 % 250, h % 250);
  }
  out.asks.push_back({"User:test-user", "127.0.0.1", "Write", "Topic", prefix + "95"});
  while (out.asks.size() < asks) {
    out.asks.push_back({std::string("User:test-user") + random.pick(std::array{"", "1", "5"}),
                        fmt::format("127.0.0.{}", random.below(12)),
                        random.pick(std::array{"Read", "Write", "Describe"}),
                        random.pick(std::array{"Topic", "Group"}),
                        prefix + std::to_string(random.below(resources * 2))});
  }
  return out;
}

Workload metadata_storm(Random& random, std::size_t rows, std::size_t asks) {
  std::vector<std::string> topics(500);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    topics[i] =
        fmt::format("{}-{}-stream-{:04}", random.pick(kWords), random.pick(kRegions), i);
  }
  Workload out;
  while (out.rows.size() < rows) {
    std::string name = random.pick(topics);
    const bool prefixed = random.chance(0.4);
    if (prefixed) {
      name.resize(4 + random.below(name.size() - 4));
    }
    out.rows.push_back(plain_row(fmt::format("User:app-{:03}", random.below(200)),
                                 random.pick(kTopicOperations), name,
                                 prefixed ? "Prefixed" : "Literal"));
  }
  while (out.asks.size() < asks) {
    const std::string principal = fmt::format("User:app-{:03}", random.below(220));
    for (const std::string& topic : topics) {
      out.asks.push_back({principal, "10.0.0.1", "Describe", "Topic", topic});
    }
  }
  out.asks.resize(asks);
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : ".") + parts[i];
  }
  return text;
}

Workload deep_prefixes(Random& random, std::size_t rows, std::size_t asks) {
  constexpr std::size_t kDepth = 16;
  Workload out;
  std::vector<std::string> leaves;
  while (out.rows.size() < rows) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < kDepth; ++i) {
      parts.emplace_back(random.pick(kWords));
    }
    parts[0] += std::to_string(random.below(std::max<std::size_t>(1, rows / 200)));
    const auto user = [&] { return fmt::format("User:u{}", random.below(16)); };
    for (std::size_t depth = 1; depth <= kDepth; ++depth) {
      out.rows.push_back(plain_row(user(), random.pick(std::array{"Read", "Write", "All"}),
                                   joined(parts, depth) + (depth < kDepth ? "." : ""),
                                   "Prefixed"));
    }
    if (random.chance(0.5)) {
      out.rows.push_back(
          plain_row(user(), "Read", joined(parts, 1 + random.below(kDepth)), "Prefixed"));
      out.rows.back().permission = "Deny";
    }
    leaves.push_back(joined(parts, kDepth));
  }
  out.rows.resize(rows);
  while (out.asks.size() < asks) {
    std::string name = random.pick(leaves);
    name.resize(std::min(name.size(), 8 + random.below(92)));
    out.asks.push_back({fmt::format("User:u{}", random.below(18)), "10.0.0.1",
                        random.pick(std::array{"Read", "Write", "Describe"}), "Topic",
                        name + random.pick(std::array{"", ".x"})});
  }
  return out;
}

Workload one_name(Random& random, std::size_t rows, std::size_t asks) {
  Workload out;
  for (std::size_t i = 0; i < rows; ++i) {
    out.rows.push_back(plain_row(fmt::format("User:u{:07}", i), random.pick(kTopicOperations),
                                 "the-one-topic", "Literal"));
    if (random.chance(0.01)) {
      out.rows.back().permission = "Deny";
    }
  }
  while (out.asks.size() < asks) {
    out.asks.push_back({fmt::format("User:u{:07}", random.below(rows * 5 / 4)), "10.0.0.1",
                        random.pick(kTopicOperations), "Topic", "the-one-topic"});
  }
  return out;
}

Workload cidr_hosts(Random& random, std::size_t rows, std::size_t asks) {
  const std::size_t principals = std::max<std::size_t>(2, rows / 100);
  const std::size_t topics = std::max<std::size_t>(4, rows / 40);
  Workload out;
  struct Base {
    std::size_t row, a, b;
  };
  std::vector<Base> bases;
  while (out.rows.size() < rows) {
    std::string name = fmt::format("{}.{}.{}", random.pick(kWords), random.pick(kRegions),
                                   random.zipf(topics));
    const bool prefixed = random.chance(0.3);
    if (prefixed) {
      name.resize(name.rfind('.') + 1);
    }
    const WorkloadRow base =
        plain_row(fmt::format("User:svc-{:05}", random.below(principals)),
                  random.pick(kTopicOperations), name, prefixed ? "Prefixed" : "Literal");
    const std::size_t a = random.below(64), b = random.below(256), c = random.below(256);
    bases.push_back({out.rows.size(), a, b});
    for (const std::string& host :
         {fmt::format("10.{}.0.0/16", a), fmt::format("10.{}.{}.0/24", a, b),
          fmt::format("10.{}.{}.{}", a, b, c), fmt::format("fd00:{:x}:{:x}:0:0:0:0:0/48", a, b)}) {
      out.rows.push_back(base);
      out.rows.back().host = host;
    }
    out.rows[out.rows.size() - 3].permission = "Deny";
    out.rows[out.rows.size() - 2].operation = random.pick(kTopicOperations);
  }
  while (out.asks.size() < asks) {
    const Base& base = random.pick(bases);
    const WorkloadRow& row = out.rows[base.row];
    const std::string host =
        random.chance(0.9)
            ? fmt::format("10.{}.{}.{}", base.a, random.chance(0.5) ? base.b : random.below(256),
                          random.below(256))
            : fmt::format("fd00:{:x}:{:x}:0:0:0:0:{:x}", base.a, random.below(256),
                          1 + random.below(98));
    out.asks.push_back({row.principal, host, row.operation, "Topic",
                        row.name + (row.pattern == "Prefixed" ? "x.y" : "")});
  }
  out.rows.resize(std::min(out.rows.size(), rows));
  return out;
}

}  // namespace

std::string_view name_of(Shape shape) {
  switch (shape) {
    case Shape::Typical:
      return "typical";
    case Shape::KafkaJmh:
      return "kafka-jmh";
    case Shape::MetadataStorm:
      return "metadata-storm";
    case Shape::DeepPrefixes:
      return "deep-prefixes";
    case Shape::OneName:
      return "one-name";
    case Shape::CidrHosts:
      return "cidr-hosts";
  }
  return "";
}

Workload make_workload(Shape shape, std::size_t rows, std::size_t asks, std::uint64_t seed) {
  Random random(seed * 31 + static_cast<std::uint64_t>(shape));
  switch (shape) {
    case Shape::Typical:
      return typical(random, rows, asks);
    case Shape::KafkaJmh:
      return kafka_jmh(random, rows, asks);
    case Shape::MetadataStorm:
      return metadata_storm(random, rows, asks);
    case Shape::DeepPrefixes:
      return deep_prefixes(random, rows, asks);
    case Shape::OneName:
      return one_name(random, rows, asks);
    case Shape::CidrHosts:
      return cidr_hosts(random, rows, asks);
  }
  return {};
}

std::string to_json(const WorkloadRow& row) {
  return fmt::format(
      R"({{"principal":"{}","host":"{}","operation":"{}","permission":"{}","resourceType":"{}",)"
      R"("patternType":"{}","resourceName":"{}"}})",
      row.principal, row.host, row.operation, row.permission, row.kind, row.pattern, row.name);
}

}  // namespace writ::tests
