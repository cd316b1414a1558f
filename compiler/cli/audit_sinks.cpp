#include "compiler/cli/audit_sinks.h"

#include "runtime/audit/crn.h"
#include "runtime/audit/kafka/kafka_sink.h"
#include "runtime/audit/sink/file_sink.h"
#include "runtime/audit/sink/stream_sink.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

namespace writ::cli {
namespace {

using audit::Route;
using audit::sink::Feeding;

constexpr std::string_view kFile = "file:";
constexpr std::string_view kTopic = "kafka:";
constexpr mode_t kFolderMode = 0700;

void note(std::string_view text) { fmt::print(stderr, "{}\n", text); }

Feeding::One file_sink(const SinkOptions& options, const std::string& path) {
  audit::sink::FileSinkOptions file;
  file.bytes_max = options.file_mib << 20;
  file.files_max = options.files;
  return {.cursor = "file-" + audit::percent(path) + ".cursor",
          .sink = std::make_unique<audit::sink::FileSink>(path, file),
          .destination = {.to = Route::To::File,
                          .name = std::filesystem::path(path).filename().string()}};
}

Result<Feeding::One> topic_sink(const SinkOptions& options, const std::string& topic) {
  if (options.brokers.empty()) {
    return fail(ErrorCode::Usage, "a topic of which cluster? Give --brokers HOST:PORT", topic);
  }
  audit::kafka::KafkaOptions kafka;
  kafka.brokers = options.brokers;
  kafka.topic = topic;
  kafka.note = note;
  for (const std::string& property : options.kafka) {
    const std::size_t equals = property.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::Usage, "--kafka takes NAME=VALUE", property);
    }
    kafka.properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
  }
  return Feeding::One{.cursor = "kafka-" + audit::percent(topic) + ".cursor",
                      .sink = std::make_unique<audit::kafka::KafkaSink>(kafka),
                      .destination = {.to = Route::To::Topic, .name = topic}};
}

Result<Feeding::One> sink_of(const SinkOptions& options, const std::string& spec) {
  if (spec == "-") {
    std::signal(SIGPIPE, SIG_IGN);
    return Feeding::One{.cursor = "standard-output.cursor",
                        .sink = std::make_unique<audit::sink::StreamSink>(STDOUT_FILENO),
                        .destination = {.to = Route::To::File, .name = "-"}};
  }
  if (spec.starts_with(kFile) && spec.size() > kFile.size()) {
    return file_sink(options, spec.substr(kFile.size()));
  }
  if (spec.starts_with(kTopic) && spec.size() > kTopic.size()) {
    return topic_sink(options, spec.substr(kTopic.size()));
  }
  return fail(ErrorCode::Usage, "no sink; there are -, file:PATH and kafka:TOPIC", spec);
}

}  // namespace

void add_sink_options(CLI::App& verb, SinkOptions& options) {
  verb.add_option("--to", options.to,
                  "send events to: - (standard output), file:PATH, kafka:TOPIC; several may be "
                  "given, the first gets what no route of the policy speaks of");
  verb.add_option("--cursors", options.cursors,
                  "the folder of the cursors; without: cursors in the log's folder");
  verb.add_option("--brokers", options.brokers, "of Kafka: HOST:PORT, comma between");
  verb.add_option("--kafka", options.kafka, "NAME=VALUE: a property of the Kafka client");
  verb.add_option("--file-mib", options.file_mib, "begin a new file at this size; 0: never");
  verb.add_option("--files", options.files, "renamed files that are kept; 0: all");
}

Result<std::vector<Feeding::One>> make_sinks(const SinkOptions& options) {
  std::vector<Feeding::One> out;
  for (const std::string& spec : options.to) {
    WRIT_ASSIGN(one, sink_of(options, spec));
    if (std::ranges::find(out, one.cursor, &Feeding::One::cursor) != out.end()) {
      return fail(ErrorCode::Usage, "the same sink twice", spec);
    }
    one.destination.by_default = out.empty();
    out.push_back(std::move(one));
  }
  return out;
}

Result<audit::sink::FeedingOptions> feeding_options(const SinkOptions& options,
                                                    const std::string& folder) {
  audit::sink::FeedingOptions out;
  out.log = folder;
  out.cursors = options.cursors.empty() ? folder + "/cursors" : options.cursors;
  out.note = note;
  if (::mkdir(out.cursors.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return fail(ErrorCode::Unreadable,
                "cannot make the folder: " + std::generic_category().message(errno), out.cursors);
  }
  return out;
}

}  // namespace writ::cli
