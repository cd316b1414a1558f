// Processes that fork and are killed, while their children live on.
#include <array>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fork_guard.h"
#include "tests/unit/audit_drain/world.h"

namespace writ::audit::drain {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  void close_reader() { shut(ends[0]); }
  void close_writer() { shut(ends[1]); }
  /// False: everybody who could have written is gone.
  [[nodiscard]] bool read() const {
    char byte = 0;
    return ::read(ends[0], &byte, 1) == 1;
  }
  void write() const { static_cast<void>(!::write(ends[1], "x", 1)); }
  static void shut(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  std::array<int, 2> ends = {-1, -1};
};

/// A process with a trail that has recorded `records`, forked a child, and was killed. The child
/// lives until `end` is closed; then `living` is at its end.
void leave_child(const TrailOptions& options, int records, Pipe& end, Pipe& living) {
  Pipe forked;
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    const auto trail = open_trail(options);
    Record record = ring::plain_record(0);
    record.name = "orders";
    bool whole = trail != nullptr;
    for (int i = 0; whole && i < records; ++i) whole = trail->recorder().record(record);
    if (!whole) ::_exit(1);
    end.close_writer();
    if (::fork() == 0) {
      forked.write();
      static_cast<void>(end.read());
      ::_exit(0);
    }
    for (;;) ::pause();
  }
  end.close_reader();
  living.close_writer();
  forked.close_writer();
  EXPECT_TRUE(forked.read());
  ::kill(parent, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
}

TEST(Fork, AChildThatOutlivesItsParentHoldsNeitherLogNorRing) {
  const ring::Folder folder;
  const TrailOptions options = trail_options(folder);
  Pipe end;
  Pipe living;
  leave_child(options, 5, end, living);
  const auto trail = open_trail(options);
  ASSERT_NE(trail, nullptr) << "the child holds the lock of the log";
  ASSERT_TRUE(trail->close());
  end.close_writer();
  EXPECT_FALSE(living.read()) << "the child lived so long";
  const std::vector<Said> rows = read_log(options.log);
  expect_law(rows);
  EXPECT_EQ(count_of(rows, EntryKind::Decision), 5U);
  EXPECT_TRUE(ring::find_regions(options.rings).empty());
}

TEST(Fork, AGuardedFileIsClosedInTheChildAndItsNumberIsNotClosedTwice) {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ForkGuard guard;
  guard.hold(fd);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool closed = ::fcntl(fd, F_GETFD) < 0;
    const bool taken = ::open("/dev/zero", O_RDONLY) == fd;
    // A child of the child has the other file.
    const pid_t second = ::fork();
    if (second == 0) ::_exit(::fcntl(fd, F_GETFD) >= 0 ? 0 : 1);
    int status = 1;
    ::waitpid(second, &status, 0);
    ::_exit(closed && taken && !guard.let_go() && status == 0 ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_GE(::fcntl(fd, F_GETFD), 0);
  EXPECT_TRUE(guard.let_go());
  ::close(fd);
}

}  // namespace
}  // namespace writ::audit::drain
