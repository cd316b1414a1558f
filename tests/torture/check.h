// Reads the log while it grows and compares each row with what the deciding threads said: every
// acknowledged record is there once, whole, in order. Takes the log's folder; gives counts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "runtime/audit/log/reader.h"
#include "tests/torture/decider.h"

namespace writ::torture {

struct Found {
  std::uint64_t rows = 0;
  std::uint64_t lost = 0;
  std::uint64_t torn = 0;
  std::uint64_t repeated = 0;  // or out of order
  std::string first;           // the first of these, in words
};

class Check {
 public:
  explicit Check(std::string log) : log_(std::move(log)) {}
  /// Reads what is new. *errors* of the reader: a log that cannot be read is a finding too.
  [[nodiscard]] Status read();
  /// Everything that this process acknowledged must have been read by now; at most one record of
  /// each thread more than that.
  void expect(std::uint32_t life, const Acknowledged& acknowledged);
  [[nodiscard]] const Found& found() const { return found_; }

 private:
  void look_at(const audit::Entry& row, const audit::Definitions& known);
  void note(std::uint64_t Found::*count, std::uint64_t by, const std::string& what);

  std::string log_;
  std::unique_ptr<audit::log::Reader> reader_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> last_;  // by life and thread
  struct Law {
    std::uint64_t sequence = 0;
    std::uint64_t decisions = 0;
  };
  std::map<std::pair<std::string, std::uint16_t>, Law> laws_;
  Found found_;
};

}  // namespace writ::torture
