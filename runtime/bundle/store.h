// What a node remembers of bundles when it ends: the mark, which is the version that it activated
// last, and that bundle. So a restart decides by what decided before, whatever lies at the place
// where bundles come from, and nothing older is ever taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace writ::bundle {

/// The bundle that was activated last.
struct Mark {
  std::string package;
  std::uint64_t version = 0;
  std::string digest;  // SHA-256 of the manifest, 64 hexadecimal digits
};

/// A folder of one engine. Threads: any.
class Store {
 public:
  /// Makes the folder (0700) where there is none. *errors* Usage: another engine keeps its bundles
  /// there; Unreadable; Malformed: the mark cannot be read, which is never taken for no mark.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::string& folder);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Empty: nothing was activated yet.
  [[nodiscard]] std::optional<Mark> mark() const;
  /// May a bundle take the place of the marked one? *errors* Version: it is older, or another one
  /// of the same version.
  [[nodiscard]] Status newer(const Mark& offered) const;
  /// Puts the bundle on disk, then the mark; then forgets what was kept before. When it returns
  /// without an error, both survive the machine. *errors* as newer(); Unreadable: the mark is what
  /// it was.
  [[nodiscard]] Status keep(const Mark& mark, std::span<const std::byte> file);
  /// The marked bundle's bytes, to be verified like any others. *errors* Usage: there is no mark;
  /// Unreadable, Limit: they are gone or too many.
  [[nodiscard]] Result<std::vector<std::byte>> marked() const;

 private:
  Store() = default;
  [[nodiscard]] std::string path_of(const Mark& mark) const;
  void forget_others(const Mark& mark) const;

  std::string folder_;
  int lock_ = -1;  // of the file `lock`, held while this lives
  mutable std::mutex mutex_;
  std::optional<Mark> mark_;
};

}  // namespace writ::bundle
