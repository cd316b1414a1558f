// The text form. Each file has a section: a head with the place, then the lines that labels speak
// of, each underlined (`^` the mistake, `-` what is related), with `...` where lines are left out.
#include "compiler/diag/diag.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace writ::diag {
namespace {

// A line is shown through a window of this many characters, so that a token of 64 KiB does not
// fill the terminal.
constexpr std::size_t kWindowMax = 160;
constexpr std::size_t kWindowBefore = 40;
constexpr std::string_view kTab = "    ";

enum class Style : std::uint8_t { Plain, Error, Warning, Frame, Related, Bold };

std::string paint(Style style, const std::string& text, Colour colour) {
  if (colour == Colour::Off || text.empty())
    return text;
  switch (style) {
    case Style::Plain:
      return text;
    case Style::Error:
      return "\x1b[1;31m" + text + "\x1b[0m";
    case Style::Warning:
      return "\x1b[1;33m" + text + "\x1b[0m";
    case Style::Frame:
      return "\x1b[1;34m" + text + "\x1b[0m";
    case Style::Related:
      return "\x1b[1;36m" + text + "\x1b[0m";
    case Style::Bold:
      return "\x1b[1m" + text + "\x1b[0m";
  }
  return text;
}

/// Splits UTF-8 into characters as the terminal may see them: a tab is four blanks, a control or
/// bidirectional character a replacement, so that policy text cannot move the cursor.
std::vector<std::string> visible(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view one = text.substr(at, length);
    const bool control =
        lead < 0x20 || lead == 0x7F || (lead == 0xC2 && static_cast<unsigned char>(one[1]) < 0xA0);
    const bool bidi = (one >= "\u200E" && one <= "\u200F") ||
                      (one >= "\u202A" && one <= "\u202E") || (one >= "\u2066" && one <= "\u2069");
    if (one == "\t") {
      out.emplace_back(kTab);
    } else {
      out.emplace_back(control || (length == 3 && bidi) ? "\uFFFD" : std::string(one));
    }
    at += length;
  }
  return out;
}

std::string flat(std::string_view text) {
  std::string all;
  for (const std::string& one : visible(text))
    all += one;
  return all;
}

/// How many bytes the first `count` characters of the text take.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    do {
      ++at;
    } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return at;
}

struct Mark {
  source::Position begin;
  source::Position end;
  std::string text;
  bool primary = false;
};

class Section {
 public:
  Section(const source::SourceSet& sources, source::FileId file, std::size_t gutter, Style main,
          Colour colour)
      : sources_(sources), file_(file), gutter_(gutter), main_(main), colour_(colour) {}

  void add(const Label& label, bool primary) {
    const auto [file, begin, end] = label.span;
    marks_.push_back({sources_.position(file, begin), sources_.position(file, std::max(begin, end)),
                      label.text, primary});
  }

  std::string render(std::string_view arrow) {
    const source::Position head = marks_.front().begin;
    std::string out = std::string(gutter_, ' ') + paint(Style::Frame, std::string(arrow), colour_);
    out += fmt::format(" {}:{}:{}\n", flat(sources_.file(file_).display), head.line, head.column);
    out += frame("") + "\n";
    std::ranges::stable_sort(marks_, [](const Mark& a, const Mark& b) {
      return std::pair(a.begin.line, a.begin.column) < std::pair(b.begin.line, b.begin.column);
    });
    std::uint32_t shown = 0;
    for (const Mark& mark : marks_) {
      if (shown != 0 && mark.begin.line > shown + 1)
        out += paint(Style::Frame, "...", colour_) + "\n";
      if (mark.begin.line > shown)
        out += source_line(mark.begin.line, mark.begin.column);
      shown = std::max(shown, mark.begin.line);
      out += underline(mark);
      if (mark.end.line > mark.begin.line + 1)
        out += paint(Style::Frame, "...", colour_) + "\n";
    }
    return out;
  }

 private:
  std::string frame(const std::string& number) const {
    return paint(Style::Frame, fmt::format("{:>{}} |", number, gutter_), colour_);
  }

  /// Puts the part of the line that is shown into `shown_`: a line may be as long as a file.
  void look_at(std::uint32_t number, std::size_t column) {
    std::string_view rest = sources_.line(file_, number);
    window_ = 0;
    if (rest.size() > kWindowMax && column > kWindowBefore) {
      window_ = column - kWindowBefore;
      rest.remove_prefix(bytes_of(rest, window_));
    }
    const std::size_t bytes = bytes_of(rest, kWindowMax);
    more_ = bytes < rest.size();
    shown_ = visible(rest.substr(0, bytes));
  }

