#include "compiler/cli/bench_trail.h"

#include "runtime/audit/ring/reader.h"
#include "runtime/crypto/keys.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

namespace writ::cli {
namespace {

namespace ring = audit::ring;

/// Is there a record that the drain has not given back?
bool is_behind(const ring::Region& region) {
  std::array<ring::Slot, ring::kSlotsMax> slots;
  for (std::size_t at = 0; at < region.facts().rings; ++at) {
    ring::Mark cursor = ring::load_mark(region.ring(at));
    if (ring::read_records(region, at, cursor, slots).slots != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<BenchTrail>> BenchTrail::open() {
  std::string folder = (std::filesystem::temp_directory_path() / "writ-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    return fail(ErrorCode::Unreadable, "cannot make a folder", folder);
  }
  std::unique_ptr<BenchTrail> made(new BenchTrail(folder));
  WRIT_ASSIGN(key, crypto::new_key());
  audit::drain::TrailOptions options;
  options.log = made->log_;
  options.key_pem = key.private_pem;
  options.writer.reserve_bytes = 0;
  // No sink is here that could acknowledge what the policy wants replicated.
  options.waits.wait_durable = std::chrono::milliseconds(100);
  WRIT_ASSIGN(trail, audit::drain::Trail::open(std::move(options)));
  made->trail_ = std::move(trail);
  return made;
}

BenchTrail::~BenchTrail() {
  // Its path is resolved, so it is asked for before the folder goes.
  const std::string rings = audit::drain::rings_of(log_);
  trail_.reset();
  std::error_code code;
  std::filesystem::remove_all(log_, code);
  std::filesystem::remove_all(rings, code);
}

void BenchTrail::settle() const {
  constexpr int kLooksMax = 2'000;
  // A log in trouble gives nothing back: what is timed then is the wait, and close() says why.
  for (int look = 0; look < kLooksMax && is_behind(*trail_->recorder().region()); ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace writ::cli
