// writ-torture: kills processes that decide, drain, or both, at random and at every named point,
// and proves from the log that nothing acknowledged was lost, torn or doubled.
//   writ-torture --kills N --seed S [--target decider|drain|both] [--long N]
// With WRIT_LONG set, --long says how many kills. Exit code 0, or 1 with what was found.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/audit/drain/trail.h"
#include "runtime/audit/ring/futex.h"
#include "tests/torture/check.h"
#include "tests/torture/points.h"

namespace writ::torture {
namespace {

namespace drain = audit::drain;
namespace ring = audit::ring;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Options {
  std::uint64_t kills = 100;
  std::uint64_t seed = 1;
  std::string target = "both";
  std::string folder;
  std::string rings;
};

/// Memory that parent and children share.
template <class T>
T* shared(std::size_t count) {
  void* memory = ::mmap(nullptr, sizeof(T) * count, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  return ::new (memory) T[count]{};
}

struct Run {
  explicit Run(Options from)
      : options(std::move(from)), random(options.seed), check(options.folder + "/log") {}
  Options options;
  std::mt19937_64 random;
  Check check;
  std::uint64_t kills = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t denied = 0;
  Clock::time_point told = Clock::now();
};

std::uint64_t acknowledged_of(const Acknowledged& all) {
  std::uint64_t sum = 0;
  for (const auto& records : all.records) sum += records.load();
  return sum;
}

void pause(microseconds time) {
  const std::atomic<std::uint32_t> never{0};
  ring::wait_while(never, 0, time);
}

/// How a child is to end: at a point, or when the time is over.
struct Fate {
  std::string_view point;
  std::uint32_t time = 0;
  microseconds after{};
};

Fate fate(Run& run, std::span<const std::string_view> points, microseconds longest) {
  Fate fate;
  const auto most = static_cast<std::uint64_t>(longest.count());
  fate.after = microseconds(run.random() % most);
  // Every point in turn; every other child dies wherever it happens to be.
  if (run.kills % 2 == 0) {
    fate.point = points[run.kills / 2 % points.size()];
    fate.time = static_cast<std::uint32_t>(1 + run.random() % (1 + run.random() % 50));
    fate.after = milliseconds(200);
  }
  return fate;
}

void tell(Run& run) {
  if (Clock::now() - run.told < std::chrono::seconds(2)) return;
  run.told = Clock::now();
  fmt::print(stderr, "{} of {} kills\n", run.kills, run.options.kills);
}

drain::DrainOptions drain_options(const Run& run, audit::log::Files* files) {
  drain::DrainOptions options;
  options.rings = run.options.rings;
  options.log = run.options.folder + "/log";
  options.writer.segment_bytes_max = std::uint64_t{4} << 20;
  options.writer.keep_bytes_max = std::uint64_t{512} << 20;
  options.writer.reserve_bytes = 0;
  options.writer.files = files;
  options.look_each = milliseconds(1);
  return options;
}

void remove_half_made(const std::string& folder) {
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (file.path().extension() == ".making") std::filesystem::remove(file.path(), error);
  }
}

/// Turns the drain until the child has met its fate.
void wait_for_end(pid_t child, const Fate& fate, drain::Drain* drain) {
  const auto end = Clock::now() + fate.after;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (drain != nullptr) static_cast<void>(drain->turn());
    if (Clock::now() >= end) ::kill(child, SIGKILL);
    if (drain == nullptr) pause(microseconds(100));
  }
}

Status finish(Run& run, drain::Drain& drain) {
  const auto end = Clock::now() + std::chrono::minutes(2);
  while (!ring::find_regions(run.options.rings).empty() || drain.state().regions != 0) {
    static_cast<void>(drain.turn());
    if (Clock::now() < end) continue;
    return fail(ErrorCode::Internal, "the drain does not come to the end of the rings");
  }
  return {};
}

Status kill_deciders(Run& run) {
  auto* said = shared<Acknowledged>(1);
  WRIT_ASSIGN(drain, drain::Drain::open(drain_options(run, nullptr)));
  const std::atomic<bool> never{false};
  for (; run.kills < run.options.kills; ++run.kills) {
    const auto life = static_cast<std::uint32_t>(run.kills + 1);
    for (auto& records : said->records) records = 0;
    const Fate how = fate(run, decider_points(), milliseconds(6));
    const pid_t child = ::fork();
    if (child == 0) {
      if (!how.point.empty()) die_at(how.point, how.time);
      const auto recorder =
          ring::RingRecorder::open({small_region(run.options.rings), long_waits(), {}});
      if (recorder) decide(**recorder, life, *said, never, false);
      ::_exit(1);
    }
    wait_for_end(child, how, drain.get());
    remove_half_made(run.options.rings);
    WRIT_TRY(finish(run, *drain));
    WRIT_TRY(run.check.read());
    run.check.expect(life, *said);
    run.acknowledged += acknowledged_of(*said);
    tell(run);
  }
  run.denied = said->denied;
  return drain->close();
}

Status kill_drains(Run& run) {
  auto* said = shared<Acknowledged>(1);
  auto* stop = shared<std::atomic<bool>>(1);
  const pid_t decider = ::fork();
  if (decider == 0) {
    const auto recorder =
        ring::RingRecorder::open({small_region(run.options.rings), long_waits(), {}});
    if (!recorder) ::_exit(1);
    decide(**recorder, 1, *said, *stop, true);
    (*recorder)->close();
    ::_exit(0);
  }
  const std::atomic<bool> never{false};
  for (; run.kills < run.options.kills; ++run.kills) {
    const Fate how = fate(run, drain_points(), milliseconds(20));
    const pid_t child = ::fork();
    if (child == 0) {
      if (!how.point.empty()) die_at(how.point, how.time);
      DyingFiles files;
      const auto opened = drain::Drain::open(drain_options(run, &files));
      if (opened) (*opened)->run(never);
      ::_exit(1);
    }
    wait_for_end(child, how, nullptr);
    WRIT_TRY(run.check.read());
    tell(run);
  }
  stop->store(true);
  WRIT_ASSIGN(last, drain::Drain::open(drain_options(run, nullptr)));
  int status = 0;
  while (::waitpid(decider, &status, WNOHANG) == 0) static_cast<void>(last->turn());
  WRIT_TRY(finish(run, *last));
  WRIT_TRY(last->close());
  WRIT_TRY(run.check.read());
  run.check.expect(1, *said);
  run.acknowledged = acknowledged_of(*said);
  run.denied = said->denied;
  if (status == 0) return {};
  return fail(ErrorCode::Internal, "the deciding process did not end in order");
}

Status kill_both(Run& run) {
  auto* said = shared<Acknowledged>(run.options.kills + 1);
  const std::atomic<bool> never{false};
  std::vector<std::string_view> points(decider_points().begin(), decider_points().end());
  points.insert(points.end(), drain_points().begin(), drain_points().end());
  for (; run.kills < run.options.kills; ++run.kills) {
    const auto life = static_cast<std::uint32_t>(run.kills + 1);
    const Fate how = fate(run, points, milliseconds(30));
    const pid_t child = ::fork();
    if (child == 0) {
      if (!how.point.empty()) die_at(how.point, how.time);
      DyingFiles files;
      drain::TrailOptions options;
      const drain::DrainOptions of = drain_options(run, &files);
      options.log = of.log;
      options.rings = of.rings;
      options.writer = of.writer;
      options.sizes = small_region({});
      options.sizes.rings += 1;  // for the thread that opens the trail
      options.waits = long_waits();
      const auto trail = drain::Trail::open(options);
      if (trail) decide((*trail)->recorder(), life, said[life], never, false);
      ::_exit(1);
    }
    wait_for_end(child, how, nullptr);
    remove_half_made(run.options.rings);
    tell(run);
  }
  WRIT_ASSIGN(last, drain::Drain::open(drain_options(run, nullptr)));
  WRIT_TRY(finish(run, *last));
  WRIT_TRY(last->close());
  WRIT_TRY(run.check.read());
  for (std::uint32_t life = 1; life <= run.kills; ++life) {
    run.check.expect(life, said[life]);
    run.acknowledged += acknowledged_of(said[life]);
    run.denied += said[life].denied;
  }
  return {};
}

int torture(const Options& options) {
  Run run(options);
  const Status status = options.target == "decider" ? kill_deciders(run)
                        : options.target == "drain" ? kill_drains(run)
                                                    : kill_both(run);
  const Found& found = run.check.found();
  if (!status) {
    fmt::print(stderr, "error: {} ({})\n", status.error().message, status.error().where);
  }
  if (!found.first.empty()) fmt::print(stderr, "first: {}\n", found.first);
  if (run.denied != 0) fmt::print(stderr, "{} threads were denied a record\n", run.denied);
  fmt::print("{} kills, {} records acknowledged, {} lost, {} torn, {} unexplained duplicates\n",
             run.kills, run.acknowledged, found.lost, found.torn, found.repeated);
  const bool good = status && run.denied == 0 && run.acknowledged != 0 &&
                    found.lost + found.torn + found.repeated == 0;
  return good ? 0 : 1;
}

std::string argument(int argc, char** argv, std::string_view name, std::string otherwise) {
  for (int at = 1; at + 1 < argc; ++at) {
    if (argv[at] == name) return argv[at + 1];
  }
  return otherwise;
}

}  // namespace
}  // namespace writ::torture

int main(int argc, char** argv) {
  using namespace writ::torture;
  Options options;
  const bool is_long = std::getenv("WRIT_LONG") != nullptr;
  const std::string kills = argument(argc, argv, "--kills", "100");
  options.kills = std::stoull(is_long ? argument(argc, argv, "--long", kills) : kills);
  options.seed = std::stoull(argument(argc, argv, "--seed", "1"));
  options.target = argument(argc, argv, "--target", "both");
  if (options.target != "decider" && options.target != "drain" && options.target != "both") {
    fmt::print(stderr, "error: --target is decider, drain or both\n");
    return 2;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "writ-torture-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 3;
  options.folder = folder;
  options.rings = fmt::format("/dev/shm/writ-torture-{}", ::getpid());
  const int code = torture(options);
  std::error_code error;
  std::filesystem::remove_all(options.folder, error);
  std::filesystem::remove_all(options.rings, error);
  return code;
}
