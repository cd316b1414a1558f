#include "compiler/syntax/hidden.h"

#include "compiler/unicode/unicode.h"

#include <fmt/format.h>

namespace writ::syntax {
namespace {

std::string consequence(std::uint32_t point) {
  if (point == '\r')
    return "some editors break the line here, others do not";
  if (point == 0x2028 || point == 0x2029 || point == 0x85)
    return "looks like the end of the line and is none";
  if (point < 0xA0)
    return "moves or hides what follows it where it is shown";
  return "what follows is shown in another order than it is read";
}

}  // namespace

void report_hidden(const source::SourceSet& sources, source::FileId file, diag::Sink& sink) {
  const std::string_view text = sources.file(file).text;
  for (std::size_t from = 0; const auto found = unicode::first_misleading(text, from);) {
    diag::Diag diag;
    diag.code = diag::Code::HiddenCharacter;
    diag.message = fmt::format("the character {} in the text", unicode::name_of(found->point));
    diag.primary = {{file, static_cast<std::uint32_t>(found->begin),
                     static_cast<std::uint32_t>(found->end)},
                    consequence(found->point)};
    diag.help = fmt::format("remove it; in a string it is written `\\u{{{:x}}}`", found->point);
    sink.add(std::move(diag));
    const std::size_t line_end = text.find('\n', found->end);
    if (line_end == std::string_view::npos)
      return;
    from = line_end + 1;
  }
}

}  // namespace writ::syntax
