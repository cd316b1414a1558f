#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "runtime/jit/entry.h"

namespace writ::jit {
namespace {

/// The folder of the executable or library that this code was linked into.
std::filesystem::path own_folder() {
  Dl_info info{};
  const auto* self_address = reinterpret_cast<const void*>(&own_folder);  // NOLINT: for dladdr
  if (dladdr(self_address, &info) == 0 || info.dli_fname == nullptr) {
    return {};
  }
  std::error_code ignored;
  // For an executable the name is what it was started as, perhaps found by PATH.
  std::filesystem::path self = std::filesystem::canonical(info.dli_fname, ignored);
  if (ignored) self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return self.parent_path();
}

std::string find_object() {
  // Not from the environment of a program that runs with more rights than its caller.
  if (const char* named = secure_getenv("WRIT_JIT_PATH"); named != nullptr) return named;
  const std::filesystem::path folder = own_folder();
  const std::array places{folder / kObjectName, folder.parent_path() / "lib" / kObjectName};
  std::error_code ignored;
  for (const auto& place : places) {
    if (std::filesystem::is_regular_file(place, ignored)) return place.string();
  }
  return {};
}

/// The object stays loaded: code and vtables of it live as long as the process may use them.
Result<const Entry*> load() {
  const std::string path = find_object();
  if (path.empty()) {
    return fail(ErrorCode::Unsupported,
                fmt::format("no native code: `{}` lies neither beside the program nor in its "
                            "`../lib`; WRIT_JIT_PATH may name it", kObjectName));
  }
  void* object = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (object == nullptr) {
    return fail(ErrorCode::Unsupported, fmt::format("no native code: {}", dlerror()), path);
  }
  const auto* entry = static_cast<const Entry*>(dlsym(object, kEntrySymbol));
  if (entry == nullptr || entry->version != kEntryVersion || entry->compile == nullptr) {
    return fail(ErrorCode::Unsupported, "no native code: the object is of another version", path);
  }
  return entry;
}

}  // namespace

Result<std::shared_ptr<const NativeCode>> compile(const ir::Program& program,
                                                  const Options& options) {
  static const Result<const Entry*> loaded = load();
  if (!loaded) return std::unexpected(loaded.error());
  Compiled compiled = fail(ErrorCode::Internal, "native code was not made");
  (*loaded)->compile(program, options, compiled);
  return compiled;
}

}  // namespace writ::jit
