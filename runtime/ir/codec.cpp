#include "runtime/ir/codec.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "runtime/base/bytes.h"
#include "runtime/base/memory.h"
#include "runtime/ir/packed.h"
#include "runtime/ir/stores.h"

namespace writ::ir {
namespace {

constexpr std::uint32_t kMagic = 0x5249'5457;  // WTIR
constexpr std::uint32_t kVersion = 3;
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// How a field is stored: ids as their index, enums and flags as a byte, integers as they are.
template <class T>
struct Stored {
  using Integer = T;
  static Integer get(T value) { return value; }
  static T make(Integer value) { return value; }
};
template <class Tag>
struct Stored<Id<Tag>> {
  using Integer = std::uint32_t;
  static Integer get(Id<Tag> id) { return id.index; }
  static Id<Tag> make(Integer index) { return Id<Tag>(index); }
};
template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<Id<Tag>> = true;
template <class T>
  requires std::is_enum_v<T>
struct Stored<T> {
  using Integer = std::underlying_type_t<T>;
  static Integer get(T value) { return static_cast<Integer>(value); }
  static T make(Integer value) { return static_cast<T>(value); }
};
template <>
struct Stored<bool> {
  using Integer = std::uint8_t;
  static Integer get(bool value) { return value ? 1 : 0; }
  static bool make(Integer value) { return value != 0; }
};

// How a field is packed: ids as one more than their index, so that none is zero.
template <class T>
std::uint32_t to_packed(T value) {
  static_assert(sizeof(typename Stored<T>::Integer) <= sizeof(std::uint32_t));
  const auto stored = static_cast<std::uint32_t>(Stored<T>::get(value));
  return is_id<T> ? stored + 1 : stored;
}
template <class T>
void from_packed(T& field, std::uint32_t value) {
  const std::uint32_t stored = is_id<T> ? value - 1 : value;
  field = Stored<T>::make(static_cast<typename Stored<T>::Integer>(stored));
}

class Writer {
 public:
  void number(const char*, std::uint32_t value) { bytes_.integer(value); }
  void id(const char*, StringId id) { bytes_.integer(id.index); }
  template <class Row>
  void rows(const char*, const std::vector<Row>& rows) {
    bytes_.integer(static_cast<std::uint32_t>(rows.size()));
  }
  template <class Row, class Field>
  void column(const char*, const std::vector<Row>& rows, Field field,
              std::uint64_t /*limit*/ = kNoLimit) {
    using T = std::remove_cvref_t<std::invoke_result_t<Field, const Row&>>;
    using Integer = typename Stored<T>::Integer;
    std::byte* at = bytes_.room<Integer>(rows.size());
    for (const Row& row : rows) {
      store_integer(at, Stored<T>::get(std::invoke(field, row)));
      at += sizeof(Integer);
    }
  }
  template <class Row, class Field>
  void lists(const char* name, const std::vector<Row>& rows, Field field) {
    for (const Row& row : rows) {
      bytes_.integer(static_cast<std::uint32_t>(std::invoke(field, row).size()));
    }
    for (const Row& row : rows) column(name, std::invoke(field, row), std::identity{});
  }
  template <class Row, class Field>
  void types(const char* name, const std::vector<Row>& rows, Field field) {
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).kind; },
           kTypeKinds);
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).optional; }, 2);
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).set; }, 2);
    column(name, rows,
           [field](auto& row) -> auto& { return std::invoke(field, row).enumeration; });
  }
  template <class Row, class Field>
  void cidrs(const char* name, const std::vector<Row>& rows, Field field) {
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).base.high; });
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).base.low; });
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).bits; });
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).v4; }, 2);
  }
  template <class T>
  void list(const char* name, const std::vector<T>& items) {
    rows(name, items);
    column(name, items, std::identity{});
  }
  void texts(const char* name, const std::vector<std::string>& texts) {
    rows(name, texts);
    std::byte* at = bytes_.room<std::uint32_t>(texts.size());
    for (const std::string& text : texts) {
      store_integer(at, static_cast<std::uint32_t>(text.size()));
      at += sizeof(std::uint32_t);
    }
    for (const std::string& text : texts) bytes_.text(text);
  }
  void values(const char* name, const std::vector<Value>& values) {
    rows(name, values);
    for (const Value& value : values) typed(value);
  }
  void named_values(const char*, const std::vector<Facts>& facts) {
    for (const Facts& row : facts) {
      bytes_.integer(static_cast<std::uint32_t>(row.values.size()));
      for (const auto& [attribute, value] : row.values) {
        bytes_.integer(attribute.index);
        typed(value);
      }
    }
  }
  template <class Row, class Head, class... Fields>
  void packed(const char* name, const std::vector<Row>& all, Head head, Fields... fields) {
    rows(name, all);
    column(name, all, head.member);
    std::vector<std::uint32_t> values(all.size());
    const auto write = [&](const auto& field) {
      std::ranges::transform(all, values.begin(), [&field](const Row& row) {
        return to_packed(std::invoke(field.member, row));
      });
      write_packed(bytes_, values);
    };
    (write(fields), ...);
  }
  [[nodiscard]] std::vector<std::byte> take() { return bytes_.take(); }

 private:
  void typed(const Value& value) {
    bytes_.integer(static_cast<std::uint8_t>(value.type.kind));
    const unsigned flags = (value.type.optional ? 1U : 0U) | (value.type.set ? 2U : 0U);
    bytes_.integer(static_cast<std::uint8_t>(flags));
    bytes_.integer(value.type.enumeration);
    if (!value.type.set) return scalar(value);
    bytes_.integer(static_cast<std::uint32_t>(value.elements.size()));
    for (const Value& element : value.elements) scalar(element);
  }
  void scalar(const Value& value) {
    switch (value.type.kind) {
      case TypeKind::String:
        bytes_.integer(static_cast<std::uint32_t>(value.text.size()));
        bytes_.text(value.text);
        return;
      case TypeKind::Ip:
      case TypeKind::Cidr:
        bytes_.integer(value.cidr.base.high);
        bytes_.integer(value.cidr.base.low);
        bytes_.integer(value.cidr.bits);
        bytes_.integer(static_cast<std::uint8_t>(value.cidr.v4));
        return;
      case TypeKind::None:
      case TypeKind::Bool:
      case TypeKind::Int:
      case TypeKind::Time:
      case TypeKind::Duration:
      case TypeKind::Version:
      case TypeKind::Enum: bytes_.integer(value.integer);
    }
  }
  ByteWriter bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  void number(const char* name, std::uint32_t& value) {
    store_ = name;
    value = bytes_.integer<std::uint32_t>();
  }
  void id(const char* name, StringId& id) { number(name, id.index); }
  template <class Row>
  void rows(const char* name, std::vector<Row>& rows) {
    if (!bytes_.failed()) store_ = name;
    const auto count = bytes_.integer<std::uint32_t>();
    // Each row has a byte at least: a count that the bytes cannot hold is refused before any
    // memory is asked for.
    if (count > bytes_.left()) return bytes_.fail();
    rows.resize(count);
  }
  template <class Row, class Field>
  void column(const char*, std::vector<Row>& rows, Field field, std::uint64_t limit = kNoLimit) {
    using T = std::remove_cvref_t<std::invoke_result_t<Field, Row&>>;
    using Integer = typename Stored<T>::Integer;
    const std::byte* at = bytes_.column<Integer>(rows.size());
    if (at == nullptr) return;
    for (Row& row : rows) {
      const auto value = load_integer<Integer>(at);
      if (limit != kNoLimit && static_cast<std::uint64_t>(value) >= limit) return bytes_.fail();
      std::invoke(field, row) = Stored<T>::make(value);
      at += sizeof(Integer);
    }
  }
  template <class Row, class Field>
  void lists(const char* name, std::vector<Row>& rows, Field field) {
    const std::byte* at = bytes_.column<std::uint32_t>(rows.size());
    if (at == nullptr) return;
    for (Row& row : rows) {
      auto& list_of = std::invoke(field, row);
      const auto count = load_integer<std::uint32_t>(at);
      at += sizeof(std::uint32_t);
      if (count > bytes_.left()) return bytes_.fail();
      list_of.resize(count);
      column(name, list_of, std::identity{});
      if (bytes_.failed()) return;
    }
  }
  template <class Row, class Field>
  void types(const char* name, std::vector<Row>& rows, Field field) {
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).kind; },
           kTypeKinds);
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).optional; }, 2);
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).set; }, 2);
    column(name, rows,
           [field](auto& row) -> auto& { return std::invoke(field, row).enumeration; });
  }
  template <class Row, class Field>
  void cidrs(const char* name, std::vector<Row>& rows, Field field) {
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).base.high; });
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).base.low; });
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).bits; });
    column(name, rows, [field](auto& row) -> auto& { return std::invoke(field, row).v4; }, 2);
  }
  template <class T>
  void list(const char* name, std::vector<T>& items) {
    rows(name, items);
    column(name, items, std::identity{});
  }
  void texts(const char* name, std::vector<std::string>& texts) {
    rows(name, texts);
    const std::byte* at = bytes_.column<std::uint32_t>(texts.size());
    if (at == nullptr) return;
    for (std::string& text : texts) {
      text = bytes_.text(load_integer<std::uint32_t>(at));
      at += sizeof(std::uint32_t);
    }
  }
  void values(const char* name, std::vector<Value>& values) {
    rows(name, values);
    for (Value& value : values) {
      typed(value);
      if (bytes_.failed()) return;
    }
  }
  void named_values(const char*, std::vector<Facts>& facts) {
    for (Facts& row : facts) {
      const auto count = bytes_.integer<std::uint32_t>();
      if (count > bytes_.left()) return bytes_.fail();
      row.values.resize(count);
      for (auto& [attribute, value] : row.values) {
        attribute = AttributeId(bytes_.integer<std::uint32_t>());
        typed(value);
        if (bytes_.failed()) return;
      }
    }
  }
  template <class Row, class Head, class... Fields>
  void packed(const char* name, std::vector<Row>& all, Head head, Fields... fields) {
    if (!bytes_.failed()) store_ = name;
    const auto count = bytes_.integer<std::uint32_t>();
    const std::byte* heads = bytes_.column<std::uint8_t>(count);
    std::array<PackedColumn, sizeof...(Fields)> columns;
    for (PackedColumn& column : columns) column.open(bytes_, count);
    if (bytes_.failed()) return;
    bool good = true;
    const auto set = [&good](Row& row, const auto& field, std::uint32_t value) {
      good = good && value < field.limit;
      from_packed(std::invoke(field.member, row), value);
    };
    Row initial;
    std::size_t at = 0;
    const auto begin = [&](const auto& field) {
      const PackedColumn& column = columns[at++];
      if (column.same() && count != 0) set(initial, field, column.first());
    };
    (begin(fields), ...);
    fill_blocks(all, count, initial, [&](std::size_t from, std::size_t to) {
      for (std::size_t row = from; row < to; ++row) {
        set(all[row], head, load_integer<std::uint8_t>(heads + row));
      }
      std::size_t next = 0;
      const auto read = [&](const auto& field) {
        columns[next++].read(from, to, [&](std::size_t row, std::uint32_t value) {
          set(all[row], field, value);
        });
      };
      (read(fields), ...);
    });
    for (const PackedColumn& column : columns) good = good && column.right();
    if (!good) bytes_.fail();
  }
  [[nodiscard]] bool failed() const { return bytes_.failed(); }
  [[nodiscard]] std::size_t left() const { return bytes_.left(); }
  [[nodiscard]] Error error() const {
    return {ErrorCode::Malformed,
            fmt::format("the program ends early or holds an impossible number in its {}", store_),
            fmt::format("{}, byte {}", store_, bytes_.offset())};
  }

 private:
  void typed(Value& value) {
    const auto kind = bytes_.integer<std::uint8_t>();
    const auto flags = bytes_.integer<std::uint8_t>();
    value.type.enumeration = bytes_.integer<std::uint16_t>();
    if (kind >= kTypeKinds || flags > 3) return bytes_.fail();
    value.type.kind = static_cast<TypeKind>(kind);
    value.type.optional = (flags & 1) != 0;
    value.type.set = (flags & 2) != 0;
    if (!value.type.set) return scalar(value);
    const auto count = bytes_.integer<std::uint32_t>();
    // An element takes four bytes at least.
    if (count > bytes_.left() / 4) return bytes_.fail();
    value.elements.resize(count);
    for (Value& element : value.elements) {
      element.type = value.type.element();
      scalar(element);
      if (bytes_.failed()) return;
    }
  }
  void scalar(Value& value) {
    switch (value.type.kind) {
      case TypeKind::String: value.text = bytes_.text(bytes_.integer<std::uint32_t>()); return;
      case TypeKind::Ip:
      case TypeKind::Cidr: {
        value.cidr.base.high = bytes_.integer<std::uint64_t>();
        value.cidr.base.low = bytes_.integer<std::uint64_t>();
        value.cidr.bits = bytes_.integer<std::uint8_t>();
        const auto v4 = bytes_.integer<std::uint8_t>();
        if (v4 > 1) return bytes_.fail();
        value.cidr.v4 = v4 != 0;
        return;
      }
      case TypeKind::None:
      case TypeKind::Bool:
      case TypeKind::Int:
      case TypeKind::Time:
      case TypeKind::Duration:
      case TypeKind::Version:
      case TypeKind::Enum: value.integer = bytes_.integer<std::int64_t>();
    }
  }
  ByteReader bytes_;
  const char* store_ = "header";
};

}  // namespace

std::vector<std::byte> encode(const Program& program) {
  Writer writer;
  writer.number("magic", kMagic);
  writer.number("version", kVersion);
  each_store(writer, program);
  return writer.take();
}

Result<Program> decode(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  reader.number("header", magic);
  reader.number("header", version);
  if (reader.failed() || magic != kMagic) {
    return fail(ErrorCode::Malformed, "this is not a program", "header, byte 0");
  }
  if (version != kVersion) {
    return fail(ErrorCode::Unsupported,
                fmt::format("the program is of format {}, this engine reads {}", version, kVersion),
                "header, byte 4");
  }
  Program program;
  each_store(reader, program);
  if (reader.failed()) return std::unexpected(reader.error());
  if (reader.left() != 0) {
    return fail(ErrorCode::Malformed,
                fmt::format("{} bytes follow the end of the program", reader.left()),
                fmt::format("end, byte {}", bytes.size() - reader.left()));
  }
  return program;
}

}  // namespace writ::ir
