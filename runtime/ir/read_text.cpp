#include "runtime/ir/read_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <type_traits>

#include <fmt/format.h>

#include "runtime/ir/builder.h"
#include "runtime/ir/words.h"

namespace writ::ir {
namespace {

/// Reads one field's text from the front; once something is wrong it stays wrong.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_[0]; }
  void fail() { failed_ = true; }
  bool skip(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  /// Up to a space, a comma or a closing bracket.
  std::string_view word() {
    const std::size_t end = std::min(text_.find_first_of(" ,]"), text_.size());
    const std::string_view word = text_.substr(0, end);
    text_.remove_prefix(end);
    return word;
  }
  template <class Integer>
  Integer integer() {
    const std::string_view digits = word();
    Integer value{};
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (status != std::errc() || end != digits.data() + digits.size()) fail();
    return value;
  }
  std::string quoted();

 private:
  std::string_view text_;
  bool failed_ = false;
};

std::string Cursor::quoted() {
  std::string out;
  if (!skip("\"")) fail();
  while (!failed_ && !skip("\"")) {
    if (text_.empty()) fail();
    if (failed_) break;
    if (!skip("\\")) {
      out += text_[0];
      text_.remove_prefix(1);
    } else if (skip("n")) {
      out += '\n';
    } else if (skip("r")) {
      out += '\r';
    } else if (skip("t")) {
      out += '\t';
    } else if (skip("u{")) {
      unsigned code = 0;
      const std::size_t end = text_.find('}');
      const std::string_view digits = text_.substr(0, end);
      std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (end == std::string_view::npos || code > 0x7F) fail();
      text_.remove_prefix(end == std::string_view::npos ? 0 : end + 1);
      out += static_cast<char>(code);
    } else if (!text_.empty()) {
      out += text_[0];
      text_.remove_prefix(1);
    }
  }
  return out;
}

Type read_type(Cursor& cursor) {
  Type type;
  std::string_view word = cursor.word();
  const auto strip = [&word](char last) {
    if (word.empty() || word.back() != last) return false;
    word.remove_suffix(1);
    return true;
  };
  type.optional = strip('?');
  if (word.starts_with('{')) {
    type.set = true;
    word.remove_prefix(1);
    if (!strip('}')) cursor.fail();
  }
  if (word.starts_with("Enum:")) {
    const std::string_view number = word.substr(5);
    std::from_chars(number.data(), number.data() + number.size(), type.enumeration);
    word = "Enum";
  }
  const auto& words = kWords<TypeKind>;
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) cursor.fail();
  else type.kind = static_cast<TypeKind>(found - words.begin());
  return type;
}

Value read_scalar(Cursor& cursor, Type type) {
  Value value{type, 0, {}, {}, {}};
  switch (type.kind) {
    case TypeKind::String: value.text = cursor.quoted(); return value;
    case TypeKind::Ip: {
      const auto ip = parse_ip(cursor.word());
      if (!ip) cursor.fail();
      else value = Value::of_ip(*ip);
      return value;
    }
    case TypeKind::Cidr: {
      const auto cidr = parse_cidr(cursor.word(), HostBits::Refuse);
      if (!cidr) cursor.fail();
      else value = Value::of_cidr(*cidr);
      return value;
    }
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: value.integer = cursor.integer<std::int64_t>();
  }
  return value;
}

/// Calls item() for each entry of `[a, b]`.
template <class Item>
void read_list(Cursor& cursor, Item item) {
  if (!cursor.skip("[")) cursor.fail();
  if (cursor.skip("]")) return;
  while (!cursor.failed()) {
    item();
    if (cursor.skip("]")) return;
    if (!cursor.skip(", ")) cursor.fail();
  }
}

Value read_value(Cursor& cursor, Type type) {
  if (!type.set) return read_scalar(cursor, type);
  Value set{type, 0, {}, {}, {}};
  read_list(cursor, [&] { set.elements.push_back(read_scalar(cursor, type.element())); });
  return set;
}

struct Field {
  std::string_view name;
  std::string_view text;
};
struct Line {
  std::size_t number = 0;
  bool header = false;
  std::string_view head;  // a store's name, or a row's own number
  std::string_view rest;  // of a header: its count or value
  std::vector<Field> fields;
};

/// The end of a field's text: a space outside of quotes and brackets.
std::size_t field_end(std::string_view text) {
  bool quoted = false;
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']') {
      --depth;
    } else if (c == ' ' && depth == 0) {
      return at;
    }
  }
  return text.size();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

