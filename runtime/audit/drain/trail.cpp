#include "runtime/audit/drain/trail.h"

#include <filesystem>
#include <thread>

#include <csignal>
#include <pthread.h>

#include "runtime/crypto/keys.h"

namespace writ::audit::drain {

struct Trail::Thread {
  std::atomic<bool> stop = false;
  std::thread thread;
};

std::string rings_of(const std::string& log_folder) {
  std::error_code error;
  const std::string path = std::filesystem::weakly_canonical(log_folder, error).string();
  const crypto::Digest digest = crypto::sha256(std::as_bytes(std::span(error ? log_folder : path)));
  return "/dev/shm/writ/" + crypto::hex(std::span(digest).first(8));
}

Result<std::unique_ptr<Trail>> Trail::open(TrailOptions options) {
  if (options.rings.empty()) options.rings = rings_of(options.log);
  if (options.bundles.empty()) options.bundles = options.log + "/bundles";
  std::unique_ptr<Trail> trail(new Trail);
  DrainOptions drain;
  drain.rings = options.rings;
  drain.log = options.log;
  drain.writer = options.writer;
  drain.writer.key_pem = options.key_pem;
  drain.group_commit = options.group_commit;
  drain.load_words = options.load_words;
  Trail* const self = trail.get();
  drain.each_second = [self] {
    if (self->recorder_ != nullptr) self->recorder_->dictionary().forget();
  };
  WRIT_ASSIGN(opened, Drain::open(std::move(drain)));
  trail->drain_ = std::move(opened);
  ring::RecorderOptions recorder;
  recorder.region = options.sizes;
  recorder.region.directory = options.rings;
  recorder.writer = options.waits;
  recorder.bundles = options.bundles;
  WRIT_ASSIGN(made, ring::RingRecorder::open(std::move(recorder)));
  trail->recorder_ = std::move(made);
  // The loader is for bundles of other processes: this one's words are in its own dictionary.
  WRIT_TRY(trail->drain_->adopt(
      trail->recorder_->region(),
      [self, seen = options.policy_seen](std::uint32_t generation, const ring::PolicyEntry&) {
        auto words = self->recorder_->dictionary().words(generation);
        if (words != nullptr && seen) seen(*words);
        return words;
      }));
  trail->recorder_->lifecycle("engine.started", "the audit trail is open");
  trail->thread_ = std::make_unique<Thread>();
  Thread& thread = *trail->thread_;
  // Signals are for the threads of the embedding.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread.thread = std::thread([self, &thread] { self->drain_->run(thread.stop); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return trail;
}

Status Trail::close() {
  if (thread_ == nullptr) return {};
  if (recorder_->pool().is_child()) {
    // In a forked child there is no such thread, and the log is the parent's.
    static_cast<void>(thread_.release());
    static_cast<void>(drain_.release());
    return {};
  }
  recorder_->lifecycle("engine.stopped", "the audit trail is closed");
  recorder_->close();
  thread_->stop.store(true, std::memory_order_release);
  thread_->thread.join();
  thread_.reset();
  return drain_->close();
}

Trail::~Trail() { static_cast<void>(close()); }

}  // namespace writ::audit::drain
