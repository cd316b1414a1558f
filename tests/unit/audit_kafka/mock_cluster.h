// A Kafka cluster in this process: librdkafka's mock, and what was written to a topic of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace writ::audit::kafka::testing {

struct Message {
  std::string key;
  std::string value;
  std::string content_type;
  std::int32_t partition = 0;
};

class MockCluster {
 public:
  static constexpr int kBrokers = 3;
  static constexpr int kPartitions = 4;

  /// With the topic `audit`.
  MockCluster();
  ~MockCluster();

  [[nodiscard]] std::string brokers() const;
  /// All of them close their connections and take none, until they are back.
  void disappear();
  void come_back();
  /// The next produce requests are answered so. A client sends again what is Transient; with the
  /// others it gives a message, or itself, up.
  enum class Answer { Transient, Refused, OutOfOrder };
  void answer_produce_requests(std::size_t count, Answer with);
  /// Everything in the topic so far, by partition in order; `at_least` messages are waited for.
  [[nodiscard]] std::vector<Message> read(std::size_t at_least) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace writ::audit::kafka::testing
