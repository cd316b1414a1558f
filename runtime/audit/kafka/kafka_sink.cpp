// The only file that knows librdkafka.
#include "runtime/audit/kafka/kafka_sink.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <deque>

#include <fmt/format.h>

namespace writ::audit::kafka {
namespace {

constexpr std::size_t kErrorBytes = 512;
// SOURCE: CloudEvents Kafka protocol binding 1.0, structured content mode.
constexpr std::string_view kContentType = "application/cloudevents+json; charset=UTF-8";
// A producer that is given up: what is on its way may still arrive, and comes again anyhow.
constexpr int kPurge = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT;

using Property = std::pair<std::string_view, std::string_view>;
// What the promise rests on. `message.timeout.ms` 0 is for ever: a message that times out is
// skipped, and those behind it are not.
constexpr std::array<Property, 4> kFixed = {{{"enable.idempotence", "true"},
                                             {"acks", "all"},
                                             {"message.timeout.ms", "0"},
                                             {"max.in.flight.requests.per.connection", "5"}}};
constexpr std::array<std::string_view, 14> kRefused = {
    "enable.idempotence", "acks", "request.required.acks", "message.timeout.ms",
    "delivery.timeout.ms", "max.in.flight.requests.per.connection", "max.in.flight", "retries",
    "message.send.max.retries", "enable.gapless.guarantee", "transactional.id",
    "queue.buffering.max.messages", "bootstrap.servers", "metadata.broker.list"};
// Unless the options say otherwise.
constexpr std::array<Property, 3> kChosen = {{{"linger.ms", "20"},
                                              {"compression.type", "zstd"},
                                              {"queue.buffering.max.kbytes", "1048576"}}};

struct DestroyConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;
struct DestroyProducer {
  void operator()(rd_kafka_t* producer) const {
    static_cast<void>(rd_kafka_purge(producer, kPurge | RD_KAFKA_PURGE_F_NON_BLOCKING));
    rd_kafka_destroy(producer);
  }
};

Status set(rd_kafka_conf_t* conf, std::string_view name, std::string_view value) {
  std::array<char, kErrorBytes> why{};
  const std::string key(name);
  const std::string text(value);
  const auto answer =
      rd_kafka_conf_set(conf, key.c_str(), text.c_str(), why.data(), why.size());
  if (answer == RD_KAFKA_CONF_OK) return {};
  // The value is not repeated: it may be a password.
  return fail(ErrorCode::Usage, "the Kafka client does not take the property", key);
}

rd_kafka_vu_t memory(rd_kafka_vtype_t type, std::string_view text) {
  rd_kafka_vu_t out{};
  out.vtype = type;
  // The client copies (RD_KAFKA_MSG_F_COPY) and does not write.
  out.u.mem.ptr = const_cast<char*>(text.data());  // NOLINT
  out.u.mem.size = text.size();
  return out;
}

}  // namespace

// What one producer has been given.
struct KafkaSink::Client {
  struct Waiting {
    std::uint64_t number = 0;
    std::size_t messages = 0;  // without a report
  };

  explicit Client(KafkaSink& of) : sink(of) {}
  [[nodiscard]] Result<Conf> configure();
  [[nodiscard]] Status start(std::uint64_t next);
  [[nodiscard]] Status produce(const sink::Event& event, Waiting& of);
  void report(const rd_kafka_message_t& message);
  void trouble(rd_kafka_resp_err_t error, std::string_view text);
  [[nodiscard]] Status well() const;

  KafkaSink& sink;
  std::deque<Waiting> waiting;  // messages carry the address of theirs: elements do not move
  std::size_t messages = 0;
  std::uint64_t delivered = 0;
  std::uint64_t acknowledged = 0;
  std::string failure;  // one message or the producer is lost: everything comes again
  std::unique_ptr<rd_kafka_t, DestroyProducer> producer;
};

Result<Conf> KafkaSink::Client::configure() {
  Conf conf(rd_kafka_conf_new());
  const KafkaOptions& options = sink.options_;
  for (const auto& [name, value] : kChosen) WRIT_TRY(set(conf.get(), name, value));
  for (const auto& [name, value] : options.properties) {
    if (std::ranges::find(kRefused, name) != kRefused.end()) {
      return fail(ErrorCode::Usage, "this property of the Kafka client is not a choice", name);
    }
    WRIT_TRY(set(conf.get(), name, value));
  }
  for (const auto& [name, value] : kFixed) WRIT_TRY(set(conf.get(), name, value));
  WRIT_TRY(set(conf.get(), "bootstrap.servers", options.brokers));
  WRIT_TRY(set(conf.get(), "client.id", options.client_id));
  WRIT_TRY(set(conf.get(), "queue.buffering.max.messages",
               std::to_string(2 * options.messages_max)));
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_dr_msg_cb(
      conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
        static_cast<Client*>(self)->report(*message);
      });
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int error, const char* text, void* self) {
    static_cast<Client*>(self)->trouble(static_cast<rd_kafka_resp_err_t>(error), text);
  });
  // Its words come through the callback above; standard error is not ours to write to.
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  return conf;
}

