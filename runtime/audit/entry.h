// What the log says, row by row: the one form between drain, log, render, query and replay. Rows
// are numbers; what the numbers mean are definitions, which stand in a segment before the first
// row that uses them, so that a segment explains itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/audit/recorder.h"
#include "runtime/value/decision.h"
#include "runtime/value/request.h"

namespace writ::audit {

/// Stored: append only.
enum class EntryKind : std::uint8_t {
  Decision = 0,        // one operation on one resource
  Mask = 1,            // several operations of one resource: `asked`, `allowed`
  ByKind = 2,          // is there any resource of the kind?
  Unavailable = 3,     // `count` decisions were denied because they could not be recorded
  Infrastructure = 4,  // `count` infrastructure operations did not wait for room in the ring
  Authentication = 5,  // text: the result as JSON (docs/internals/audit-event.md)
  Lifecycle = 6,       // text: `type`, a newline, the message
  Gap = 7,             // text: what may be missing, and why, as JSON
  Withdrawn = 8,       // text: the sequence, in decimal digits, of an earlier row of the ring whose
                       // decision was not released: it turned into a denial, audit-unavailable
};

/// One row. Ids are of the definitions below; 0 is none.
struct Entry {
  EntryKind kind = EntryKind::Decision;
  Purpose purpose = Purpose::Enforce;
  Verdict verdict = Verdict::Deny;
  std::uint16_t ring = 0;
  // Of the record in its ring, from 1, without a gap. INVARIANT: that of the row before in its ring
  // plus records().
  std::uint64_t sequence = 0;
  std::uint64_t decisions = 0;       // made by the ring up to and with this record
  std::int64_t time_us = 0;          // UTC, microseconds since 1970
  std::uint32_t uncertainty_us = 0;  // the true time is within this of time_us
  std::uint32_t session = 0;
  std::uint32_t resource = 0;        // 0: `name` says it
  std::uint32_t question = 0;
  std::uint32_t reason = 0;
  std::uint32_t asked = 0;           // Mask: bits of the question's operations
  std::uint32_t allowed = 0;         // Mask: those that were allowed
  // Decisions that this row stands for; of a Mask as many as bits of `asked`, of Authentication,
  // Lifecycle, Gap and Withdrawn 0. INVARIANT: `decisions` of a row is that of the row before in
  // its ring plus `count`.
  // More than 1 in a Decision: equal ones that the policy wants counted together; time_us is of
  // the first, `text` says the last one's, in microseconds since 1970.
  std::uint64_t count = 1;
  std::string name;                  // of a resource without a handle; see append_name (facts.h)
  std::string attributes;            // of the request, encoded (attributes.h); empty: none
  std::string text;
  // One block takes this row and the next: their numbers are those of records together only. Of a
  // batch; not stored.
  bool joined = false;

  /// Records of the ring that the row stands for.
  [[nodiscard]] std::uint64_t records() const {
    return kind == EntryKind::Decision && count > 1 ? count : 1;
  }
};

/// Whose numbers the rows are: rows of a block are of one instance.
struct InstanceDef {
  std::string id;       // 32 hexadecimal digits
  std::string boot;     // of the machine's kernel, as /proc/sys/kernel/random/boot_id says it
  std::uint32_t pid = 0;
  std::int64_t started_us = 0;
};
struct SessionDef {
  std::uint32_t id = 0;
  SessionFacts facts;
};
struct ResourceDef {
  std::uint32_t id = 0;
  std::string kind;
  std::string name;
};
/// What was asked, and of which bundle.
struct QuestionDef {
  std::uint32_t id = 0;
  std::uint64_t generation = 0;
  std::uint64_t version = 0;
  std::string digest;    // of the bundle's manifest, hexadecimal
  std::string package;
  std::string kind;
  std::vector<std::string> operations;  // one; of a Mask: by bit
  std::string scope;     // path
  std::string scope_id;
  std::string model;     // that the kind is of
  std::string levels;    // see Question
};
/// Why: the deciding statement, or what stood in its place.
struct ReasonDef {
  std::uint32_t id = 0;
  ReasonClass reason = ReasonClass::Default;
  std::uint32_t grant = kNoGrant;
  std::uint32_t error = 0;
  std::uint32_t error_grant = kNoGrant;
  Explained why;
};

/// What is appended to the log in one piece, and what a reader gets back. Definitions come before
/// the rows that use them, in the same batch or in an earlier one of the same segment.
struct Batch {
  InstanceDef instance;
  std::vector<SessionDef> sessions;
  std::vector<ResourceDef> resources;
  std::vector<QuestionDef> questions;
  std::vector<ReasonDef> reasons;
  std::vector<Entry> entries;
};

}  // namespace writ::audit
