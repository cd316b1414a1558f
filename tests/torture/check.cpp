#include "tests/torture/check.h"

#include <fmt/format.h>

#include "runtime/audit/drain/region_drain.h"

namespace writ::torture {

using audit::Entry;
using audit::EntryKind;

void Check::note(std::uint64_t Found::*count, std::uint64_t by, const std::string& what) {
  found_.*count += by;
  if (found_.first.empty()) found_.first = what;
}

Status Check::read() {
  if (reader_ == nullptr) {
    WRIT_ASSIGN(reader, audit::log::Reader::open(log_, {}, {audit::log::Shown::Written}));
    reader_ = std::move(reader);
  }
  for (;;) {
    audit::Batch batch;
    WRIT_ASSIGN(more, reader_->next(batch));
    if (!more) return {};
    for (const Entry& row : batch.entries) {
      ++found_.rows;
      Law& law = laws_[{batch.instance.id, row.ring}];
      const bool end = row.ring == audit::drain::kEndRing;
      if (row.sequence != law.sequence + row.records() ||
          (!end && row.decisions != law.decisions + row.count)) {
        note(row.sequence <= law.sequence ? &Found::repeated : &Found::lost, 1,
             fmt::format("{} ring {}: row {} of {} decisions after row {} of {}",
                         batch.instance.id, row.ring, row.sequence, row.decisions, law.sequence,
                         law.decisions));
      }
      law = {row.sequence, row.decisions};
      if (row.kind == EntryKind::Gap) note(&Found::lost, 1, "a gap: " + row.text);
      if (row.kind == EntryKind::Decision) look_at(row, reader_->definitions());
    }
  }
}

void Check::look_at(const Entry& row, const audit::Definitions& known) {
  const Token token = unpack(row.time_us);
  std::uint64_t& last = last_[{token.life, token.thread}];
  const std::string which =
      fmt::format("process {} thread {} record {}", token.life, token.thread, token.number);
  if (token.number <= last) note(&Found::repeated, 1, which + " is there twice");
  if (token.number > last + 1) {
    note(&Found::lost, token.number - last - 1, fmt::format("{} comes after {}", which, last));
  }
  last = std::max(last, token.number);
  const audit::SessionDef* session = known.session(row.session);
  const audit::ReasonDef* reason = known.reason(row.reason);
  const bool allow = token.number % 3 != 0;
  const audit::ResourceDef* resource = known.resource(row.resource);
  const bool named = resource == nullptr ? row.name == name_of(token)
                                         : resource->name == principal_of(token);
  const bool whole = session != nullptr && reason != nullptr && named &&
                     session->facts.principal_name == principal_of(token) &&
                     reason->grant == grant_of(token) && (row.verdict == Verdict::Allow) == allow;
  if (!whole) note(&Found::torn, 1, which + " is not as it was recorded");
}

void Check::expect(std::uint32_t life, const Acknowledged& acknowledged) {
  for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
    const std::uint64_t said = acknowledged.records[thread].load();
    const auto found = last_.find({life, thread});
    const std::uint64_t last = found == last_.end() ? 0 : found->second;
    if (last < said) {
      note(&Found::lost, said - last,
           fmt::format("process {} thread {}: {} acknowledged, {} in the log", life, thread, said,
                       last));
    }
    // The kill may come between the record and its acknowledgement.
    if (last > said + 1) {
      note(&Found::repeated, last - said - 1,
           fmt::format("process {} thread {}: {} acknowledged, {} in the log", life, thread, said,
                       last));
    }
    if (found != last_.end()) last_.erase(found);
  }
}

}  // namespace writ::torture
