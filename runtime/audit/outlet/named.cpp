#include "runtime/audit/outlet/named.h"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "runtime/audit/crn.h"
#include "runtime/audit/kafka/kafka_sink.h"
#include "runtime/audit/sink/file_sink.h"
#include "runtime/audit/sink/stream_sink.h"

namespace writ::audit::outlet {
namespace {

using sink::Feeding;

constexpr std::string_view kStandardOutput = "-";
constexpr std::string_view kFile = "file:";
constexpr std::string_view kTopic = "kafka:";
constexpr std::string_view kServers = "bootstrap.servers";

Feeding::One file_sink(const SinkNames& names, const std::string& path) {
  sink::FileSinkOptions file;
  file.bytes_max = names.file_bytes_max;
  file.files_max = names.files_max;
  return {.cursor = "file-" + percent(path) + ".cursor",
          .sink = std::make_unique<sink::FileSink>(path, file),
          .destination = {.to = Route::To::File,
                          .name = std::filesystem::path(path).filename().string()}};
}

Result<Feeding::One> topic_sink(const SinkNames& names, const std::string& topic) {
  kafka::KafkaOptions kafka;
  kafka.brokers = names.brokers;
  kafka.topic = topic;
  kafka.note = names.note;
  for (const auto& property : names.kafka) {
    if (property.first == kServers && names.brokers.empty()) {
      kafka.brokers = property.second;
    } else {
      kafka.properties.push_back(property);
    }
  }
  if (kafka.brokers.empty()) {
    return fail(ErrorCode::Usage, "a topic of which cluster? Its brokers (HOST:PORT) are not given",
                topic);
  }
  return Feeding::One{.cursor = "kafka-" + percent(topic) + ".cursor",
                      .sink = std::make_unique<kafka::KafkaSink>(kafka),
                      .destination = {
                          .to = Route::To::Topic, .name = topic, .sender = names.sender}};
}

Result<Feeding::One> sink_of(const SinkNames& names, const std::string& name) {
  if (name == kStandardOutput) {
    return Feeding::One{.cursor = "standard-output.cursor",
                        .sink = std::make_unique<sink::StreamSink>(STDOUT_FILENO),
                        .destination = {.to = Route::To::File, .name = name}};
  }
  if (name.starts_with(kFile) && name.size() > kFile.size()) {
    return file_sink(names, name.substr(kFile.size()));
  }
  if (name.starts_with(kTopic) && name.size() > kTopic.size()) {
    return topic_sink(names, name.substr(kTopic.size()));
  }
  return fail(ErrorCode::Usage, "no sink; there are -, file:PATH and kafka:TOPIC", name);
}

}  // namespace

Result<std::pair<std::string, std::string>> property_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorCode::Usage, "a property of the Kafka client is NAME=VALUE", text);
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<std::vector<Feeding::One>> make_sinks(const SinkNames& names) {
  std::vector<Feeding::One> out;
  for (const std::string& name : names.to) {
    WRIT_ASSIGN(one, sink_of(names, name));
    if (std::ranges::find(out, one.cursor, &Feeding::One::cursor) != out.end()) {
      return fail(ErrorCode::Usage, "the same sink twice", name);
    }
    one.destination.by_default = out.empty();
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace writ::audit::outlet
