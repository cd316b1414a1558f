#include "tests/torture/points.h"

#include <atomic>
#include <csignal>

#include <unistd.h>

#include "runtime/audit/ring/points.h"

namespace writ::torture {
namespace {

using audit::ring::reach;

constexpr std::string_view kDeciderPoints[] = {
    "ring.allocated",           "ring.written",      "ring.payload",    "ring.before-commit",
    "ring.committed",           "ring.room",         "dictionary.before-commit",
    "dictionary.copied",        "dictionary.moved"};
constexpr std::string_view kDrainPoints[] = {
    "drain.pass-begun",  "drain.before-append", "drain.appended",     "drain.synced",
    "drain.marked",      "drain.unlinked",      "file.before-write",  "file.half-written",
    "file.written",      "file.before-sync",    "file.synced",        "file.before-folder-sync",
    "file.folder-synced", "file.before-rename", "file.renamed",       "file.before-unlink",
    "file.unlinked"};

std::string_view wanted;
std::atomic<std::uint32_t> left{0};

void on_reached(const char* name) {
  if (wanted != name || left.fetch_sub(1) != 1) return;
  ::kill(::getpid(), SIGKILL);
}

}  // namespace

std::span<const std::string_view> decider_points() { return kDeciderPoints; }
std::span<const std::string_view> drain_points() { return kDrainPoints; }

void die_at(std::string_view point, std::uint32_t time) {
  wanted = point;
  left = time;
  audit::ring::on_point.store(on_reached);
}

ssize_t DyingFiles::pwrite(int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
  reach("file.before-write");
  if (wanted == "file.half-written" && left.load() == 1 && bytes.size() > 1) {
    static_cast<void>(Files::pwrite(fd, bytes.first(bytes.size() / 2), offset));
  }
  reach("file.half-written");
  const ssize_t written = Files::pwrite(fd, bytes, offset);
  reach("file.written");
  return written;
}
int DyingFiles::fdatasync(int fd) {
  reach("file.before-sync");
  const int code = Files::fdatasync(fd);
  reach("file.synced");
  return code;
}
int DyingFiles::sync_folder(int fd) {
  reach("file.before-folder-sync");
  const int code = Files::sync_folder(fd);
  reach("file.folder-synced");
  return code;
}
int DyingFiles::allocate(int fd, std::uint64_t bytes) { return Files::allocate(fd, bytes); }
int DyingFiles::rename(const std::string& from, const std::string& to) {
  reach("file.before-rename");
  const int code = Files::rename(from, to);
  reach("file.renamed");
  return code;
}
int DyingFiles::unlink(const std::string& path) {
  reach("file.before-unlink");
  const int code = Files::unlink(path);
  reach("file.unlinked");
  return code;
}

}  // namespace writ::torture
