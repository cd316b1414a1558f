#include "runtime/audit/service.h"

#include <algorithm>

#include "runtime/audit/crn.h"
#include "runtime/audit/json_writer.h"

namespace writ::audit {
namespace {

// Of a model's name in a type: it comes from the log, which may hold anything.
constexpr std::size_t kModelShownBytesMax = 64;

const Service* row_of(const Services& rows, std::string_view key) {
  const auto row = std::ranges::find(
      rows, key, [](const auto& entry) { return std::string_view(entry.first); });
  return row == rows.end() ? nullptr : &row->second;
}

}  // namespace

const Services& known_services() {
  static const Services rows = {
#define WRIT_SERVICE(key, type, element, method, shape) \
  {key, {type, element, method, Shape::shape}},
#include "runtime/audit/services.def"
#undef WRIT_SERVICE
  };
  return rows;
}

Service service_of(const Services& rows, const Service& fallback, std::string_view model,
                   std::string_view kind) {
  const std::string key = std::string(model) + "." + std::string(kind);
  if (const Service* row = row_of(rows, key); row != nullptr) return *row;
  if (const Service* row = row_of(rows, model); row != nullptr) return *row;
  if (model.empty()) return fallback;
  const std::string name = percent(front(model, kModelShownBytesMax));
  return {"io.writ." + name + "/", name, name + ".", Shape::General};
}

}  // namespace writ::audit
