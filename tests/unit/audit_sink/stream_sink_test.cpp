#include "runtime/audit/sink/stream_sink.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <string>

namespace writ::audit::sink {
namespace {

class Pipe : public ::testing::Test {
 protected:
  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe(ends_), 0);
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~Pipe() override {
    close_reader();
    ::close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  std::string read_all() const {
    std::string out;
    char bytes[4'096];
    for (ssize_t got = 0; (got = ::read(ends_[0], bytes, sizeof bytes)) > 0;) {
      out.append(bytes, static_cast<std::size_t>(got));
    }
    return out;
  }
  int ends_[2] = {-1, -1};
};

TEST_F(Pipe, GetsTheLines) {
  StreamSink sink(ends_[1]);
  ASSERT_TRUE(sink.begin("", 1));
  const Event events[] = {{"one\n", "1", "k"}, {"two\n", "2", "k"}};
  ASSERT_TRUE(*sink.deliver({1, events}));
  EXPECT_EQ(*sink.poll(0), 1U);
  EXPECT_EQ(read_all(), "one\ntwo\n");
}

TEST_F(Pipe, ThatIsFullIsWaitedForWithoutBlocking) {
  StreamSink sink(ends_[1]);
  ASSERT_TRUE(sink.begin("", 1));
  const std::string line = std::string(300'000, 'x') + "\n";
  const Event events[] = {{line, "1", "k"}};
  ASSERT_TRUE(*sink.deliver({1, events}));
  EXPECT_EQ(*sink.poll(0), 0U);
  EXPECT_FALSE(*sink.deliver({2, events})) << "no room";
  std::string got;
  std::uint64_t done = 0;
  for (int i = 0; i < 100 && done == 0; ++i) {
    got += read_all();
    done = *sink.poll(0);
  }
  got += read_all();
  EXPECT_EQ(done, 1U);
  EXPECT_EQ(got, line);
}

TEST_F(Pipe, ThatNobodyReadsIsAnError) {
  StreamSink sink(ends_[1]);
  ASSERT_TRUE(sink.begin("", 1));
  close_reader();
  const Event events[] = {{"one\n", "1", "k"}};
  ASSERT_TRUE(*sink.deliver({1, events}));
  EXPECT_FALSE(sink.poll(0));
}

TEST_F(Pipe, ALineThatWasCutIsEndedBeforeItComesAgain) {
  StreamSink sink(ends_[1]);
  ASSERT_TRUE(sink.begin("", 1));
  const std::string line = std::string(300'000, 'x') + "\n";
  const Event events[] = {{line, "1", "k"}};
  ASSERT_TRUE(*sink.deliver({1, events}));
  EXPECT_EQ(*sink.poll(0), 0U);
  const std::string cut = read_all();
  ASSERT_TRUE(sink.begin("", 1));
  const Event again[] = {{"whole\n", "1", "k"}};
  ASSERT_TRUE(*sink.deliver({1, again}));
  EXPECT_EQ(*sink.poll(0), 1U);
  EXPECT_EQ(read_all(), "\nwhole\n");
}

}  // namespace
}  // namespace writ::audit::sink