  std::string source_line(std::uint32_t number, std::size_t column) {
    look_at(number, column);
    std::string text = window_ > 0 ? "…" : "";
    for (const std::string& one : shown_)
      text += one;
    if (more_)
      text += "…";
    return frame(std::to_string(number)) + (text.empty() ? "" : " " + text) + "\n";
  }

  std::string underline(const Mark& mark) const {
    const std::size_t end = window_ + shown_.size();
    const std::size_t from = std::max<std::size_t>(mark.begin.column - 1, window_);
    // A mark over several lines is drawn to the end of its first.
    std::size_t to = mark.end.line > mark.begin.line ? end : mark.end.column - 1;
    to = std::max(std::min(to, end), from + 1);
    const std::size_t indent = width(0, from - window_) + (window_ > 0 ? 1 : 0);
    std::string signs(std::max<std::size_t>(1, width(from - window_, to - window_)),
                      mark.primary ? '^' : '-');
    if (!mark.text.empty())
      signs += " " + flat(mark.text);
    return frame("") + " " + std::string(indent, ' ') +
           paint(mark.primary ? main_ : Style::Related, signs, colour_) + "\n";
  }

  /// Columns that characters of the window take; one behind its end takes one.
  [[nodiscard]] std::size_t width(std::size_t begin, std::size_t end) const {
    std::size_t sum = 0;
    for (std::size_t at = begin; at < end; ++at)
      sum += at < shown_.size() && shown_[at] == kTab ? kTab.size() : 1;
    return sum;
  }

  const source::SourceSet& sources_;
  source::FileId file_;
  std::size_t gutter_;
  Style main_;
  Colour colour_;
  std::size_t window_ = 0;  // characters of the line before what is shown
  bool more_ = false;       // and some behind it
  std::vector<std::string> shown_;
  std::vector<Mark> marks_;
};

std::string head_line(Code code, const std::string& message, Colour colour) {
  const bool error = severity(code) == Severity::Error;
  const std::string head = fmt::format("{}[{}]", error ? "error" : "warning", code_text(code));
  return paint(error ? Style::Error : Style::Warning, head, colour) +
         paint(Style::Bold, ": " + flat(message), colour) + "\n";
}

}  // namespace

std::string render_text(const Diag& diag, const source::SourceSet& sources, Colour colour) {
  std::string out = head_line(diag.code, diag.message, colour);
  std::vector<std::pair<Label, bool>> labels{{diag.primary, true}};
  for (const Label& label : diag.related)
    labels.emplace_back(label, false);
  std::erase_if(labels, [](const auto& label) { return !label.first.span.file.valid(); });

  std::uint32_t last = 1;
  for (const auto& [label, primary] : labels) {
    last = std::max(last, sources.position(label.span.file, label.span.begin).line);
  }
  const std::size_t gutter = std::to_string(last).size();
  const Style main = severity(diag.code) == Severity::Error ? Style::Error : Style::Warning;
  std::vector<source::FileId> files;
  for (const auto& [label, primary] : labels) {
    if (std::ranges::find(files, label.span.file) == files.end())
      files.push_back(label.span.file);
  }
  for (const source::FileId file : files) {
    Section section(sources, file, gutter, main, colour);
    for (const auto& [label, primary] : labels) {
      if (label.span.file == file)
        section.add(label, primary);
    }
    out += section.render(file == files.front() ? "-->" : ":::");
  }
  if (!diag.help.empty()) {
    if (!files.empty())
      out += std::string(gutter, ' ') + paint(Style::Frame, " |", colour) + "\n";
    out += std::string(gutter, ' ') + paint(Style::Frame, " = ", colour);
    out += paint(Style::Bold, "help:", colour) + " " + flat(diag.help) + "\n";
  }
  return out;
}

Code code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::Malformed:
      return Code::InvalidUtf8;
    case ErrorCode::Limit:
      return Code::FileTooLarge;
    case ErrorCode::Usage:
    case ErrorCode::Unreadable:
    case ErrorCode::Signature:
    case ErrorCode::Version:
    case ErrorCode::Unsupported:
    case ErrorCode::Internal:
      return Code::Unreadable;
  }
  return Code::Unreadable;
}

std::string render_text(const Error& error, Colour colour) {
  std::string out = head_line(code_of(error), error.message, colour);
  if (!error.where.empty())
    out += paint(Style::Frame, " -->", colour) + " " + flat(error.where) + "\n";
  return out;
}

}  // namespace writ::diag
