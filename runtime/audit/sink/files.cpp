#include "runtime/audit/sink/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace writ::audit::sink {
namespace {

int facts_of(int answer, const struct stat& from, FileFacts& out) {
  if (answer != 0) return -errno;
  out.inode = from.st_ino;
  out.bytes = static_cast<std::uint64_t>(from.st_size);
  return 0;
}

}  // namespace

int Files::truncate(int fd, std::uint64_t bytes) {
  return ::ftruncate(fd, static_cast<off_t>(bytes)) == 0 ? 0 : -errno;
}

int Files::facts(int fd, FileFacts& out) {
  struct stat from {};
  return facts_of(::fstat(fd, &from), from, out);
}

int Files::facts(const std::string& path, FileFacts& out) {
  struct stat from {};
  return facts_of(::stat(path.c_str(), &from), from, out);
}

}  // namespace writ::audit::sink