Status KafkaSink::Client::start(std::uint64_t next) {
  delivered = acknowledged = next - 1;
  WRIT_ASSIGN(conf, configure());
  std::array<char, kErrorBytes> why{};
  producer.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size()));
  if (producer == nullptr) return fail(ErrorCode::Usage, why.data(), sink.options_.brokers);
  static_cast<void>(conf.release());  // the producer's now
  return {};
}

void KafkaSink::Client::report(const rd_kafka_message_t& message) {
  --messages;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (failure.empty()) failure = rd_kafka_err2str(message.err);
    return;
  }
  // Partitions report in their own order.
  --static_cast<Waiting*>(message._private)->messages;
  while (!waiting.empty() && waiting.front().messages == 0) {
    acknowledged = waiting.front().number;
    waiting.pop_front();
  }
}

void KafkaSink::Client::trouble(rd_kafka_resp_err_t error, std::string_view text) {
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, kErrorBytes> why{};
    static_cast<void>(rd_kafka_fatal_error(producer.get(), why.data(), why.size()));
    failure = why.data();
  }
  if (sink.options_.note) {
    sink.options_.note(fmt::format("{}: {}", sink.name(), text));
  }
}

Status KafkaSink::Client::well() const {
  if (failure.empty()) return {};
  return fail(ErrorCode::Unreadable, failure, sink.options_.brokers);
}

Status KafkaSink::Client::produce(const sink::Event& event, Waiting& of) {
  constexpr std::string_view kHeader = "content-type";
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = sink.options_.topic.c_str();
  std::string_view value = event.line;
  if (value.ends_with('\n')) value.remove_suffix(1);
  parts[1] = memory(RD_KAFKA_VTYPE_VALUE, value);
  parts[2] = memory(RD_KAFKA_VTYPE_KEY, event.key);
  parts[3].vtype = RD_KAFKA_VTYPE_HEADER;
  parts[3].u.header = {kHeader.data(), kContentType.data(),
                       static_cast<ssize_t>(kContentType.size())};
  parts[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[4].u.i = RD_KAFKA_MSG_F_COPY;
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = &of;
  rd_kafka_error_t* error = rd_kafka_produceva(producer.get(), parts.data(), parts.size());
  if (error == nullptr) return {};
  const std::string why = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  return fail(ErrorCode::Unreadable, why, sink.options_.topic);
}

KafkaSink::KafkaSink(KafkaOptions options) : options_(std::move(options)) {}
KafkaSink::~KafkaSink() = default;

Status KafkaSink::begin(std::string_view, std::uint64_t next) {
  client_ = std::make_unique<Client>(*this);
  return client_->start(next);
}

Result<bool> KafkaSink::deliver(const sink::Delivery& delivery) {
  Client& client = *client_;
  WRIT_TRY(client.well());
  const bool room = client.messages + delivery.events.size() <= options_.messages_max;
  if (!room && client.messages != 0) return false;
  client.waiting.push_back({delivery.number, delivery.events.size()});
  client.delivered = delivery.number;
  for (const sink::Event& event : delivery.events) {
    WRIT_TRY(client.produce(event, client.waiting.back()));
    ++client.messages;
  }
  return true;
}

Result<std::uint64_t> KafkaSink::poll(std::uint32_t wait_ms) {
  Client& client = *client_;
  // Many reports are ready at once, or none: wait for the first only.
  int served = rd_kafka_poll(client.producer.get(), static_cast<int>(wait_ms));
  while (served > 0 && client.failure.empty()) served = rd_kafka_poll(client.producer.get(), 0);
  WRIT_TRY(client.well());
  return client.acknowledged;
}

}  // namespace writ::audit::kafka
