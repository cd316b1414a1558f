#include "compiler/source/source_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

namespace writ::source {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> unreadable(const fs::path& path, const std::error_code& why) {
  return fail(ErrorCode::Unreadable,
              fmt::format("cannot read `{}`: {}", path.string(), why.message()), path.string());
}

/// All *.writ below `folder`, sorted. Hidden folders (`.git`) hold no policy.
Status find_in_folder(const fs::path& folder, std::vector<Found>& found) {
  std::vector<Found> here;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  if (error)
    return unreadable(folder, error);
  while (it != fs::recursive_directory_iterator()) {
    const fs::path& path = it->path();
    const bool hidden = path.filename().string().starts_with('.');
    std::error_code type_error;
    if (it->is_directory(type_error)) {
      if (hidden)
        it.disable_recursion_pending();
    } else if (!hidden && path.extension() == ".writ") {
      here.push_back({path, path.lexically_relative(folder).generic_string()});
    }
    it.increment(error);
    if (error)
      return unreadable(folder, error);
  }
  if (here.empty()) {
    return fail(ErrorCode::Unreadable,
                fmt::format("the folder `{}` holds no policy file (`*.writ`)", folder.string()),
                folder.string());
  }
  std::ranges::sort(here, {}, &Found::display);
  std::ranges::move(here, std::back_inserter(found));
  return {};
}

}  // namespace

Result<std::vector<Found>> find_policy_files(const std::vector<std::string>& paths) {
  std::vector<Found> all;
  for (const std::string& text : paths) {
    const fs::path path(text);
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
      return fail(ErrorCode::Unreadable, fmt::format("there is no file or folder `{}`", text),
                  text);
    }
    if (error)
      return unreadable(path, error);
    if (fs::is_directory(status)) {
      WRIT_TRY(find_in_folder(path, all));
    } else {
      all.push_back({path, path.filename().generic_string()});
    }
  }
  // A file named twice (by itself and by its folder) is one file.
  std::set<std::string> seen;
  std::vector<Found> found;
  for (Found& file : all) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(file.path, error);
    if (seen.insert((error ? file.path : real).string()).second)
      found.push_back(std::move(file));
  }
  return found;
}

}  // namespace writ::source
