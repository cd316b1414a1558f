// The audit trail in one object: recorder, drain and sinks, and the policy that all of them follow.
#include <atomic>
#include <mutex>

#include "runtime/api/include/writ/audit.hpp"
#include "runtime/audit/drain/trail.h"
#include "runtime/audit/outlet/outlets.h"

namespace writ::audit {
namespace {

outlet::OutletOptions outlet_options(const TrailOptions& options) {
  outlet::OutletOptions out;
  out.names.to = options.sinks;
  out.names.kafka = options.kafka;
  out.names.sender = options.sender;
  out.names.file_bytes_max = options.file_bytes_max;
  out.names.files_max = options.files_max;
  out.names.note = options.note;
  out.log = options.log;
  out.cursors = options.cursors;
  out.events.authority = options.source;
  return out;
}

drain::TrailOptions drain_options(const TrailOptions& options, outlet::Outlets& outlets) {
  drain::TrailOptions out;
  out.log = options.log;
  out.key_pem = options.key_pem;
  out.rings = options.rings;
  out.sizes.rings = options.threads_max;
  out.sizes.slots = options.ring_slots;
  out.waits = {options.wait, options.wait_durable};
  out.writer.keep_age_max_us =
      std::chrono::duration_cast<std::chrono::microseconds>(options.keep_age).count();
  out.writer.keep_bytes_max = options.keep_bytes;
  out.load_words = [&outlets](const ring::PolicyEntry& policy) {
    auto words = kept_bundle_words(policy.path, policy.digest);
    if (words != nullptr) outlets.use_policy(words->audit());
    return words;
  };
  out.policy_seen = [&outlets](const PolicyWords& words) { outlets.use_policy(words.audit()); };
  return out;
}

// A forked child has none of the threads, and the log is not its own.
Error forked() {
  return {ErrorCode::Usage, "the audit trail is that of the process that this one was forked from",
          ""};
}

}  // namespace

struct Trail::State {
  explicit State(const TrailOptions& options)
      : close_wait(options.close_wait), outlets(outlet_options(options)) {}

  std::chrono::nanoseconds close_wait;
  outlet::Outlets outlets;
  // INVARIANT: ends before the sinks, whose policy its thread tells; close() has stopped the sinks
  // by then, which tell it what they have.
  std::unique_ptr<drain::Trail> trail;
  std::mutex closing;
  std::atomic<bool> closed = false;

  [[nodiscard]] bool is_forked() const { return trail->recorder().pool().is_child(); }
};

Trail::Trail(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Trail>> Trail::open(TrailOptions options) {
  if (options.log.empty()) return fail(ErrorCode::Usage, "the folder of the log is not given");
  auto state = std::make_unique<State>(options);
  drain::TrailOptions with = drain_options(options, state->outlets);
  WRIT_TRY(state->outlets.prepare(with.writer));
  WRIT_ASSIGN(opened, drain::Trail::open(std::move(with)));
  state->trail = std::move(opened);
  WRIT_TRY(state->outlets.open(state->trail->drain()));
  return std::unique_ptr<Trail>(new Trail(std::move(state)));
}

Recorder* Trail::recorder() const { return &state_->trail->recorder(); }

TrailState Trail::state() const {
  TrailState out;
  out.closed = state_->closed;
  if (state_->is_forked()) {
    out.closed = true;
    out.trouble = forked();
    return out;
  }
  const drain::DrainState drain = state_->trail->state();
  out.rows = drain.rows;
  out.syncs = drain.syncs;
  out.regions = drain.regions;
  out.broken_rings = drain.broken_rings;
  out.trouble = drain.trouble;
  const ring::Region& region = *state_->trail->recorder().region();
  out.denied = region.header().unleased.load(std::memory_order_relaxed);
  out.uncounted = region.header().unleased_infrastructure.load(std::memory_order_relaxed);
  for (std::uint32_t at = 0; at < region.facts().rings; ++at) {
    const ring::RingHeader& ring = region.ring(at);
    out.denied += ring.unavailable.load(std::memory_order_relaxed);
    out.uncounted += ring.infrastructure.load(std::memory_order_relaxed);
    if (ring.waiting.load(std::memory_order_relaxed) != 0) ++out.waiting;
  }
  return out;
}

Status Trail::close() {
  if (state_->is_forked()) return std::unexpected(forked());
  const std::lock_guard lock(state_->closing);
  if (state_->closed) return {};
  if (state_->trail->recorder().has_engine()) {
    return fail(ErrorCode::Usage, "an engine records here: free it before its audit trail");
  }
  state_->closed = true;
  Status closed = state_->trail->close();
  state_->outlets.finish(state_->close_wait);
  return closed;
}

Trail::~Trail() {
  if (state_->is_forked()) {
    state_->outlets.abandon();
  } else if (!state_->closed) {
    static_cast<void>(state_->trail->close());
    state_->outlets.finish(state_->close_wait);
  }
}

}  // namespace writ::audit
