#include "tests/unit/api/signed.h"

#include <gtest/gtest.h>

#include "compiler/index/index.h"
#include "runtime/ir/codec.h"
#include "runtime/tables/tables.h"
#include "tests/unit/engine/world.h"

namespace writ::testing {

ir::Program small_program() {
  World world;
  world.allow("R", "orders", {.subject = world.alice});
  return world.builder.take();
}

bundle::Manifest manifest_of(std::uint64_t version) {
  bundle::Manifest manifest;
  manifest.package = "test";
  manifest.version = version;
  manifest.edition = 1;
  return manifest;
}

std::vector<std::byte> bundle_of(const ir::Program& program, bundle::Manifest manifest,
                                 const std::string& private_pem) {
  const std::vector<bundle::Part> parts = {{"program", ir::encode(program)},
                                           {"tables", tables::encode(*index::build(program))}};
  const auto file = bundle::write(std::move(manifest), parts, std::span(&private_pem, 1));
  EXPECT_TRUE(file.has_value()) << file.error().message;
  return file ? *file : std::vector<std::byte>();
}

}  // namespace writ::testing
