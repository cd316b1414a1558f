#include "runtime/audit/sink/file_sink.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "runtime/audit/event.h"

namespace writ::audit::sink {
namespace {

// Of the lines behind the last acknowledged one. Beyond, a line may be written twice, and its id
// tells.
constexpr std::size_t kSeenMax = 1'000'000;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::string_view kLineBegin = R"({"id":")";
constexpr std::string_view kUnsynced = "-unsynced";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// 2026-11-24T15:04:05.000123Z → 20261124T150405.000123
std::string stamp(std::int64_t time_us) {
  std::string out;
  for (const char c : event_time(time_us)) {
    if (c != '-' && c != ':' && c != 'Z') out += c;
  }
  return out;
}

// `INODE OFFSET`
bool read_state(std::string_view state, std::uint64_t& inode, std::uint64_t& offset) {
  const char* const end = state.data() + state.size();
  const auto first = std::from_chars(state.data(), end, inode);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ' ') return false;
  const auto second = std::from_chars(first.ptr + 1, end, offset);
  return second.ec == std::errc() && second.ptr == end;
}

}  // namespace

FileSink::FileSink(std::string path, FileSinkOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      files_(options_.files == nullptr ? own_files_ : *options_.files) {
  const std::filesystem::path whole(path_);
  folder_ = whole.has_parent_path() ? whole.parent_path().string() : ".";
  stem_ = whole.stem().string();
  end_ = whole.extension().string();
}
FileSink::~FileSink() = default;

std::int64_t FileSink::now() const {
  if (options_.now_us) return options_.now_us();
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Status FileSink::begin(std::string_view state, std::uint64_t next) {
  if (distrusted_) set_aside();
  if (distrusted_) {
    return fail(ErrorCode::Unreadable, "a file that failed cannot be renamed", path_);
  }
  file_.close();
  seen_.clear();
  marks_.clear();
  delivered_ = acknowledged_ = next - 1;
  WRIT_TRY(open());
  WRIT_TRY(end_whole());
  WRIT_TRY(remember(state));
  begun_state_ = state.empty() ? fmt::format("{} 0", inode_) : std::string(state);
  return {};
}

Status FileSink::open() {
  const int fd = log::open_again(files_, path_, O_RDWR | O_CREAT);
  if (fd < 0) return log::file_error("cannot open", path_, fd);
  file_ = log::OpenFile(files_, fd);
  const int locked = files_.lock(fd);
  if (locked != 0) return log::file_error("another process writes to it", path_, locked);
  FileFacts facts;
  if (const int known = files_.facts(fd, facts); known != 0) {
    return log::file_error("cannot look at", path_, known);
  }
  inode_ = facts.inode;
  offset_ = facts.bytes;
  begun_us_ = now();
  return sync_folder();
}

Status FileSink::sync_folder() {
  const int fd = log::open_again(files_, folder_, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return log::file_error("cannot open the folder", folder_, fd);
  const log::OpenFile folder(files_, fd);
  const int synced = files_.sync_folder(fd);
  if (synced != 0) return log::file_error("cannot sync the folder", folder_, synced);
  return {};
}

// A line without its end was never acknowledged, and will be given again.
Status FileSink::end_whole() {
  std::vector<std::byte> bytes(kReadBytes);
  std::uint64_t end = offset_;
  while (end > 0) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(end, kReadBytes));
    const ssize_t got = files_.pread(file_.fd(), std::span(bytes).first(size), end - size);
    if (got != static_cast<ssize_t>(size)) {
      return log::file_error("cannot read", path_, static_cast<int>(std::min<ssize_t>(got, 0)));
    }
    std::size_t at = size;
    while (at > 0 && bytes[at - 1] != std::byte{'\n'}) --at;
    end = end - size + at;
    if (at > 0) break;
  }
  if (end == offset_) return {};
  const int cut = files_.truncate(file_.fd(), end);
  if (cut != 0) return log::file_error("cannot take back a partial line", path_, cut);
  offset_ = end;
  return {};
}

// Reads what is behind the place that `state` names: in its file, then in those that came later.
Status FileSink::remember(std::string_view state) {
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
  if (!read_state(state, inode, offset)) return read_ids(path_, 0);
  if (inode == inode_) return read_ids(path_, offset <= offset_ ? offset : 0);
  bool found = false;
  for (const std::string& path : renamed_files()) {
    FileFacts facts;
    if (path.find(kUnsynced) != std::string::npos || files_.facts(path, facts) != 0) continue;
    const bool here = facts.inode == inode;
    if (here || found) WRIT_TRY(read_ids(path, here ? offset : 0));
    found = found || here;
  }
  return read_ids(path_, 0);
}

Status FileSink::read_ids(const std::string& path, std::uint64_t offset) {
  const int fd = log::open_again(files_, path, O_RDONLY);
  if (fd < 0) return log::file_error("cannot open", path, fd);
  const log::OpenFile file(files_, fd);
  std::vector<std::byte> bytes(kReadBytes);
  std::string line;
  for (;;) {
    const ssize_t got = files_.pread(fd, bytes, offset);
    if (got == -EINTR) continue;
    if (got < 0) return log::file_error("cannot read", path, static_cast<int>(got));
    if (got == 0) return {};
    offset += static_cast<std::uint64_t>(got);
    for (const std::byte byte : std::span(bytes).first(static_cast<std::size_t>(got))) {
      if (byte != std::byte{'\n'}) {
        line += static_cast<char>(byte);
        continue;
      }
      const std::size_t end = line.find('"', kLineBegin.size());
      if (line.starts_with(kLineBegin) && end != std::string::npos && seen_.size() < kSeenMax) {
        seen_.insert(line.substr(kLineBegin.size(), end - kLineBegin.size()));
      }
      line.clear();
    }
  }
}

Result<bool> FileSink::deliver(const Delivery& delivery) {
  if (is_due()) {
    WRIT_TRY(sync());
    WRIT_TRY(rotate());
  } else if (delivered_ == acknowledged_ && was_moved()) {
    file_.close();
    WRIT_TRY(open());
  }
  const std::string_view lines = unseen(delivery);
  const int written = log::write_whole(files_, file_.fd(), bytes_of(lines), offset_);
  if (written != 0) {
    // What stays of a partial line is taken back at begin(), or now.
    static_cast<void>(files_.truncate(file_.fd(), offset_));
    return log::file_error("cannot write", path_, written);
  }
  offset_ += lines.size();
  delivered_ = delivery.number;
  marks_.push_back({delivery.number, inode_, offset_});
  return true;
}

// The lines that the file does not have. In general they lie side by side, and none is there.
std::string_view FileSink::unseen(const Delivery& delivery) {
  const auto apart = [](const Event& a, const Event& b) {
    return a.line.data() + a.line.size() != b.line.data();
  };
  const auto& events = delivery.events;
  if (events.empty()) return {};
  if (seen_.empty() && std::ranges::adjacent_find(events, apart) == events.end()) {
    const char* const begin = events.front().line.data();
    const std::string_view last = events.back().line;
    return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
  }
  buffer_.clear();
  for (const Event& event : events) {
    if (seen_.erase(std::string(event.id)) == 0) buffer_ += event.line;
  }
  return buffer_;
}

Result<std::uint64_t> FileSink::poll(std::uint32_t) {
  WRIT_TRY(sync());
  return acknowledged_;
}

Status FileSink::sync() {
  if (delivered_ == acknowledged_) return {};
  const int synced = files_.fdatasync(file_.fd());
  if (synced != 0) {
    // What a failed sync left out, a later one would call synced.
    distrusted_ = true;
    set_aside();
    return log::file_error("cannot sync", path_, synced);
  }
  acknowledged_ = delivered_;
  return {};
}

void FileSink::set_aside() {
  if (files_.rename(path_, renamed(kUnsynced)) == 0) {
    distrusted_ = false;
    file_.close();
  }
}

std::string FileSink::state(std::uint64_t number) {
  while (marks_.size() > 1 && marks_[1].number <= number) marks_.pop_front();
  if (marks_.empty() || marks_.front().number > number) return begun_state_;
  return fmt::format("{} {}", marks_.front().inode, marks_.front().offset);
}

bool FileSink::is_due() const {
  if (offset_ == 0) return false;
  const bool large = options_.bytes_max != 0 && offset_ >= options_.bytes_max;
  return large || (options_.age_max_us != 0 && now() - begun_us_ >= options_.age_max_us);
}

// Somebody renamed, removed or emptied the file: what comes goes to what is there now.
bool FileSink::was_moved() {
  FileFacts facts;
  return files_.facts(path_, facts) != 0 || facts.inode != inode_ || facts.bytes != offset_;
}

std::string FileSink::renamed(std::string_view why) const {
  FileFacts facts;
  std::string out;
  std::int64_t time = now();
  do {
    out = fmt::format("{}/{}-{}{}{}", folder_, stem_, stamp(time++), why, end_);
  } while (files_.facts(out, facts) == 0);
  return out;
}

Status FileSink::rotate() {
  const int moved = files_.rename(path_, renamed({}));
  if (moved != 0) return log::file_error("cannot rename", path_, moved);
  file_.close();
  WRIT_TRY(open());
  remove_old();
  return {};
}

// In the order of their times.
std::vector<std::string> FileSink::renamed_files() const {
  std::vector<std::string> out;
  std::error_code error;
  const std::string front = stem_ + "-";
  std::filesystem::directory_iterator at(folder_, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(front) && name.ends_with(end_)) out.push_back(at->path().string());
  }
  std::ranges::sort(out);
  return out;
}

void FileSink::remove_old() {
  if (options_.files_max == 0) return;
  const std::vector<std::string> older = renamed_files();
  // A file that cannot be removed is tried again at the next rename.
  for (std::size_t i = 0; i + options_.files_max < older.size(); ++i) {
    static_cast<void>(files_.unlink(older[i]));
  }
}

}  // namespace writ::audit::sink
