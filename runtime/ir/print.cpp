#include "runtime/ir/print.h"

#include <type_traits>

#include <fmt/format.h>

#include "runtime/ir/words.h"

namespace writ::ir {
namespace {

std::string quoted(std::string_view text) { return to_text(Value::of_text(std::string(text))); }

std::string type_text(const Type& type) {
  std::string text(kWords<TypeKind>[static_cast<std::size_t>(type.kind)]);
  if (type.kind == TypeKind::Enum) text += fmt::format(":{}", type.enumeration);
  if (type.set) text = "{" + text + "}";
  return type.optional ? text + "?" : text;
}

/// A constant without its type: numbers as numbers, so that nothing is rounded.
std::string raw_text(const Value& value) {
  if (value.type.set) {
    std::string text;
    for (const Value& element : value.elements) {
      if (!text.empty()) text += ", ";
      text += raw_text(element);  // an element is a scalar
    }
    return "[" + text + "]";
  }
  switch (value.type.kind) {
    case TypeKind::String: return quoted(value.text);
    case TypeKind::Ip: return to_text(value.cidr.base);
    case TypeKind::Cidr: return to_text(value.cidr);
    case TypeKind::None:
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Time:
    case TypeKind::Duration:
    case TypeKind::Version:
    case TypeKind::Enum: return fmt::format("{}", value.integer);
  }
  return {};
}

/// Gathers the columns of a store and prints them row by row. Texts are printed where they are
/// used, fields that say nothing (none, 0, empty) are left out.
class Printer {
 public:
  explicit Printer(const Program& program) : program_(program) {}

  void id(const char* name, StringId id) {
    out_ += fmt::format("{} {}\n", name, quoted(program_.text(id)));
  }
  void number(const char* name, std::uint32_t value) {
    out_ += fmt::format("{} {}\n", name, value);
  }
  void texts(const char*, const std::vector<std::string>&) {}
  template <class Row>
  void rows(const char* name, const std::vector<Row>& rows) {
    flush();
    if (rows.empty()) return;
    std::string word = name;
    for (char& c : word) {
      if (c == ' ') c = '-';
    }
    out_ += fmt::format("{} {}\n", word, rows.size());
    lines_.resize(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) comment(at, rows[at]);
  }
  template <class Row, class... Fields>
  void packed(const char* name, const std::vector<Row>& all, Fields... fields) {
    rows(name, all);
    (column(fields.name, all, fields.member), ...);
  }
  template <class Row, class Field>
  void column(const char* name, const std::vector<Row>& rows, Field field,
              std::uint64_t /*limit*/ = 0) {
    const Row initial{};
    for (std::size_t at = 0; at < rows.size(); ++at) {
      const auto& value = std::invoke(field, rows[at]);
      if (value != std::invoke(field, initial)) put(at, name, field_text(value));
    }
  }
  template <class Row, class Field>
  void lists(const char* name, const std::vector<Row>& rows, Field field) {
    for (std::size_t at = 0; at < rows.size(); ++at) {
      const auto& items = std::invoke(field, rows[at]);
      std::string text;
      for (const auto& item : items) {
        if (!text.empty()) text += ", ";
        text += field_text(item);
      }
      if (!items.empty()) put(at, name, "[" + text + "]");
    }
  }
  template <class T>
  void list(const char* name, const std::vector<T>& items) {
    rows(name, items);
    column("id", items, std::identity{});
  }
  template <class Row, class Field>
  void types(const char* name, const std::vector<Row>& rows, Field field) {
    for (std::size_t at = 0; at < rows.size(); ++at) {
      put(at, name, type_text(std::invoke(field, rows[at])));
    }
  }
  template <class Row, class Field>
  void cidrs(const char* name, const std::vector<Row>& rows, Field field) {
    for (std::size_t at = 0; at < rows.size(); ++at) {
      const Cidr& cidr = std::invoke(field, rows[at]);
      if (cidr != Cidr{}) put(at, name, to_text(cidr));
    }
  }
  void values(const char* name, const std::vector<Value>& values) {
    rows(name, values);
    for (std::size_t at = 0; at < values.size(); ++at) {
      put(at, "type", type_text(values[at].type));
      put(at, "value", raw_text(values[at]));
    }
  }
  void named_values(const char* name, const std::vector<Facts>& facts) {
    for (std::size_t at = 0; at < facts.size(); ++at) {
      std::string text;
      for (const auto& [attribute, value] : facts[at].values) {
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {} {}", attribute.index, type_text(value.type), raw_text(value));
      }
      if (!text.empty()) put(at, name, "[" + text + "]");
    }
  }
  std::string take() {
    flush();
    return std::move(out_);
  }

 private:
  struct Line {
    std::string fields;
    std::string comment;
  };
  void put(std::size_t at, const char* name, const std::string& text) {
    lines_[at].fields += fmt::format(" {}={}", name, text);
  }
  void flush() {
    for (std::size_t at = 0; at < lines_.size(); ++at) {
      out_ += fmt::format("  {}{}", at, lines_[at].fields);
      if (!lines_[at].comment.empty()) out_ += "  // " + lines_[at].comment;
      out_ += '\n';
    }
    lines_.clear();
  }
  template <class T>
  std::string field_text(const T& value) const {
    if constexpr (std::is_same_v<T, StringId>) {
      return quoted(program_.text(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
      return std::string(kWords<T>[static_cast<std::size_t>(value)]);
    } else if constexpr (std::is_integral_v<T>) {
      return fmt::format("{}", value);
    } else {
      return fmt::format("{}", value.index);
    }
  }
  template <class Row>
  void comment(std::size_t at, const Row& row) {
    if constexpr (std::is_same_v<Row, Grant>) lines_[at].comment = grant_text(program_, row);
    if constexpr (std::is_same_v<Row, Subject>) {
      lines_[at].comment = subject_text(program_, SubjectId(at));
    }
    if constexpr (std::is_same_v<Row, Condition>) {
      lines_[at].comment = condition_text(program_, ConditionId(at));
    }
  }

  const Program& program_;
  std::string out_;
  std::vector<Line> lines_;
};

}  // namespace

std::string print(const Program& program) {
  Printer printer(program);
  each_store(printer, program);
  return printer.take();
}

}  // namespace writ::ir
