// A decision at level replicated, from the ring through the log to the sinks and back.
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/audit/drain/trail.h"
#include "runtime/audit/sink/feeding.h"
#include "runtime/audit/sink/file_sink.h"
#include "tests/unit/audit_ring/world.h"
#include "tests/unit/audit_sink/fakes.h"

namespace writ::audit::sink {
namespace {

class Replicated : public ::testing::Test {
 protected:
  Replicated() {
    drain::TrailOptions options;
    options.log = folder_.path() + "/log";
    options.rings = folder_.path() + "/rings";
    options.sizes = ring::small(folder_).region;
    options.waits.wait_durable = std::chrono::seconds(30);
    options.writer.reserve_bytes = 0;
    auto trail = drain::Trail::open(options);
    EXPECT_TRUE(trail) << trail.error().message;
    trail_ = std::move(*trail);
    options_.log = options.log;
    options_.cursors = folder_.path();
    options_.shown = log::Shown::Written;
    options_.feeder.idle_ms = 1;
    options_.replicated = [this](const Acknowledged& of) {
      trail_->drain().replicated(of.instance, of.ring, of.sequence);
    };
  }
  Feeding::One file(const std::string& name) {
    return {.cursor = name + ".cursor",
            .sink = std::make_unique<FileSink>(folder_.path() + "/" + name),
            .destination = {.to = Route::To::File, .name = name, .by_default = true}};
  }
  bool record() {
    Record record = ring::plain_record(0);
    record.level = Level::Replicated;
    return trail_->recorder().record(record);
  }

  ring::Folder folder_;
  std::unique_ptr<drain::Trail> trail_;
  FeedingOptions options_;
};

TEST_F(Replicated, IsReleasedWhenAllSinksHaveIt) {
  Feeding feeding(options_);
  std::vector<Feeding::One> sinks;
  sinks.push_back(file("one.jsonl"));
  sinks.push_back(file("two.jsonl"));
  feeding.start(std::move(sinks), {});
  for (std::uintmax_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(record());
    for (const char* name : {"/one.jsonl", "/two.jsonl"}) {
      EXPECT_GT(std::filesystem::file_size(folder_.path() + name), 500 * (i + 1));
    }
  }
  feeding.stop();
  EXPECT_TRUE(trail_->close());
}

}  // namespace
}  // namespace writ::audit::sink
