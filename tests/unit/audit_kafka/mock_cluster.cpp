#include "tests/unit/audit_kafka/mock_cluster.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <stdexcept>

namespace writ::audit::kafka::testing {
namespace {

constexpr const char* kTopic = "audit";
constexpr std::int16_t kProduceRequest = 0;

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Client client(rd_kafka_type_t type, const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  const auto set = [&](const char* name, const char* value) {
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(why);
    }
  };
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  if (!brokers.empty()) set("bootstrap.servers", brokers.c_str());
  if (type == RD_KAFKA_CONSUMER) {
    set("group.id", "test");
    set("enable.partition.eof", "true");
    set("auto.offset.reset", "earliest");
  }
  rd_kafka_t* made = rd_kafka_new(type, conf, why, sizeof why);
  if (made == nullptr) throw std::runtime_error(why);
  return {made, &rd_kafka_destroy};
}

Message message_of(const rd_kafka_message_t& from) {
  Message out;
  out.key.assign(static_cast<const char*>(from.key), from.key_len);
  out.value.assign(static_cast<const char*>(from.payload), from.len);
  out.partition = from.partition;
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0;
  if (rd_kafka_message_headers(&from, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
      rd_kafka_header_get_last(headers, "content-type", &value, &bytes) ==
          RD_KAFKA_RESP_ERR_NO_ERROR) {
    out.content_type.assign(static_cast<const char*>(value), bytes);
  }
  return out;
}

}  // namespace

struct MockCluster::State {
  Client owner = client(RD_KAFKA_PRODUCER, {});
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(owner.get(), kBrokers);
};

MockCluster::MockCluster() : state_(std::make_unique<State>()) {
  if (state_->cluster == nullptr) throw std::runtime_error("no mock cluster");
  rd_kafka_mock_topic_create(state_->cluster, kTopic, kPartitions, kBrokers);
}
MockCluster::~MockCluster() { rd_kafka_mock_cluster_destroy(state_->cluster); }

std::string MockCluster::brokers() const {
  return rd_kafka_mock_cluster_bootstraps(state_->cluster);
}

void MockCluster::disappear() {
  for (std::int32_t id = 1; id <= kBrokers; ++id) {
    rd_kafka_mock_broker_set_down(state_->cluster, id);
  }
}
void MockCluster::come_back() {
  for (std::int32_t id = 1; id <= kBrokers; ++id) {
    rd_kafka_mock_broker_set_up(state_->cluster, id);
  }
}

void MockCluster::answer_produce_requests(std::size_t count, Answer with) {
  const auto error = [with] {
    switch (with) {
      case Answer::Transient: return RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
      case Answer::Refused: return RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      case Answer::OutOfOrder: return RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    }
    return RD_KAFKA_RESP_ERR_UNKNOWN;
  };
  const std::vector<rd_kafka_resp_err_t> errors(count, error());
  rd_kafka_mock_push_request_errors_array(state_->cluster, kProduceRequest, count, errors.data());
}

std::vector<Message> MockCluster::read(std::size_t at_least) const {
  const Client reader = client(RD_KAFKA_CONSUMER, brokers());
  rd_kafka_poll_set_consumer(reader.get());
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(kPartitions);
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    rd_kafka_topic_partition_list_add(all, kTopic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(reader.get(), all);
  rd_kafka_topic_partition_list_destroy(all);
  std::vector<Message> out;
  int ended = 0;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while ((out.size() < at_least || ended < kPartitions) &&
         std::chrono::steady_clock::now() < give_up) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(reader.get(), 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) out.push_back(message_of(*message));
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ended;
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(reader.get());
  return out;
}

}  // namespace writ::audit::kafka::testing
