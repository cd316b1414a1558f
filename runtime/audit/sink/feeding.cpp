#include "runtime/audit/sink/feeding.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace writ::audit::sink {

std::vector<Acknowledged> Watermarks::acknowledged(std::size_t sink,
                                                   std::span<const Acknowledged> rings) {
  const std::lock_guard lock(mutex_);
  const auto slowest = [&](const Ring& ring) {
    std::uint64_t least = UINT64_MAX;
    for (const auto& of : rings_of_) {
      const auto found = of.find(ring);
      least = std::min(least, found == of.end() ? 0 : found->second);
    }
    return least;
  };
  std::vector<Acknowledged> out;
  for (const Acknowledged& said : rings) {
    const Ring ring(said.instance, said.ring);
    const std::uint64_t before = slowest(ring);
    std::uint64_t& mine = rings_of_[sink][ring];
    mine = std::max(mine, said.sequence);
    const std::uint64_t after = slowest(ring);
    if (after > before) out.push_back({said.instance, said.ring, after});
  }
  return out;
}

std::uint64_t Watermarks::saved(std::size_t sink, log::Position position) {
  const std::lock_guard lock(mutex_);
  saved_[sink] = std::max(saved_[sink], position.segment);
  return *std::ranges::min_element(saved_);
}

void Feeding::start(std::vector<One> sinks, const AuditPolicy& policy) {
  WRIT_CHECK(lines_.empty());
  for (const One& one : sinks) destinations_.push_back(one.destination);
  use_policy(policy);
  marks_ = std::make_unique<Watermarks>(sinks.size());
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    FeederOptions options = options_.feeder;
    options.destination = sinks[i].destination;
    options.note = options_.note;
    options.acknowledged = [this, i](std::span<const Acknowledged> rings) {
      const std::vector<Acknowledged> everywhere = marks_->acknowledged(i, rings);
      if (!options_.replicated) return;
      for (const Acknowledged& ring : everywhere) options_.replicated(ring);
    };
    options.saved = [this, i](log::Position position) {
      const std::uint64_t segment = marks_->saved(i, position);
      if (options_.hold) options_.hold(segment);
    };
    Line& line = lines_.emplace_back();
    options.read = [this, &line] { follow(line); };
    line.feeder = std::make_unique<Feeder>(
        std::make_unique<LogSource>(options_.log, options_.shown), std::move(sinks[i].sink),
        std::make_unique<CursorFile>(options_.cursors + "/" + sinks[i].cursor),
        std::move(options));
  }
  for (Line& line : lines_) {
    line.thread = std::jthread([this, &line](const std::stop_token& stop) { run(line, stop); });
  }
}

void Feeding::follow(Line& line) {
  std::shared_ptr<const AuditPolicy> now;
  {
    const std::lock_guard lock(policy_mutex_);
    now = policy_;
  }
  if (now == line.followed) return;
  line.followed = now;
  line.feeder->use_policy(*now);
}

void Feeding::run(Line& line, const std::stop_token& stop) {
  Feeder& feeder = *line.feeder;
  int steps_since_told = 0;
  feeder.run(stop, [&] {
    const std::atomic<bool>* give_up = give_up_.load();
    if (give_up != nullptr) {
      // A step that was under way when we were told may have looked at the log before that.
      const bool done = steps_since_told++ > 1 && feeder.is_drained();
      if (done || give_up->load()) line.thread.request_stop();
    }
  });
}

void Feeding::stop() {
  for (Line& line : lines_) line.thread.request_stop();
  lines_.clear();
}

void Feeding::finish(const std::atomic<bool>& give_up) {
  give_up_ = &give_up;
  for (Line& line : lines_) line.thread.join();
  lines_.clear();
}

void Feeding::use_policy(AuditPolicy policy) {
  std::erase_if(policy.routes, [this](const Route& route) {
    return std::ranges::none_of(destinations_, [&](const Destination& destination) {
      return destination.to == route.to && destination.name == route.name;
    });
  });
  auto copy = std::make_shared<const AuditPolicy>(std::move(policy));
  const std::lock_guard lock(policy_mutex_);
  policy_ = std::move(copy);
}

}  // namespace writ::audit::sink
