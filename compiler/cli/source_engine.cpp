#include "compiler/cli/source_engine.h"

#include "compiler/cli/files.h"
#include "compiler/pack/pack.h"
#include "runtime/bundle/bundle.h"
#include "runtime/crypto/keys.h"
#include "runtime/ir/codec.h"
#include "runtime/ir/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace writ::cli {
namespace {

Result<ir::Program> program_of(const bundle::Contents& contents) {
  for (const bundle::Section& part : contents.parts) {
    if (part.name == "program") {
      WRIT_ASSIGN(program, ir::decode(part.bytes));
      WRIT_TRY(ir::verify(program));
      return program;
    }
  }
  return fail(ErrorCode::Malformed, "the bundle has no section `program`: build it again");
}

Result<Source> open_bundle(const SourceOptions& options) {
  WRIT_ASSIGN(trust, read_trust(options.trust));
  WRIT_ASSIGN(bytes, read_bytes(options.paths.front()));
  WRIT_ASSIGN(contents, bundle::read(bytes, {trust.public_keys_pem, trust.threshold}));
  WRIT_ASSIGN(program, program_of(contents));
  return Source{std::move(bytes), std::move(trust), std::move(program)};
}

}  // namespace

bool is_bundle(const std::string& path) {
  if (path.ends_with(".writb")) {
    return true;
  }
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return false;
  }
  std::array<char, 4> magic{};
  const std::size_t bytes = std::fread(magic.data(), 1, magic.size(), file);
  std::fclose(file);
  return bytes == magic.size() && std::string_view(magic.data(), 4) == "WRIT";
}

Result<TrustOptions> read_trust(const std::vector<std::string>& files) {
  TrustOptions trust;
  for (const std::string& path : files) {
    WRIT_ASSIGN(pem, read_text(path));
    if (auto id = crypto::key_id(pem); !id) {
      return fail(id.error().code,
                  id.error().message + "; --trust takes a public key, as `writ keys new` writes it",
                  path);
    }
    trust.public_keys_pem.push_back(std::move(pem));
  }
  return trust;
}

std::expected<compiler::Compiled, Exit> compile_paths(const std::vector<std::string>& paths,
                                                      Format format) {
  auto compiled = compiler::compile(paths);
  if (!compiled) {
    return std::unexpected(report(compiled.error(), format));
  }
  report(*compiled, format, stderr);
  if (compiled->sink.errors() != 0) {
    if (format == Format::Text) {
      fmt::print(stderr, "error: the policy does not compile: {} error{}\n",
                 compiled->sink.errors(), compiled->sink.errors() == 1 ? "" : "s");
    }
    return std::unexpected(Exit::Unreadable);
  }
  return std::move(*compiled);
}

std::expected<Source, Exit> open_source(const SourceOptions& options) {
  const bool has_bundle = std::any_of(options.paths.begin(), options.paths.end(), is_bundle);
  if (has_bundle && options.paths.size() != 1) {
    return std::unexpected(usage("SOURCE is one bundle, or policy paths, not both"));
  }
  if (has_bundle && options.trust.empty()) {
    return std::unexpected(usage(fmt::format(
        "whose signature on {} is to be trusted? Say --trust PUB.pem: a bundle is never used "
        "without",
        options.paths.front())));
  }
  if (!has_bundle && !options.trust.empty()) {
    return std::unexpected(
        usage("--trust is for a bundle; policy paths are compiled and signed in memory"));
  }
  auto source = [&]() -> std::expected<Source, Exit> {
    if (has_bundle) {
      auto opened = open_bundle(options);
      if (!opened) {
        Error error = opened.error();
        error.where = error.where.empty() ? options.paths.front() : error.where;
        return std::unexpected(report(error, options.format));
      }
      return std::move(*opened);
    }
    auto compiled = compile_paths(options.paths, options.format);
    if (!compiled) {
      return std::unexpected(compiled.error());
    }
    auto signed_source = sign_in_memory(std::move(compiled->program));
    if (!signed_source) {
      return std::unexpected(report(signed_source.error(), options.format));
    }
    return std::move(*signed_source);
  }();
  return source;
}

Result<Source> sign_in_memory(ir::Program program) {
  WRIT_ASSIGN(key, crypto::new_key());
  Source source;
  source.trust.public_keys_pem = {key.public_pem};
  const std::array<std::string, 1> keys = {key.private_pem};
  pack::PackOptions pack_options;
  pack_options.version = 1;
  pack_options.private_keys_pem = keys;
  WRIT_ASSIGN(bytes, pack::pack(program, pack_options));
  source.bundle = std::move(bytes);
  source.program = std::move(program);
  return source;
}

Result<std::unique_ptr<Engine>> make_engine(const Source& source, const EngineOptions& options) {
  auto engine = Engine::create(options);
  WRIT_TRY(engine->load(source.bundle, source.trust));
  return engine;
}

}  // namespace writ::cli
