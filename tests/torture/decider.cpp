#include "tests/torture/decider.h"

#include <thread>
#include <vector>

#include <fmt/format.h>

#include "runtime/audit/ring/futex.h"

namespace writ::torture {
namespace {

// A session serves so many records, so that sessions come and go.
constexpr std::uint64_t kRecordsOfSession = 50;
constexpr std::uint64_t kRecordsOfBreath = 256;
constexpr int kNumberBits = 40;
constexpr int kThreadBits = 3;

void record_all(audit::ring::RingRecorder& recorder, std::uint32_t life, std::uint32_t thread,
                Acknowledged& acknowledged, const std::atomic<bool>& stop, bool paced) {
  audit::Opened session;
  audit::Opened resource;
  SessionFacts facts;
  facts.principal_type = "User";
  const std::atomic<std::uint32_t> never{0};
  for (Token token{life, thread, 1}; !stop.load(std::memory_order_relaxed); ++token.number) {
    if ((token.number - 1) % kRecordsOfSession == 0) {
      facts.principal_name = principal_of(token);
      session = recorder.open_session(facts);
      resource = recorder.open_resource("Topic", facts.principal_name);
    }
    const std::string name = name_of(token);
    audit::Record record;
    record.session = &facts;
    record.session_id = session.id;
    // Every other record takes one slot, the rest as many as their name needs.
    if (token.number % 2 != 0) record.resource_id = resource.id;
    record.name = name;
    record.time_us = pack(token);
    record.kind = 1;
    record.operation = static_cast<std::uint8_t>(token.number % 7);
    record.decision.verdict = token.number % 3 == 0 ? Verdict::Deny : Verdict::Allow;
    record.decision.reason = token.number % 3 == 0 ? ReasonClass::Deny : ReasonClass::Allow;
    record.decision.grant = grant_of(token);
    if (token.number % 1'000 == 0) record.level = audit::Level::Durable;
    if (!recorder.record(record)) {
      acknowledged.denied.fetch_add(1);
      return;
    }
    acknowledged.records[thread].store(token.number, std::memory_order_release);
    if (paced && token.number % kRecordsOfBreath == 0) {
      audit::ring::wait_while(never, 0, std::chrono::milliseconds(1));
    }
  }
}

}  // namespace

std::int64_t pack(const Token& token) {
  return static_cast<std::int64_t>((std::uint64_t{token.life} << kThreadBits | token.thread)
                                       << kNumberBits |
                                   token.number);
}

Token unpack(std::int64_t packed) {
  const auto bits = static_cast<std::uint64_t>(packed);
  const std::uint64_t who = bits >> kNumberBits;
  return {static_cast<std::uint32_t>(who >> kThreadBits),
          static_cast<std::uint32_t>(who & ((1U << kThreadBits) - 1)),
          bits & ((std::uint64_t{1} << kNumberBits) - 1)};
}

std::string name_of(const Token& token) {
  std::string name = fmt::format("{}/{}/{}/", token.life, token.thread, token.number);
  // From one slot to many, so that records wrap at every place of the ring.
  name.append(token.number * 37 % 400, static_cast<char>('a' + token.number % 26));
  return name;
}

std::string principal_of(const Token& token) {
  return fmt::format("{}-{}-{}", token.life, token.thread,
                     (token.number - 1) / kRecordsOfSession);
}

std::uint32_t grant_of(const Token& token) {
  return static_cast<std::uint32_t>(token.number * 2'654'435'761U >> 20 & 0xFF);
}

void decide(audit::ring::RingRecorder& recorder, std::uint32_t life, Acknowledged& acknowledged,
            const std::atomic<bool>& stop, bool paced) {
  std::vector<std::thread> threads;
  for (std::uint32_t at = 0; at < kThreads; ++at) {
    threads.emplace_back([&, at] { record_all(recorder, life, at, acknowledged, stop, paced); });
  }
  for (std::thread& thread : threads) thread.join();
}

audit::ring::RegionOptions small_region(const std::string& directory) {
  return {directory, kThreads + 1, 1'024, audit::ring::kDictionaryBytesMin};
}

audit::ring::WriterOptions long_waits() {
  return {std::chrono::minutes(10), std::chrono::minutes(10)};
}

}  // namespace writ::torture
