#include "compiler/pack/pack.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/index/index.h"
#include "runtime/ir/codec.h"
#include "runtime/ir/verify.h"
#include "runtime/tables/tables.h"

namespace writ::pack {
namespace {

// Ids of the scopes in which resources live: what a broker reports is looked for among them. A
// scope without an id cannot be told apart from outside, so it is not listed.
std::vector<std::string> cluster_ids(const ir::Program& program) {
  std::vector<std::string> ids;
  for (const ir::Scope& scope : program.scopes) {
    if (scope.leaf && scope.id.valid()) ids.emplace_back(program.text(scope.id));
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

Status check_options(const PackOptions& options) {
  if (options.version == 0) {
    return fail(ErrorCode::Usage,
                "a bundle's version is 1 or more, and higher than what runs: say --version N");
  }
  if (options.not_before_us >= options.expires_us) {
    return fail(ErrorCode::Usage, "the bundle would never be valid: it ends before it begins");
  }
  return {};
}

}  // namespace

bundle::Manifest manifest_of(const ir::Program& program, const PackOptions& options) {
  bundle::Manifest manifest;
  manifest.package = program.text(program.package);
  manifest.version = options.version;
  manifest.edition = program.edition;
  for (const ir::Model& model : program.models) {
    manifest.models.emplace_back(program.text(model.name), version_text(model.version));
  }
  manifest.clusters = cluster_ids(program);
  manifest.built_us = options.built_us;
  manifest.not_before_us = options.not_before_us;
  manifest.expires_us = options.expires_us;
  manifest.cost = ir::cost(program);
  manifest.grants = program.grants.size();
  return manifest;
}

Result<std::vector<std::byte>> pack(const ir::Program& program, const PackOptions& options) {
  WRIT_TRY(check_options(options));
  if (Status sound = ir::verify(program); !sound) {
    return fail(sound.error().code == ErrorCode::Limit ? ErrorCode::Limit : ErrorCode::Internal,
                fmt::format("the program does not verify: {}", sound.error().message),
                sound.error().where);
  }
  bundle::Manifest manifest = manifest_of(program, options);
  std::vector<bundle::Part> parts;
  parts.push_back({kProgramSection, ir::encode(program)});
  {
    // The tables are as large as the section: they are freed before the file is laid out.
    WRIT_ASSIGN(tables, index::build(program));
    manifest.cost.cell_rows = tables::most_rows(tables);
    parts.push_back({kTablesSection, tables::encode(tables)});
  }
  parts.insert(parts.end(), options.extra.begin(), options.extra.end());
  return bundle::write(std::move(manifest), parts, options.private_keys_pem);
}

}  // namespace writ::pack
