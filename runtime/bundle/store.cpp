#include "runtime/bundle/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "runtime/base/bytes.h"
#include "runtime/base/file.h"

namespace writ::bundle {
namespace {

constexpr unsigned kFolderMode = 0700;
constexpr unsigned kFileMode = 0600;
constexpr std::uint64_t kMarkBytesMax = 4'096;
constexpr std::uint64_t kBundleBytesMax = std::uint64_t{4} << 30;
constexpr std::size_t kDigestDigits = 64;
constexpr std::string_view kHeading = "writ mark 1\n";
constexpr std::string_view kEnding = ".writb";

std::unexpected<Error> system_error(std::string_view what, const std::string& path, int code) {
  return fail(ErrorCode::Unreadable,
              fmt::format("{}: {}", what, std::generic_category().message(code)), path);
}

bool is_digest(std::string_view text) {
  return text.size() == kDigestDigits && std::ranges::all_of(text, [](char of) {
           return (of >= '0' && of <= '9') || (of >= 'a' && of <= 'f');
         });
}

/// `version N`, `digest HEX`, `package NAME`, a line each.
std::string text_of(const Mark& mark) {
  return fmt::format("{}version {}\ndigest {}\npackage {}\n", kHeading, mark.version, mark.digest,
                     mark.package);
}

/// What follows the key, up to the end of its line; the text goes on behind it.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key)) return std::nullopt;
  const std::string_view value = text.substr(key.size(), end - key.size());
  text.remove_prefix(end + 1);
  return value;
}

std::optional<Mark> mark_of(std::string_view text) {
  if (!text.starts_with(kHeading)) return std::nullopt;
  text.remove_prefix(kHeading.size());
  const auto version = take_line(text, "version ");
  const auto digest = take_line(text, "digest ");
  const auto package = take_line(text, "package ");
  if (!version || !digest || !package || !text.empty() || !is_digest(*digest)) return std::nullopt;
  Mark mark;
  const auto [end, failed] =
      std::from_chars(version->data(), version->data() + version->size(), mark.version);
  if (failed != std::errc() || end != version->data() + version->size()) return std::nullopt;
  mark.digest = *digest;
  mark.package = *package;
  return mark;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& folder) {
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return system_error("cannot make the folder for bundles", folder, errno);
  }
  std::unique_ptr<Store> store(new Store());
  store->folder_ = folder;
  const std::string lock = folder + "/lock";
  store->lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (store->lock_ < 0) return system_error("cannot open", lock, errno);
  if (::flock(store->lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("cannot lock", lock, errno);
    return fail(ErrorCode::Usage, "another engine keeps its bundles here: give each its own folder",
                folder);
  }
  const std::string path = folder + "/mark";
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return store;
  WRIT_ASSIGN(bytes, read_file(path, kMarkBytesMax));
  store->mark_ = mark_of(ByteReader(bytes).text(bytes.size()));
  if (!store->mark_) {
    return fail(ErrorCode::Malformed,
                "this is no mark of an activated bundle; nothing is activated while it is unknown "
                "which versions are old: restore the file, or remove the folder to begin anew",
                path);
  }
  return store;
}

Store::~Store() {
  if (lock_ >= 0) ::close(lock_);
}

std::optional<Mark> Store::mark() const {
  const std::lock_guard lock(mutex_);
  return mark_;
}

Status Store::newer(const Mark& offered) const {
  const std::lock_guard lock(mutex_);
  if (!mark_ || offered.version > mark_->version) return {};
  if (offered.version == mark_->version && offered.digest == mark_->digest) return {};
  return fail(ErrorCode::Version,
              fmt::format("version {} of `{}` was activated here; {} is not newer: build a higher "
                          "version",
                          mark_->version, mark_->package,
                          offered.version == mark_->version
                              ? "another bundle of that version"
                              : fmt::format("version {}", offered.version)),
              folder_ + "/mark");
}

Status Store::keep(const Mark& mark, std::span<const std::byte> file) {
  if (!is_digest(mark.digest) || mark.package.find('\n') != std::string::npos) {
    return fail(ErrorCode::Usage, "a mark needs a digest and a package of one line", folder_);
  }
  WRIT_TRY(newer(mark));
  WRIT_TRY(write_file(path_of(mark), file, kFileMode));
  // Only now: a mark speaks of a bundle that is there.
  WRIT_TRY(write_file(folder_ + "/mark", bytes_of(text_of(mark)), kFileMode));
  {
    const std::lock_guard lock(mutex_);
    mark_ = mark;
  }
  forget_others(mark);
  return {};
}

Result<std::vector<std::byte>> Store::marked() const {
  const std::optional<Mark> known = mark();
  if (!known) return fail(ErrorCode::Usage, "no bundle was activated here yet", folder_);
  return read_file(path_of(*known), kBundleBytesMax);
}

std::string Store::path_of(const Mark& mark) const {
  return fmt::format("{}/{}{}", folder_, mark.digest, kEnding);
}

void Store::forget_others(const Mark& mark) const {
  const std::string kept = mark.digest + std::string(kEnding);
  std::error_code ignored;  // what cannot be removed only takes room
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool bundle = name.ends_with(kEnding) &&
                        is_digest(std::string_view(name).substr(0, name.size() - kEnding.size()));
    if (bundle && name != kept) std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace writ::bundle
