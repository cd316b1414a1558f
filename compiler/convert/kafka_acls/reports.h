// Diagnostics of a listing, the first of each code; how many more there were is said at the end.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "compiler/convert/kafka_acls/listing.h"
#include "compiler/diag/diag.h"

namespace writ::convert::kafka_acls {

class Reports {
 public:
  explicit Reports(diag::Sink& sink) : sink_(sink) {}

  void add(diag::Code code, source::Span span, std::string message, std::string label,
           std::string help) {
    Count& count = counts_[code];
    if (++count.all <= kReportedMax) {
      sink_.add({code, std::move(message), {span, std::move(label)}, {}, std::move(help)});
    }
    count.last = span;
  }
  void finish() {
    for (const auto& [code, count] : counts_) {
      if (count.all > kReportedMax) {
        sink_.add({code,
                   std::to_string(count.all - kReportedMax) + " more lines of this listing: " +
                       std::string(diag::title(code)),
                   {count.last, "the last of them"},
                   {},
                   "the first are shown"});
      }
    }
  }

 private:
  struct Count {
    std::size_t all = 0;
    source::Span last;
  };
  diag::Sink& sink_;
  std::map<diag::Code, Count> counts_;
};

}  // namespace writ::convert::kafka_acls
