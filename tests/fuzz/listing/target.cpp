// Any bytes as a listing of ACLs: no crash, every diagnostic can be shown, and the text that is
// made of a listing without mistakes can be parsed.
#include "compiler/convert/kafka_acls/convert.h"
#include "compiler/convert/kafka_acls/listing.h"
#include "compiler/diag/diag.h"
#include "compiler/syntax/parse.h"
#include "runtime/base/check.h"

#include <cstdint>
#include <string>

namespace {

using namespace writ;
namespace acls = convert::kafka_acls;

void import(std::string text) {
  source::SourceSet sources;
  diag::Sink sink;
  const auto id = sources.add_text("listing.txt", std::move(text));
  if (!id)
    return;
  const auto all = acls::different(acls::read_listing(sources, *id, sink));
  const std::string rows = acls::data_rows(all);
  WRIT_CHECK(rows.empty() == all.empty());
  const acls::PolicyText policy = acls::policy_text(all, {}, sink);
  for (const diag::Diag& one : sink.sorted()) {
    static_cast<void>(diag::render_text(one, sources, diag::Colour::On));
    static_cast<void>(diag::render_json(one, sources));
  }
  diag::Sink again;
  const auto made = sources.add_text("imported.writ", policy.text);
  WRIT_CHECK(made.has_value());
  static_cast<void>(syntax::parse(sources, *made, again));
  WRIT_CHECK(again.errors() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  import(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
