// Any bytes as a program, encoded or in text form: no crash, what is read is written as it was, and
// what verifies can be run, printed and indexed.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/index/index.h"
#include "runtime/base/check.h"
#include "runtime/ir/codec.h"
#include "runtime/ir/intern.h"
#include "runtime/ir/print.h"
#include "runtime/ir/read_text.h"
#include "runtime/ir/verify.h"
#include "runtime/reference/reference.h"
#include "runtime/tables/tables.h"

namespace {

using namespace writ;

// Larger programs find nothing that smaller ones do not, and take long.
constexpr std::size_t kInputBytesMax = std::size_t{64} << 10;
constexpr int kAlterations = 24;
constexpr std::uint32_t kClassesAsked = 8;

/// Flips one bit at a time, at places that follow from the hash.
template <class Read>
void alter(std::vector<std::byte>& bytes, ir::Hash places, Read read) {
  for (int at = 0; at < kAlterations; ++at) {
    places.number(static_cast<std::uint64_t>(at));
    std::byte& byte = bytes[places.done() % bytes.size()];
    const std::byte before = byte;
    byte ^= std::byte{static_cast<unsigned char>(1U << (places.done() >> 61))};
    read();
    byte = before;
  }
}

/// Tables that verify can be asked anything: no look-up leaves an array or runs for ever.
void look_up(const tables::Tables& tables) {
  for (std::uint32_t kind = 0; kind < tables.kinds.size(); ++kind) {
    for (const std::string_view name : {"", "a", "orders", "orders.eu"}) {
      for (std::uint32_t node = tables.resolve(kind, name); node != tables::kNone;
           node = tables.nodes[node].parent) {
        const std::uint32_t classes = static_cast<std::uint32_t>(tables.classes.size());
        for (std::uint32_t cls = 0; cls < std::min(classes, kClassesAsked); ++cls) {
          for (std::uint32_t cell = tables.find_cell(cls, node); cell != tables::kNone;
               cell = tables.cells[cell].parent) {
          }
        }
      }
    }
  }
}

void check_tables(const ir::Program& program, const ir::Hash& places) {
  const auto built = index::build(program);
  if (!built) return;
  WRIT_CHECK(tables::verify(*built, program).has_value());
  std::vector<std::byte> bytes = tables::encode(*built);
  const auto read = tables::decode(bytes);
  WRIT_CHECK(read.has_value());
  WRIT_CHECK(tables::encode(*read) == bytes);
  look_up(*read);
  alter(bytes, places, [&] {
    const auto altered = tables::decode(bytes);
    if (altered && tables::verify(*altered, program)) look_up(*altered);
  });
}

void ask(const ir::Program& program) {
  SessionFacts session;
  session.principal_type = "User";
  session.principal_name = "alice";
  session.host = "10.1.2.3";
  RequestFacts request;
  if (!program.kinds.empty()) request.kind = program.text(program.kinds[0].name);
  if (!program.operations.empty()) request.operation = program.text(program.operations[0].name);
  if (!program.patterns.empty()) request.name = program.text(program.patterns.back().text);
  static_cast<void>(reference::decide(program, session, request));
}

void use(const ir::Program& program, const ir::Hash& places) {
  if (!ir::verify(program)) return;
  static_cast<void>(ir::print(program));
  static_cast<void>(ir::cost(program));
  ask(program);
  check_tables(program, places);
}

void read_as_program(std::span<const std::byte> bytes, const ir::Hash& places) {
  const auto program = ir::decode(bytes);
  if (!program) return;
  WRIT_CHECK(std::ranges::equal(ir::encode(*program), bytes));
  use(*program, places);
}

void read_as_text(std::string_view text, const ir::Hash& places) {
  const auto program = ir::read_text(text);
  if (!program) return;
  std::vector<std::byte> bytes = ir::encode(*program);
  read_as_program(bytes, places);
  alter(bytes, places, [&] { read_as_program(bytes, places); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kInputBytesMax) return 0;
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  const std::string_view text(reinterpret_cast<const char*>(data), size);  // NOLINT: characters
  ir::Hash places;
  places.text(text);
  read_as_program(bytes, places);
  read_as_text(text, places);
  // Tables of any shape against a program of none.
  if (const auto tables = tables::decode(bytes)) {
    static_cast<void>(tables::verify(*tables, ir::Program{}));
  }
  return 0;
}
