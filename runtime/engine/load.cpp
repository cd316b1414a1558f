// From bundle bytes to a running snapshot: trust, sections, cluster, features, version.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "runtime/bundle/bundle.h"
#include "runtime/engine/activate.h"
#include "runtime/ir/codec.h"
#include "runtime/ir/verify.h"

namespace writ {
namespace {

/// What the sections hold, decoded as soon as each is proven, the program verified too. Two threads
/// fill it, each its own part.
struct Decoded {
  std::optional<Result<ir::Program>> program;
  std::optional<Result<tables::Tables>> tables;
  Result<std::vector<engine::GoldenDecision>> golden;  // a bundle may have none

  static Result<ir::Program> sound_program(std::span<const std::byte> bytes) {
    auto decoded = ir::decode(bytes);
    if (!decoded) return decoded;
    WRIT_TRY(ir::verify(*decoded));
    return decoded;
  }
  void take(const bundle::Section& section) {
    if (section.name == "program") program = sound_program(section.bytes);
    if (section.name == "tables") tables = tables::decode(section.bytes);
    if (section.name == engine::kGoldenSection) golden = engine::decode_golden(section.bytes);
  }
};

template <class T>
Result<T> part(std::optional<Result<T>>& decoded, std::string_view name) {
  if (decoded) return std::move(*decoded);
  return fail(ErrorCode::Malformed,
              fmt::format("section `{}` is missing: build the bundle again", name), "bundle");
}

Status meant_for(const bundle::Manifest& manifest, const EngineOptions& options) {
  if (!options.cluster_id.empty() && !manifest.clusters.empty() &&
      std::ranges::find(manifest.clusters, options.cluster_id) == manifest.clusters.end()) {
    return fail(ErrorCode::Version,
                fmt::format("the bundle is not for cluster `{}`", options.cluster_id), "manifest");
  }
  for (const std::string& feature : manifest.features) {
    return fail(ErrorCode::Unsupported,
                fmt::format("the bundle needs `{}`, which this engine does not have", feature),
                "manifest");
  }
  return {};
}

/// Tested when a bundle is accepted, never against the one that runs, or that ran before a restart:
/// a renewal that was forgotten must stop nobody.
Status valid_now(const bundle::Manifest& manifest) {
  const std::int64_t now = Engine::now_us();
  if (now < manifest.not_before_us) {
    return fail(ErrorCode::Version, "the bundle is not valid yet", "manifest");
  }
  if (now >= manifest.expires_us) {
    return fail(ErrorCode::Version, "the bundle has expired: build it again", "manifest");
  }
  return {};
}

enum class From : std::uint8_t { Outside, Store };

/// May it decide next? From the store only what the store says.
Status acceptable(const bundle::Manifest& manifest, const BundleInfo& info, From from,
                  const Engine::State& state) {
  WRIT_TRY(meant_for(manifest, state.options));
  if (from == From::Outside) {
    WRIT_TRY(valid_now(manifest));
    return state.store == nullptr ? Status{} : state.store->newer(engine::mark_of(info));
  }
  const std::optional<bundle::Mark> mark = state.store->mark();
  if (mark && mark->digest == info.digest && mark->version == info.version) return {};
  return fail(ErrorCode::Malformed, "the bundle that is kept is not the one that was activated",
              "store");
}

Status load_bundle(Engine& engine, std::span<const std::byte> file, const TrustOptions& trust,
                   From from, BundleInfo& info, std::string& rolled_back) {
  Decoded decoded;
  WRIT_ASSIGN(contents,
              bundle::read(file, {trust.public_keys_pem, trust.threshold},
                           [&decoded](const bundle::Section& of) { decoded.take(of); }));
  info.package = contents.manifest.package;
  info.digest = contents.digest;
  info.version = contents.manifest.version;
  info.expires_us = contents.manifest.expires_us;
  if (!contents.manifest.same_as.empty()) {
    rolled_back = fmt::format("says again what {} said: {}", contents.manifest.same_as,
                              contents.manifest.reason);
  }
  Engine::State& state = engine.state();
  WRIT_TRY(acceptable(contents.manifest, info, from, state));
  WRIT_ASSIGN(program, part(decoded.program, "program"));
  WRIT_ASSIGN(tables, part(decoded.tables, "tables"));
  if (!decoded.golden) return std::unexpected(decoded.golden.error());
  return engine::activate_verified(engine, std::move(program), std::move(tables), info,
                                   {.file = file,
                                    .golden = *decoded.golden,
                                    .store = from == From::Outside ? state.store.get() : nullptr});
}

/// Loads, leaves an event of what came of it, and has code made.
Status offered(Engine& engine, std::span<const std::byte> file, const TrustOptions& trust,
               From from) {
  if (engine.state().crowded_out) {
    return fail(ErrorCode::Usage, "another engine records into this audit trail", "audit");
  }
  BundleInfo info;
  std::string rolled_back;
  Status status = load_bundle(engine, file, trust, from, info, rolled_back);
  if (audit::Recorder* recorder = engine.state().options.recorder; recorder != nullptr) {
    const std::string what = fmt::format("{} version {} ({}){}", info.package, info.version,
                                         info.digest.empty() ? "unread" : info.digest,
                                         from == From::Store ? ", kept from before" : "");
    if (status && !rolled_back.empty()) {
      recorder->lifecycle("bundle.rolled-back", fmt::format("{} {}", what, rolled_back));
    } else if (status) {
      recorder->lifecycle("bundle.activated", what);
    } else {
      recorder->lifecycle("bundle.refused", fmt::format("{}: {}", what, status.error().message));
    }
  }
  // After its event, so that those about its code follow.
  if (status) engine::begin_native(engine);
  return status;
}

}  // namespace

Status Engine::load(std::span<const std::byte> bundle, const TrustOptions& trust) {
  return offered(*this, bundle, trust, From::Outside);
}

Status Engine::keep_in(const std::string& folder) {
  const std::lock_guard lock(state_->activation);
  if (state_->running != nullptr || state_->store != nullptr) {
    return fail(ErrorCode::Usage, "say where bundles are kept once, before the first is loaded",
                folder);
  }
  WRIT_ASSIGN(store, bundle::Store::open(folder));
  state_->store = std::move(store);
  return {};
}

Status Engine::restore(const TrustOptions& trust) {
  if (state_->store == nullptr) return fail(ErrorCode::Usage, "no bundle is kept by this engine");
  WRIT_ASSIGN(file, state_->store->marked());
  return offered(*this, file, trust, From::Store);
}

}  // namespace writ
