// Any bytes as policy text: no crash, every diagnostic can be shown, and a text without mistakes is
// printed to what reads back the same.
#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/syntax/parse.h"
#include "runtime/base/check.h"

#include <cstdint>
#include <string>

namespace {

using namespace writ;

void parse_twice(std::string text) {
  source::SourceSet sources;
  diag::Sink sink;
  const auto id = sources.add_text("input.writ", std::move(text));
  if (!id)
    return;
  const ast::File file = syntax::parse(sources, *id, sink);
  for (const diag::Diag& one : sink.sorted()) {
    static_cast<void>(diag::render_text(one, sources, diag::Colour::On));
    static_cast<void>(diag::render_json(one, sources));
  }
  const std::string printed = ast::print(file);
  if (sink.errors() > 0)
    return;
  diag::Sink again;
  const auto second = sources.add_text("printed.writ", printed);
  WRIT_CHECK(second.has_value());
  const ast::File reread = syntax::parse(sources, *second, again);
  WRIT_CHECK(again.errors() == 0);
  WRIT_CHECK(ast::print(reread) == printed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_twice(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
