// ACL workloads for benches and differential tests: rows in Kafka's words and questions to ask, in
// the shapes that real clusters have. Same arguments, same rows. Takes shape, sizes and seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace writ::tests {

struct WorkloadRow {
  std::string principal;   // Type:name
  std::string host = "*";
  std::string operation;
  std::string permission = "Allow";
  std::string kind = "Topic";
  std::string pattern = "Literal";
  std::string name;
};
struct WorkloadAsk {
  std::string principal;
  std::string host = "10.0.0.1";
  std::string operation;
  std::string kind = "Topic";
  std::string name;
};
struct Workload {
  std::vector<WorkloadRow> rows;
  std::vector<WorkloadAsk> asks;
};

enum class Shape : std::uint8_t {
  Typical,        // applications own prefixes and read others' topics, Zipf popularity
  KafkaJmh,       // one long common prefix, ten rows a resource, every fifth prefixed
  MetadataStorm,  // 500 topics, many rows each, every ask one topic
  DeepPrefixes,   // sixteen levels, a grant at each, denials at random depth
  OneName,        // every row on one topic, for many principals
  CidrHosts,      // nested networks: wide allow, narrower deny, single addresses
};
inline constexpr Shape kShapes[] = {Shape::Typical,      Shape::KafkaJmh, Shape::MetadataStorm,
                                    Shape::DeepPrefixes, Shape::OneName,  Shape::CidrHosts};
[[nodiscard]] std::string_view name_of(Shape shape);

/// About `rows` rows (exactly, but for KafkaJmh) and `asks` questions.
[[nodiscard]] Workload make_workload(Shape shape, std::size_t rows, std::size_t asks,
                                     std::uint64_t seed);
/// One row as a line of a data file, without the line feed.
[[nodiscard]] std::string to_json(const WorkloadRow& row);

}  // namespace writ::tests
