// How the events of one kind of resource are called, and which of the two shapes of Confluent's
// schema they have. Rows are data (services.def); an embedding may give others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writ::audit {

/// SOURCE: Confluent's schema describes Kafka's events in one way and all others in another.
enum class Shape : std::uint8_t {
  Kafka,    // granted, principals as text, connection_id
  General,  // result, principals and cloudResources as objects, connectionId
};
inline constexpr std::size_t kShapes = 2;

struct Service {
  std::string type_prefix = "io.confluent.kafka.server/";  // of the CloudEvents type
  std::string crn_element = "kafka";                       // of the cluster in a CRN
  std::string method_prefix = "kafka.";                    // of data.methodName
  Shape shape = Shape::Kafka;
};
using Services = std::vector<std::pair<std::string, Service>>;

/// The rows of services.def.
[[nodiscard]] const Services& known_services();

/// Of a model's kind: the row of `model.Kind`, else of the model, else one made of its name. With
/// neither model nor row (no bundle, a kind that nobody knows): `fallback`.
[[nodiscard]] Service service_of(const Services& rows, const Service& fallback,
                                 std::string_view model, std::string_view kind);

}  // namespace writ::audit
