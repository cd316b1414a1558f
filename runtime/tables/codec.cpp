#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include "runtime/base/memory.h"
#include "runtime/tables/tables.h"

namespace writ::tables {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");
constexpr std::uint32_t kMagic = 0x5442'5457;  // WTBT
constexpr std::uint32_t kVersion = 3;

/// Calls visit(name, array) for each array, in the order of the file.
template <class AnyTables, class Visit>
void each_array(AnyTables& t, Visit&& visit) {
  visit("text", t.text);
  visit("kinds", t.kinds);
  visit("nodes", t.nodes);
  visit("names", t.names);
  visit("lengths", t.lengths);
  visit("bloom", t.bloom);
  visit("sets", t.sets);
  visit("loose", t.loose);
  visit("set_slots", t.set_slots);
  visit("node_sets", t.node_sets);
  visit("loose_states", t.loose_states);
  visit("loose_edges", t.loose_edges);
  visit("loose_sets", t.loose_sets);
  visit("classes", t.classes);
  visit("class_slots", t.class_slots);
  visit("subject_layers", t.subject_layers);
  visit("cells", t.cells);
  visit("cell_slots", t.cell_slots);
  visit("reasons", t.reasons);
  visit("rows", t.rows);
  visit("row_groups", t.row_groups);
  visit("row_lengths", t.row_lengths);
  visit("row_slots", t.row_slots);
  visit("listed_rows", t.listed_rows);
  visit("protection_slots", t.protection_slots);
  visit("protection_lengths", t.protection_lengths);
  visit("protections", t.protections);
  visit("network_slots", t.network_slots);
  visit("network_lengths", t.network_lengths);
  visit("principal_slots", t.principal_slots);
}

class Writer {
 public:
  template <class T>
  void operator()(const char*, const std::vector<T>& array) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::uint64_t count = array.size();
    append(&count, sizeof count);
    append(array.data(), count * sizeof(T));
  }
  void append(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(data);
    out.insert(out.end(), bytes, bytes + size);
  }
  std::vector<std::byte> out;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  template <class T>
  void operator()(const char* name, std::vector<T>& array) {
    std::uint64_t count = 0;
    if (bad_ != nullptr) return;
    if (!take(&count, sizeof count) || count > left_.size() / sizeof(T)) {
      bad_ = name;
      return;
    }
    fill_blocks(array, count, T{}, [this, &array](std::size_t from, std::size_t to) {
      static_cast<void>(take(array.data() + from, (to - from) * sizeof(T)));
    });
  }
  bool take(void* into, std::size_t size) {
    if (left_.size() < size) return false;
    std::memcpy(into, left_.data(), size);
    left_ = left_.subspan(size);
    return true;
  }
  [[nodiscard]] const char* bad() const { return bad_; }
  [[nodiscard]] bool done() const { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
  const char* bad_ = nullptr;
};

}  // namespace

std::vector<std::byte> encode(const Tables& tables) {
  Writer writer;
  writer.append(&kMagic, sizeof kMagic);
  writer.append(&kVersion, sizeof kVersion);
  each_array(tables, writer);
  return std::move(writer.out);
}

Result<Tables> decode(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  std::uint32_t head[2] = {};
  if (!reader.take(head, sizeof head) || head[0] != kMagic) {
    return fail(ErrorCode::Malformed, "these bytes are not decision tables", "tables");
  }
  if (head[1] != kVersion) {
    return fail(ErrorCode::Unsupported,
                fmt::format("decision tables of version {}, this engine reads version {}", head[1],
                            kVersion),
                "tables");
  }
  Tables tables;
  each_array(tables, reader);
  if (reader.bad() != nullptr) {
    return fail(ErrorCode::Malformed, fmt::format("array `{}` is cut short", reader.bad()),
                "tables");
  }
  if (!reader.done()) {
    return fail(ErrorCode::Malformed, "bytes follow the last array", "tables");
  }
  return tables;
}

std::string print(const Tables& tables) {
  std::string out;
  each_array(tables, [&out](const char* name, const auto& array) {
    out += fmt::format("{:<16} {:>10} × {} bytes\n", name, array.size(), sizeof(array[0]));
  });
  return out;
}

}  // namespace writ::tables
