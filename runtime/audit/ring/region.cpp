#include "runtime/audit/ring/region.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <new>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/audit/ring/points.h"
#include "runtime/crypto/keys.h"

namespace writ::audit::ring {
namespace {

constexpr std::string_view kHalfMadeSuffix = ".making";
constexpr mode_t kRegionMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
// Bytes of the file that stand for locks, not for what they hold.
constexpr off_t kOwnerByte = 0;
constexpr off_t kDrainByte = 1;

std::unexpected<Error> system_error(std::string_view what, const std::string& path, int number) {
  return fail(ErrorCode::Unreadable, fmt::format("{}: {}", what, std::strerror(number)), path);
}

struct flock lock_of(off_t byte, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

// WHY locks of the open file: the kernel lets go of them with the process, whatever ends it and
// in whatever pid namespace it lives.
bool hold(int fd, off_t byte) {
  struct flock lock = lock_of(byte, F_WRLCK);
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}
bool is_held(int fd, off_t byte) {
  struct flock lock = lock_of(byte, F_WRLCK);
  return ::fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

Status check_sizes(std::uint32_t rings, std::uint64_t slots, std::uint64_t dictionary_bytes) {
  if (rings == 0 || rings > kRingsMax) {
    return fail(ErrorCode::Usage, fmt::format("a region has 1 to {} rings", kRingsMax), "rings");
  }
  if (!std::has_single_bit(slots) || slots < kRingSlotsMin || slots > kRingSlotsMax) {
    return fail(ErrorCode::Usage,
                fmt::format("the slots of a ring are a power of two from {} to {}", kRingSlotsMin,
                            kRingSlotsMax),
                "slots");
  }
  if (dictionary_bytes % kHeaderBytes != 0 || dictionary_bytes < kDictionaryBytesMin ||
      dictionary_bytes > kDictionaryBytesMax) {
    return fail(ErrorCode::Usage,
                fmt::format("the dictionary has {} to {} bytes, a multiple of {}",
                            kDictionaryBytesMin, kDictionaryBytesMax, kHeaderBytes),
                "dictionary_bytes");
  }
  return {};
}

// Who may write to the directory could put a region of his own there.
Status make_directory(const std::string& directory) {
  std::string made;
  for (const auto& part : std::filesystem::path(directory)) {
    made = (std::filesystem::path(made) / part).string();
    if (::mkdir(made.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
      return system_error("cannot make the directory", made, errno);
    }
  }
  struct stat info {};
  if (::lstat(directory.c_str(), &info) != 0) {
    return system_error("cannot look at the directory", directory, errno);
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 022) != 0) {
    return fail(ErrorCode::Unreadable,
                "the directory must belong to this user, and nobody else may write to it",
                directory);
  }
  return {};
}

std::int64_t utc_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Status allocate(int fd, std::uint64_t bytes, const std::string& path) {
  int result = EINTR;
  while (result == EINTR) result = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  if (result == 0) return {};
  return system_error(fmt::format("cannot allocate {} bytes for the ring", bytes), path, result);
}

}  // namespace

Status Region::map(const std::string& path, std::uint64_t bytes) {
  // WHY opened again: a mapping keeps its open file, and with it the locks that were taken there,
  // in every child too. This one has none.
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return system_error("cannot open the ring", path, errno);
  struct stat mine {};
  struct stat again {};
  const bool same = ::fstat(fd_, &mine) == 0 && ::fstat(fd, &again) == 0 &&
                    mine.st_dev == again.st_dev && mine.st_ino == again.st_ino;
  // Populated at once, so that the first lap of a ring does not fault page by page.
  void* base =
      same ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0)
           : MAP_FAILED;
  const int number = same ? errno : ENOENT;
  ::close(fd);
  if (base == MAP_FAILED) return system_error("cannot map the ring", path, number);
  base_ = base;
  bytes_ = bytes;
  header_ = static_cast<RegionHeader*>(base_);
  return {};
}

void Region::place() {
  auto* at = static_cast<std::byte*>(base_) + kHeaderBytes;
  rings_ = static_cast<RingHeader*>(static_cast<void*>(at));
  at += facts_.rings * kRingHeaderBytes;
  slots_ = static_cast<Slot*>(static_cast<void*>(at));
  dictionary_ = at + facts_.rings * facts_.slots * kSlotBytes;
}

void Region::write_facts(std::span<const std::byte, 16> instance) {
  auto* header = ::new (base_) RegionHeader{};
  std::memcpy(header->magic, kMagic, sizeof kMagic);
  header->version = kLayoutVersion;
  header->rings = facts_.rings;
  std::memcpy(header->instance, instance.data(), instance.size());
  std::memcpy(header->boot, facts_.boot.data(), std::min(facts_.boot.size(), kBootIdBytes));
  header->pid = facts_.process.pid;
  header->pid_start = facts_.process.start;
  header->pid_namespace = facts_.process.pid_space;
  header->started_us = facts_.started_us;
  header->slots = facts_.slots;
  header->dictionary_bytes = facts_.dictionary_bytes;
  header->file_bytes = bytes_;
  place();
  for (std::uint32_t at = 0; at < facts_.rings; ++at) ::new (&rings_[at]) RingHeader{};
  header->state.store(static_cast<std::uint32_t>(RegionState::Open), std::memory_order_release);
}

Result<std::shared_ptr<Region>> Region::create(const RegionOptions& options) {
  WRIT_TRY(check_sizes(options.rings, options.slots, options.dictionary_bytes));
  WRIT_TRY(make_directory(options.directory));
  std::array<std::byte, 16> instance{};
  if (::getrandom(instance.data(), instance.size(), 0) != static_cast<ssize_t>(instance.size())) {
    return fail(ErrorCode::Internal, "the system has no random bytes for the instance");
  }
  std::shared_ptr<Region> region(new Region);
  region->facts_ = {crypto::hex(instance),  boot_id(),     this_process(),
                    utc_us(),               options.rings, options.slots,
                    options.dictionary_bytes};
  const RegionFacts& facts = region->facts_;
  const std::string stem = options.directory + "/" + facts.instance;
  region->path_ = stem + std::string(kRegionSuffix);
  const std::string half_made = stem + std::string(kHalfMadeSuffix);
  region->fd_ = ::open(half_made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                       kRegionMode);
  if (region->fd_ < 0) return system_error("cannot make the ring", half_made, errno);
  region->guard_.hold(region->fd_);
  const std::uint64_t bytes = region_bytes(facts.rings, facts.slots, facts.dictionary_bytes);
  Status status = allocate(region->fd_, bytes, half_made);
  if (status && !hold(region->fd_, kOwnerByte)) {
    status = system_error("cannot lock the ring", half_made, errno);
  }
  if (status) status = region->map(half_made, bytes);
  if (!status) {
    ::unlink(half_made.c_str());
    return std::unexpected(std::move(status.error()));
  }
  reach("ring.allocated");
  region->write_facts(instance);
  reach("ring.written");
  region->made_here_ = true;
  if (::rename(half_made.c_str(), region->path_.c_str()) != 0) {
    const int number = errno;
    ::unlink(half_made.c_str());
    return system_error("cannot put the ring in place", region->path_, number);
  }
  return region;
}

Result<std::shared_ptr<Region>> Region::attach(const std::string& path) {
  std::shared_ptr<Region> region(new Region);
  region->path_ = path;
  region->fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (region->fd_ < 0) return system_error("cannot open the ring", path, errno);
  struct stat info {};
  if (::fstat(region->fd_, &info) != 0) return system_error("cannot look at", path, errno);
  const auto malformed = [&path](std::string_view what) {
    return fail(ErrorCode::Malformed, fmt::format("no ring: {}", what), path);
  };
  if (!S_ISREG(info.st_mode)) return malformed("not a file");
  if (info.st_uid != ::geteuid() && ::geteuid() != 0) return malformed("of another user");
  if ((info.st_mode & 077) != 0) return malformed("others than its user may open it");
  // Who may write to the directory could have put it there, in the name of nobody.
  struct stat folder {};
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (::stat(parent.empty() ? "." : parent.c_str(), &folder) != 0) {
    return system_error("cannot look at the directory", parent, errno);
  }
  if (folder.st_uid != info.st_uid || (folder.st_mode & 022) != 0) {
    return malformed("its directory is another user's, or others may write to it");
  }
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  if (bytes < kHeaderBytes) return malformed("too short for a header");
  WRIT_TRY(region->map(path, bytes));
  WRIT_TRY(region->read_facts());
  region->place();
  return region;
}

Status Region::read_facts() {
  const auto malformed = [this](std::string_view what) {
    return fail(ErrorCode::Malformed, fmt::format("no ring: {}", what), path_);
  };
  const RegionHeader& said = *header_;
  if (std::memcmp(said.magic, kMagic, sizeof kMagic) != 0) return malformed("no magic");
  if (said.version != kLayoutVersion) {
    return fail(ErrorCode::Version,
                fmt::format("a ring of layout {}; this reads {}", said.version, kLayoutVersion),
                path_);
  }
  facts_.instance = crypto::hex(std::as_bytes(std::span(said.instance)));
  facts_.boot = std::string(said.boot, ::strnlen(said.boot, sizeof said.boot));
  facts_.process = {said.pid, said.pid_start, said.pid_namespace};
  facts_.started_us = said.started_us;
  facts_.rings = said.rings;
  facts_.slots = said.slots;
  facts_.dictionary_bytes = said.dictionary_bytes;
  if (facts_.boot.size() > kBootIdBytes) return malformed("a boot id that is none");
  if (!check_sizes(facts_.rings, facts_.slots, facts_.dictionary_bytes)) {
    return malformed("sizes that no ring has");
  }
  if (region_bytes(facts_.rings, facts_.slots, facts_.dictionary_bytes) != bytes_) {
    return malformed("sizes that are not the file's");
  }
  return {};
}

Region::~Region() {
  if (base_ != nullptr) ::munmap(base_, bytes_);
  if (fd_ >= 0 && guard_.let_go()) ::close(fd_);
}

bool Region::is_orphan() const {
  // The kernel does not tell of a lock that the asker holds.
  if (made_here_) return false;
  if (!facts_.boot.empty() && facts_.boot != boot_id()) return true;
  if (!is_held(fd_, kOwnerByte)) return true;
  // A child of clone() shares the lock, and may outlive whom it was made from.
  return !may_live(facts_.process);
}

bool Region::hold_for_drain() const {
  guard_.hold(fd_);
  return hold(fd_, kDrainByte);
}

void Region::unlink() const { ::unlink(path_.c_str()); }

std::vector<std::string> find_regions(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    const std::string path = at->path().string();
    if (path.ends_with(kRegionSuffix)) paths.push_back(path);
    if (!path.ends_with(kHalfMadeSuffix)) continue;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) continue;
    struct stat info {};
    // Who makes one locks it when its bytes are there: an empty or unlocked young one is in the
    // making.
    const bool stale = ::fstat(fd, &info) == 0 && !is_held(fd, kOwnerByte) &&
                       utc_us() / 1'000'000 - info.st_ctime > 60;
    ::close(fd);
    if (stale) ::unlink(path.c_str());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace writ::audit::ring
