#include "runtime/base/memory.h"

#include <sys/mman.h>

#include <memory>

namespace writ {

void advise_huge_pages(void* begin, std::size_t bytes) {
  constexpr std::size_t kHugeBytes = std::size_t{2} << 20;
  if (std::align(kHugeBytes, kHugeBytes, begin, bytes) == nullptr) return;
  // The answer is of no use: without huge pages everything is the same.
  static_cast<void>(madvise(begin, bytes / kHugeBytes * kHugeBytes, MADV_HUGEPAGE));
}

}  // namespace writ
