// Lines in a file that is renamed when it is large or old enough. A delivery is acknowledged when
// it was synced. After a crash the file is read from the last acknowledged line on: a line that was
// begun is taken back, a whole one is not written again.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/audit/sink/files.h"
#include "runtime/audit/sink/sink.h"

namespace writ::audit::sink {

struct FileSinkOptions {
  std::uint64_t bytes_max = std::uint64_t{256} << 20;  // then a new file is begun; 0: never
  std::int64_t age_max_us = 0;                         // the same by age; 0: never
  std::uint64_t files_max = 0;            // renamed files that are kept; 0: all
  std::function<std::int64_t()> now_us = {};   // empty: the system's clock
  Files* files = nullptr;                 // not owned; null: the system's
};

/// `audit.jsonl` is written to; `audit-20261124T150405.000123.jsonl` was, until that time.
class FileSink final : public Sink {
 public:
  explicit FileSink(std::string path, FileSinkOptions options = {});
  ~FileSink() override;

  [[nodiscard]] Status begin(std::string_view state, std::uint64_t next) override;
  [[nodiscard]] Result<bool> deliver(const Delivery& delivery) override;
  [[nodiscard]] Result<std::uint64_t> poll(std::uint32_t wait_ms) override;
  [[nodiscard]] std::string state(std::uint64_t number) override;
  [[nodiscard]] std::string name() const override { return "file " + path_; }

 private:
  // Behind a delivery.
  struct Mark {
    std::uint64_t number = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;
  };

  [[nodiscard]] Status open();
  [[nodiscard]] Status end_whole();
  [[nodiscard]] Status remember(std::string_view state);
  [[nodiscard]] Status read_ids(const std::string& path, std::uint64_t offset);
  [[nodiscard]] Status sync();
  [[nodiscard]] Status rotate();
  [[nodiscard]] std::string_view unseen(const Delivery& delivery);
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] bool was_moved();
  void set_aside();
  void remove_old();
  [[nodiscard]] std::vector<std::string> renamed_files() const;
  [[nodiscard]] Status sync_folder();
  [[nodiscard]] std::string renamed(std::string_view why) const;
  [[nodiscard]] std::int64_t now() const;

  std::string path_;
  std::string folder_;
  std::string stem_;  // of the name, and
  std::string end_;   // from the last dot
  FileSinkOptions options_;
  Files own_files_;
  Files& files_;
  log::OpenFile file_;
  std::uint64_t inode_ = 0;
  std::uint64_t offset_ = 0;
  std::int64_t begun_us_ = 0;  // the file was
  std::uint64_t delivered_ = 0;
  std::uint64_t acknowledged_ = 0;
  bool distrusted_ = false;    // a sync failed: the file is not written to again
  std::string begun_state_;    // of what counted as acknowledged at begin()
  std::deque<Mark> marks_;
  std::unordered_set<std::string> seen_;  // ids of lines behind the last acknowledged one
  std::string buffer_;
};

}  // namespace writ::audit::sink
