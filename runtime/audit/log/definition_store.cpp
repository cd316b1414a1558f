#include "runtime/audit/log/definition_store.h"

#include <algorithm>
#include <utility>

#include "runtime/audit/log/format.h"
#include "runtime/base/check.h"

namespace writ::audit::log {
namespace {

// The instance is defined as if it had an id.
constexpr std::uint32_t kInstanceId = 1;

}  // namespace

Status DefinitionStore::add(const Batch& batch) {
  std::vector<std::pair<std::pair<Defines, std::uint32_t>, std::string>> made;
  bool fits = true;
  const auto make = [&](Defines what, std::uint32_t id, const auto& def) {
    std::string bytes;
    encode(def, bytes);
    fits = fits && bytes.size() <= kDefinitionBytesMax;
    made.emplace_back(std::pair(what, id), std::move(bytes));
  };
  if (!knows(table(Defines::Instance), kInstanceId)) {
    make(Defines::Instance, kInstanceId, batch.instance);
  }
  for (const SessionDef& def : batch.sessions) make(Defines::Session, def.id, def);
  for (const ResourceDef& def : batch.resources) make(Defines::Resource, def.id, def);
  for (const QuestionDef& def : batch.questions) make(Defines::Question, def.id, def);
  for (const ReasonDef& def : batch.reasons) make(Defines::Reason, def.id, def);
  if (!fits) {
    return fail(ErrorCode::Limit, "a definition is larger than " +
                                      std::to_string(kDefinitionBytesMax) + " bytes");
  }
  for (auto& [key, bytes] : made) put(key.first, key.second, std::move(bytes));
  return {};
}

void DefinitionStore::put(Defines what, std::uint32_t id, std::string bytes) {
  if (id == 0) return;
  Table& pages = table(what);
  const std::size_t page = id / kPageSlots;
  if (pages.size() <= page) pages.resize(page + 1);
  if (!pages[page]) pages[page] = std::make_unique<Page>();
  Page& of = *pages[page];
  const std::size_t slot = id % kPageSlots;
  if (of.marks[slot] == kUnknown) ++of.known;
  bytes_ += bytes.size() - of.bytes[slot].size();
  of.marks[slot] = kKnown;
  of.bytes[slot] = std::move(bytes);
}

void DefinitionStore::forget(Defines what, std::uint32_t id) {
  if (id == 0 || !knows(table(what), id)) return;
  std::unique_ptr<Page>& page = table(what)[id / kPageSlots];
  const std::size_t slot = id % kPageSlots;
  bytes_ -= page->bytes[slot].size();
  page->marks[slot] = kUnknown;
  page->bytes[slot] = {};
  --page->known;
  // INVARIANT: used_ points into no page that goes.
  if (page->known == 0 && used_.empty()) page.reset();
}

std::size_t DefinitionStore::pages() const {
  std::size_t count = 0;
  for (const Table& table : tables_) {
    count += static_cast<std::size_t>(
        std::ranges::count_if(table, [](const auto& page) { return page != nullptr; }));
  }
  return count;
}

std::size_t DefinitionStore::weigh(Defines what, std::uint32_t id) {
  if (id == 0 || !knows(table(what), id)) return 0;
  Page& page = *table(what)[id / kPageSlots];
  const std::size_t slot = id % kPageSlots;
  if (page.weighed[slot] == block_) return 0;
  page.weighed[slot] = block_;
  return page.bytes[slot].size();
}

std::size_t DefinitionStore::weigh(const References& row) {
  // All of them fit in one block: rows need not be looked at.
  if (fits_one_block()) return 0;
  return weigh(Defines::Session, row.session) + weigh(Defines::Resource, row.resource) +
         weigh(Defines::Question, row.question) + weigh(Defines::Reason, row.reason);
}

// Neighbours often say the same; pages are looked up once a stretch.
template <class Good>
bool DefinitionStore::all(const Table& table, std::span<const std::uint32_t> ids, Good good) {
  std::uint32_t before = 0;
  for (const std::uint32_t id : ids) {
    if (id == before || id == 0) continue;
    const std::size_t page = id / kPageSlots;
    if (page >= table.size() || !table[page] || !good(table[page]->marks[id % kPageSlots])) {
      return false;
    }
    before = id;
  }
  return true;
}

bool DefinitionStore::knows(const Columns& rows) const {
  const auto known = [](std::uint32_t mark) { return mark != kUnknown; };
  return all(table(Defines::Session), rows.session, known) &&
         all(table(Defines::Resource), rows.resource, known) &&
         all(table(Defines::Question), rows.question, known) &&
         all(table(Defines::Reason), rows.reason, known);
}

bool DefinitionStore::has_all(const Columns& rows, std::uint64_t segment) const {
  const auto there = [wanted = mark_of(segment)](std::uint32_t mark) { return mark == wanted; };
  const auto has = [&](Defines what, const std::vector<std::uint32_t>& ids) {
    return all(table(what), ids, there);
  };
  constexpr std::uint32_t kInstance[] = {kInstanceId};
  return all(table(Defines::Instance), kInstance, there) &&
         has(Defines::Question, rows.question) && has(Defines::Reason, rows.reason) &&
         has(Defines::Session, rows.session) && has(Defines::Resource, rows.resource);
}

bool DefinitionStore::knows(const References& row) const {
  return knows(table(Defines::Session), row.session) &&
         knows(table(Defines::Resource), row.resource) &&
         knows(table(Defines::Question), row.question) &&
         knows(table(Defines::Reason), row.reason);
}

void DefinitionStore::use(Defines what, std::uint32_t id, std::uint64_t segment,
                          std::string& out) {
  if (id == 0) return;
  WRIT_CHECK(knows(table(what), id));
  Page& page = *table(what)[id / kPageSlots];
  const std::size_t slot = id % kPageSlots;
  if (page.marks[slot] == mark_of(segment)) return;
  page.marks[slot] = mark_of(segment);
  used_.push_back({&page, slot});
  out += page.bytes[slot];
}

void DefinitionStore::use(const References& row, std::uint64_t segment, std::string& out) {
  use(Defines::Instance, kInstanceId, segment, out);
  use(Defines::Session, row.session, segment, out);
  use(Defines::Resource, row.resource, segment, out);
  use(Defines::Question, row.question, segment, out);
  use(Defines::Reason, row.reason, segment, out);
}

void DefinitionStore::take_back() {
  for (const Used& used : used_) used.page->marks[used.slot] = kKnown;
  used_.clear();
}

}  // namespace writ::audit::log
