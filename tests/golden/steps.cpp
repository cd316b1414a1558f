#include "tests/golden/steps.h"

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/source/source_set.h"
#include "compiler/syntax/parse.h"
#ifdef WRIT_GOLDEN_COMPILER
#include "compiler/compile.h"
#include "compiler/convert/kafka_acls/convert.h"
#include "compiler/convert/kafka_acls/listing.h"
#include "compiler/supply/supply.h"
#include "runtime/ir/print.h"
#endif

namespace writ::golden {
namespace {

Outcome refused(const Error& error) {
  return {diag::render_text(error, diag::Colour::Off), 1};
}

std::string diagnostics(const diag::Sink& sink, const source::SourceSet& sources) {
  std::string text;
  for (const diag::Diag& one : sink.sorted()) {
    if (!text.empty())
      text += "\n";
    text += diag::render_text(one, sources, diag::Colour::Off);
  }
  return text;
}

/// The canonical text of each file, then what was said about it.
Outcome parse(const std::vector<std::string>& paths) {
  const auto found = source::find_policy_files(paths);
  if (!found)
    return refused(found.error());
  source::SourceSet sources;
  diag::Sink sink;
  std::string text;
  for (const source::Found& file : *found) {
    const auto id = sources.add_file(file.path, file.display);
    if (!id)
      return refused(id.error());
    text += ast::print(syntax::parse(sources, *id, sink));
  }
  const std::string said = diagnostics(sink, sources);
  if (!text.empty() && !said.empty())
    text += "\n";
  return {text + said, sink.errors()};
}

#ifdef WRIT_GOLDEN_COMPILER
/// Every diagnostic.
Outcome check(const std::vector<std::string>& paths) {
  const auto compiled = compiler::compile(paths);
  if (!compiled)
    return refused(compiled.error());
  return {diagnostics(compiled->sink, compiled->sources), compiled->sink.errors()};
}

/// What the plug-in for Kafka does not supply.
Outcome supply(const std::vector<std::string>& paths) {
  auto compiled = compiler::compile(paths);
  if (!compiled)
    return refused(compiled.error());
  if (compiled->sink.errors() == 0)
    supply::report("kafka", compiled->program, compiled->sources, compiled->sink);
  return {diagnostics(compiled->sink, compiled->sources), compiled->sink.errors()};
}

/// The program.
Outcome lower(const std::vector<std::string>& paths) {
  const auto compiled = compiler::compile(paths);
  if (!compiled)
    return refused(compiled.error());
  const std::size_t errors = compiled->sink.errors();
  return {
      errors == 0 ? ir::print(compiled->program) : diagnostics(compiled->sink, compiled->sources),
      errors};
}

/// Of a listing of `kafka-acls`: policy text, rows of the data file, what was said about it.
Outcome import(const std::vector<std::string>& paths) {
  source::SourceSet sources;
  diag::Sink sink;
  const auto file = sources.add_file(paths.front(), paths.front());
  if (!file)
    return refused(file.error());
  const auto acls =
      convert::kafka_acls::different(convert::kafka_acls::read_listing(sources, *file, sink));
  std::string text;
  if (sink.errors() == 0) {
    text = convert::kafka_acls::policy_text(acls, {}, sink).text + "\n" +
           convert::kafka_acls::data_rows(acls);
  }
  const std::string said = diagnostics(sink, sources);
  // Rows hold any ACL; text that lost a denial is none.
  if (sink.errors() != 0)
    text.clear();
  return {text + (text.empty() || said.empty() ? "" : "\n") + said, sink.errors()};
}
#endif

}  // namespace

const std::vector<Step>& steps() {
  static const std::vector<Step> kSteps = {
      {"parse", parse},
#ifdef WRIT_GOLDEN_COMPILER
      {"check", check},
      {"lower", lower},
      {"import", import},
      {"supply", supply},
#endif
  };
  return kSteps;
}

}  // namespace writ::golden
