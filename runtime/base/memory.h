// Large arrays that are filled once and then read at random: asked for in huge pages, filled block
// by block, so that no page is touched before it is needed and each line is written while cached.
#pragma once

#include <cstddef>
#include <vector>

namespace writ {

/// Asks the kernel for huge pages in place of those that lie wholly within the range, which should
/// not have been touched yet. A wish: where it is refused nothing changes but speed.
void advise_huge_pages(void* begin, std::size_t bytes);

/// Room for `count` elements in huge pages, if the vector is large and still empty.
template <class T>
void reserve_large(std::vector<T>& array, std::size_t count) {
  // A few huge pages at least: below that there is nothing to win.
  constexpr std::size_t kLargeBytes = std::size_t{8} << 20;
  array.reserve(count);
  if (array.empty() && count >= kLargeBytes / sizeof(T)) {
    advise_huge_pages(array.data(), array.capacity() * sizeof(T));
  }
}

/// Elements of one block: 32 KB lie in the first cache together with what they are made from.
template <class T>
inline constexpr std::size_t kBlockElements = (std::size_t{32} << 10) / sizeof(T) + 1;

/// Grows the array to `count` elements that are `initial`; after each block, fill(first, end) sets
/// those elements.
template <class T, class Fill>
void fill_blocks(std::vector<T>& array, std::size_t count, const T& initial, Fill fill) {
  reserve_large(array, count);
  for (std::size_t at = array.size(); at < count;) {
    const std::size_t end = count - at < kBlockElements<T> ? count : at + kBlockElements<T>;
    array.resize(end, initial);
    fill(at, end);
    at = end;
  }
}

}  // namespace writ
