// Events to a topic, one message each: CloudEvents in structured mode. The producer is idempotent
// and waits for all replicas; a message never times out, so an outage of any length only makes the
// log wait. A delivery is acknowledged when reports for all its messages are in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/audit/sink/sink.h"

namespace writ::audit::kafka {

struct KafkaOptions {
  std::string brokers;  // host:port, comma between
  std::string topic;
  std::string client_id = "writ-audit";
  // Of librdkafka: `security.protocol`, `sasl.mechanisms`, `ssl.ca.location`, `linger.ms`, …. Those
  // that the promise rests on (acks, idempotence, timeouts, retries) are refused.
  std::vector<std::pair<std::string, std::string>> properties;
  std::size_t messages_max = 200'000;  // delivered, not acknowledged
  /// What the client says to people: brokers that are away or back, from the feeder's thread.
  std::function<void(std::string_view)> note;
};

/// Threads: one.
class KafkaSink final : public sink::Sink {
 public:
  explicit KafkaSink(KafkaOptions options);
  ~KafkaSink() override;

  /// *errors* Usage: a property that is refused or that the client does not know.
  [[nodiscard]] Status begin(std::string_view state, std::uint64_t next) override;
  [[nodiscard]] Result<bool> deliver(const sink::Delivery& delivery) override;
  [[nodiscard]] Result<std::uint64_t> poll(std::uint32_t wait_ms) override;
  [[nodiscard]] std::string name() const override { return "kafka topic " + options_.topic; }

 private:
  struct Client;
  KafkaOptions options_;
  std::unique_ptr<Client> client_;
};

}  // namespace writ::audit::kafka
