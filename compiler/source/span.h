// The only location type: a half-open range of bytes in one file.
#pragma once

#include <cstdint>

#include "runtime/base/id.h"

namespace writ::source {

using FileId = Id<struct FileTag>;

struct Span {
  FileId file;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

}  // namespace writ::source
