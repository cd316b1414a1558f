// A bundle that decides nothing here: only its words are wanted.
#include "runtime/api/include/writ/audit.hpp"

#include <fmt/format.h>

#include "runtime/base/file.h"
#include "runtime/base/limits.h"
#include "runtime/bundle/bundle.h"
#include "runtime/engine/policy_words.h"
#include "runtime/ir/codec.h"
#include "runtime/ir/verify.h"

namespace writ {
namespace {

Result<std::span<const std::byte>> part(const bundle::Contents& contents, std::string_view name) {
  for (const auto& one : contents.parts) {
    if (one.name == name) return std::span<const std::byte>(one.bytes);
  }
  return fail(ErrorCode::Malformed, fmt::format("section `{}` is missing", name), "bundle");
}

}  // namespace

Result<std::shared_ptr<const audit::PolicyWords>> bundle_words(std::span<const std::byte> bundle,
                                                               std::string_view digest) {
  WRIT_ASSIGN(contents, bundle::read_for_inspection(bundle));
  if (contents.digest != digest) {
    return fail(ErrorCode::Signature,
                fmt::format("this is bundle {}, not {}", contents.digest, digest), "bundle");
  }
  WRIT_ASSIGN(program_bytes, part(contents, "program"));
  WRIT_ASSIGN(program, ir::decode(program_bytes));
  WRIT_TRY(ir::verify(program));
  WRIT_ASSIGN(table_bytes, part(contents, "tables"));
  WRIT_ASSIGN(tables, tables::decode(table_bytes));
  WRIT_TRY(tables::verify(tables, program));
  BundleInfo info;
  info.package = contents.manifest.package;
  info.digest = contents.digest;
  info.version = contents.manifest.version;
  return engine::policy_words(std::make_shared<const engine::Snapshot>(
      std::move(program), std::move(tables), std::move(info)));
}

std::shared_ptr<const audit::PolicyWords> kept_bundle_words(const std::string& path,
                                                            std::string_view digest) {
  if (path.empty()) return nullptr;
  const auto bytes = read_file(path, limits::kBundleBytesMax);
  if (!bytes) return nullptr;
  auto words = bundle_words(*bytes, digest);
  return words ? std::move(*words) : nullptr;
}

}  // namespace writ
