#include "compiler/diag/diag.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace writ::diag {
namespace {

// Longer names are nobody's typing mistake, and the table is quadratic.
constexpr std::size_t kNameBytesMax = 128;

/// Edits between two names where exchanging two neighbours is one edit; letters of another case
/// count as equal, since that is the commonest slip.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool equal = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (equal ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kNameBytesMax)
    return {};
  const std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
  std::size_t best = limit + 1;
  std::string found;
  for (const std::string& candidate : known) {
    if (candidate == name || candidate.size() > name.size() + limit ||
        candidate.size() + limit < name.size())
      continue;
    const std::size_t edits = distance(name, candidate);
    // A one-letter name is near everything; only another case of it counts.
    if (edits < best && edits < std::max(name.size(), candidate.size())) {
      best = edits;
      found = candidate;
    }
  }
  return found;
}

}  // namespace writ::diag