std::vector<Line> split(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    Line line{number, !row.starts_with(' '), {}, {}, {}};
    row = trimmed(row);
    if (row.empty() || row.starts_with("//")) continue;
    line.head = row.substr(0, row.find(' '));
    row = trimmed(row.substr(line.head.size()));
    line.rest = row;
    while (!line.header && !row.empty() && !row.starts_with("//")) {
      const std::size_t equals = std::min(row.find('='), row.size());
      const std::string_view name = row.substr(0, equals);
      row.remove_prefix(std::min(equals + 1, row.size()));
      const std::size_t length = field_end(row);
      line.fields.push_back({name, row.substr(0, length)});
      row = trimmed(row.substr(length));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The archive of stores.h that takes its columns from lines.
class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(split(text)) {}

  void id(const char* name, StringId& id) {
    if (const Line* line = header(name)) read(Cursor(line->rest), id);
  }
  void number(const char* name, std::uint32_t& value) {
    if (const Line* line = header(name)) read(Cursor(line->rest), value);
  }
  void texts(const char*, std::vector<std::string>&) {}
  template <class Row>
  void rows(const char* name, std::vector<Row>& rows) {
    std::string word = name;
    std::ranges::replace(word, ' ', '-');
    begin_ = at_;
    const Line* line = header(word);
    if (line == nullptr) return;
    std::size_t count = 0;
    read(Cursor(line->rest), count);
    begin_ = at_;
    while (at_ < lines_.size() && !lines_[at_].header) ++at_;
    if (at_ - begin_ != count) return fail(line->number);
    rows.resize(count);
  }
  template <class Row, class... Fields>
  void packed(const char* name, std::vector<Row>& all, Fields... fields) {
    rows(name, all);
    (column(fields.name, all, fields.member), ...);
  }
  template <class Row, class Get>
  void column(const char* name, std::vector<Row>& rows, Get get, std::uint64_t /*limit*/ = 0) {
    each(name, rows, [&](Row& row, Cursor cursor) { read(cursor, std::invoke(get, row)); });
  }
  template <class Row, class Get>
  void lists(const char* name, std::vector<Row>& rows, Get get) {
    each(name, rows, [&](Row& row, Cursor cursor) {
      auto& items = std::invoke(get, row);
      read_list(cursor, [&] { read_one(cursor, items.emplace_back()); });
      settle(cursor);
    });
  }
  template <class T>
  void list(const char* name, std::vector<T>& items) {
    rows(name, items);
    column("id", items, std::identity{});
  }
  template <class Row, class Get>
  void types(const char* name, std::vector<Row>& rows, Get get) {
    each(name, rows, [&](Row& row, Cursor cursor) {
      std::invoke(get, row) = read_type(cursor);
      settle(cursor);
    });
  }
  template <class Row, class Get>
  void cidrs(const char* name, std::vector<Row>& rows, Get get) {
    each(name, rows, [&](Row& row, Cursor cursor) {
      std::invoke(get, row) = read_scalar(cursor, kCidr).cidr;
      settle(cursor);
    });
  }
  void values(const char* name, std::vector<Value>& values) {
    rows(name, values);
    types("type", values, &Value::type);
    each("value", values, [&](Value& value, Cursor cursor) {
      value = read_value(cursor, value.type);
      settle(cursor);
    });
  }
  void named_values(const char* name, std::vector<Facts>& facts) {
    each(name, facts, [&](Facts& row, Cursor cursor) {
      read_list(cursor, [&] {
        const AttributeId id(cursor.integer<std::uint32_t>());
        if (!cursor.skip(" ")) cursor.fail();
        const Type type = read_type(cursor);
        if (!cursor.skip(" ")) cursor.fail();
        row.values.emplace_back(id, read_value(cursor, type));
      });
      settle(cursor);
    });
  }
  Result<Program> finish(Program program) {
    if (wrong_ == 0 && at_ < lines_.size()) wrong_ = lines_[at_].number;
    if (wrong_ != 0) {
      return writ::fail(ErrorCode::Malformed, "this line is not one of a program's text form",
                        fmt::format("line {}", wrong_));
    }
    program.strings = std::move(strings_.program().strings);
    return program;
  }

 private:
  const Line* header(std::string_view name) {
    if (at_ >= lines_.size() || lines_[at_].head != name || !lines_[at_].header) return nullptr;
    return &lines_[at_++];
  }
  template <class Row, class Use>
  void each(std::string_view name, std::vector<Row>& rows, Use use) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      line_ = lines_[begin_ + row].number;
      for (const Field& field : lines_[begin_ + row].fields) {
        if (field.name == name) use(rows[row], Cursor(field.text));
      }
    }
  }
  template <class T>
  void read(Cursor cursor, T& value) {
    read_one(cursor, value);
    settle(cursor);
  }
  template <class T>
  void read_one(Cursor& cursor, T& value) {
    if constexpr (std::is_same_v<T, StringId>) {
      value = strings_.string(cursor.quoted());
    } else if constexpr (std::is_same_v<T, bool>) {
      const std::string_view word = cursor.word();
      value = word == "true";
      if (word != "true" && word != "false") cursor.fail();
    } else if constexpr (std::is_enum_v<T>) {
      const auto found = std::ranges::find(kWords<T>, cursor.word());
      if (found == kWords<T>.end()) return cursor.fail();
      value = static_cast<T>(found - kWords<T>.begin());
    } else if constexpr (std::is_integral_v<T>) {
      value = cursor.integer<T>();
    } else {
      value = T(cursor.integer<std::uint32_t>());
    }
  }
  void settle(const Cursor& cursor) {
    if (cursor.failed() || !cursor.at_end()) fail(line_);
  }
  void fail(std::size_t line) {
    if (wrong_ == 0) wrong_ = std::max<std::size_t>(line, 1);
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;     // the next line
  std::size_t begin_ = 0;  // the first row of the store at hand
  std::size_t line_ = 0;   // being read
  std::size_t wrong_ = 0;  // the first line that is wrong; 0: none
  Builder strings_;
};

}  // namespace

Result<Program> read_text(std::string_view text) {
  Reader reader(text);
  Program program;
  each_store(reader, program);
  return reader.finish(std::move(program));
}

}  // namespace writ::ir
