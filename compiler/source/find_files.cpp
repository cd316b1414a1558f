#include "compiler/source/source_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
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

/// What looks like policy and would be passed over in silence, its guards with it: says the cure.
std::string passed_over(const fs::path& path, bool hidden, bool folder, bool link) {
  if (folder && link)
    return "is a link to a folder, which is not followed: name the folder itself as a path";
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (folder || extension != ".writ")
    return {};
  if (hidden)
    return "is hidden, so it would be passed over: rename it, or take it out of the folder";
  return path.extension() == ".writ" ? "" : "would be passed over: the ending is `.writ`";
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
    const bool is_folder = it->is_directory(type_error);
    if (const std::string why = passed_over(path, hidden, is_folder, it->is_symlink(type_error));
        !why.empty()) {
      return fail(ErrorCode::Unreadable, fmt::format("`{}` {}", path.string(), why),
                  path.string());
    }
    if (is_folder) {
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
