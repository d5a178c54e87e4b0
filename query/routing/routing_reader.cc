#include "query/routing/routing_reader.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "core/base/log.h"
#include "core/base/task_pool.h"
#include "query/routing/high_water.h"
#include "query/routing/planners.h"
#include "query/routing/question.h"
#include "query/routing/reach.h"
#include "query/routing/replica_health.h"
#include "query/routing/routing_metrics.h"

namespace armada_cache::query {

using SteadyTime = std::chrono::steady_clock::time_point;

std::string lacks(const std::vector<eventlog::Partition>& told,
                  const std::vector<eventlog::Partition>& wanted, bool exactly) {
  if (told.empty()) return {};
  if (!std::ranges::is_sorted(told)) {
    std::vector<eventlog::Partition> sorted = told;
    std::ranges::sort(sorted);
    return lacks(sorted, wanted, exactly);
  }
  if (exactly && told != wanted) return "has other partitions than the directory says";
  for (const eventlog::Partition partition : wanted) {
    if (!std::ranges::binary_search(told, partition)) {
      return "does not have partition " + std::to_string(partition) +
             ", although the directory says so";
    }
  }
  return {};
}

bool lags(const lookup::Extents& told, const std::vector<eventlog::Partition>& wanted) {
  return std::ranges::any_of(told.partitions, [&](const lookup::Extent& extent) {
    return extent.lags && std::ranges::binary_search(wanted, extent.partition);
  });
}

class RoutingReader::Engine final : public Projectors {
 public:
  Engine(const RoutingOptions& options, PartitionDirectory& directory, Connect connect,
         base::Metrics& metrics)
      : options_(options),
        directory_(directory),
        connect_(std::move(connect)),
        metrics_(metrics),
        health_(options.cool_off),
        reach_(options.away_after),
        timers_({.threads = 1, .queue_max = 1}) {}

  ~Engine() override {
    timers_.stop();
    for (const auto* watched : {&young_, &hedged_}) {
      for (const Watched& waiting : *watched) {
        if (auto question = waiting.question.lock()) question->expire("the process stops");
      }
    }
  }

  template <typename Answer>
  void ask(Planner<Answer> planner, Done<Answer> done) {
    auto question = std::make_shared<RoutedQuestion<Answer>>(
        *this, std::move(planner), options_.attempts_max, std::move(done));
    question->start();
    watch(question);
  }

  std::shared_ptr<const ProjectorMap> map() override {
    auto map = directory_.map();
    const std::lock_guard lock(readers_mutex_);
    if (map != known_map_) {
      known_map_ = map;
      std::erase_if(readers_, [&](const auto& entry) {
        return std::ranges::find(map->projectors, entry.first, &ProjectorEntry::target) ==
               map->projectors.end();
      });
    }
    return map;
  }

  base::Result<std::shared_ptr<lookup::JobReader>> reader(const std::string& target) override {
    const std::lock_guard lock(readers_mutex_);
    std::shared_ptr<lookup::JobReader>& known = readers_[target];
    if (known != nullptr) return known;
    auto made = connect_(target);
    if (made) known = *made;
    return made;
  }

  void look_around() {
    const auto can_reach = [this](const std::string& target) {
      const auto asked = reader(target);
      return asked && (*asked)->reachable();
    };
    base::Status found = reach_.look(*map(), can_reach, std::chrono::steady_clock::now());
    const std::lock_guard lock(reach_mutex_);
    if (known_reached_ && found.has_value() != reached_.has_value()) tell(found);
    known_reached_ = known_reached_ || found;
    reached_ = std::move(found);
  }

  base::Status reached() const {
    const std::lock_guard lock(reach_mutex_);
    return reached_;
  }

  void failed(const std::string& target) override { metrics_.failed(target); }
  void suspect(const std::string& target) override {
    directory_.doubt();
    const std::lock_guard lock(health_mutex_);
    health_.failed(target, std::chrono::steady_clock::now());
  }
  void answered(const std::string& target, std::chrono::steady_clock::duration after) override {
    metrics_.answered(target, after);
    const std::lock_guard lock(health_mutex_);
    health_.answered(target);
  }
  std::string behind(const std::string& target, const lookup::Extents& told,
                     const std::vector<eventlog::Partition>& of) override {
    std::string why = high_water_.take(target, told, of);
    if (why.empty()) return why;
    metrics_.behind(target);
    const std::lock_guard lock(health_mutex_);
    health_.behind(target, std::chrono::steady_clock::now());
    return why;
  }
  void lagged(const std::string& target) override {
    metrics_.lagged(target);
    const std::lock_guard lock(health_mutex_);
    health_.failed(target, std::chrono::steady_clock::now());
  }
  void hedged() override { metrics_.hedged(); }
  void failed_over() override { metrics_.failed_over(); }
  void resume_after(std::chrono::milliseconds pause, std::function<void()> resume) override {
    metrics_.waited();
    timers_.after(pause, std::move(resume));
  }
  Targets suspects() override {
    const std::lock_guard lock(health_mutex_);
    return health_.suspects(std::chrono::steady_clock::now());
  }

 private:
  struct Watched {
    SteadyTime since;
    std::weak_ptr<Pending> question;
  };

  static void tell(const base::Status& found) {
    if (found) return base::log_info("a projector is reached again");
    base::log_warn("lookups are not answered", {{"error", found.error().message}});
  }

  void watch(const std::shared_ptr<Pending>& question) {
    const std::lock_guard lock(watch_mutex_);
    young_.push_back({std::chrono::steady_clock::now(), question});
    arm();
  }

  // With the lock.
  void arm() {
    if (armed_ || (young_.empty() && hedged_.empty())) return;
    armed_ = true;
    timers_.after(options_.timer_interval, [this] { look(); });
  }

  // Those that have waited longer; with the lock.
  static std::vector<std::shared_ptr<Pending>> take(std::deque<Watched>& from,
                                                    std::chrono::milliseconds longer,
                                                    std::deque<Watched>* into) {
    std::vector<std::shared_ptr<Pending>> due;
    const SteadyTime limit = std::chrono::steady_clock::now() - longer;
    while (!from.empty() && from.front().since <= limit) {
      if (auto question = from.front().question.lock()) {
        if (into != nullptr) into->push_back(from.front());
        due.push_back(std::move(question));
      }
      from.pop_front();
    }
    return due;
  }

  void look() {
    std::unique_lock lock(watch_mutex_);
    auto late = take(hedged_, options_.give_up_after, nullptr);
    std::ranges::move(take(young_, options_.give_up_after, nullptr), std::back_inserter(late));
    const auto slow = take(young_, options_.hedge_after, &hedged_);
    lock.unlock();
    for (const auto& question : slow) question->hedge();
    for (const auto& question : late) {
      question->expire("no answer from the projectors within " +
                       std::to_string(options_.give_up_after.count()) + " ms");
    }
    lock.lock();
    armed_ = false;
    arm();
  }

  const RoutingOptions options_;
  PartitionDirectory& directory_;
  const Connect connect_;
  RoutingMetrics metrics_;
  HighWater high_water_;

  std::mutex readers_mutex_;
  std::shared_ptr<const ProjectorMap> known_map_;
  std::map<std::string, std::shared_ptr<lookup::JobReader>> readers_;  // of that map's projectors

  std::mutex health_mutex_;
  ReplicaHealth health_;

  Reach reach_;  // of the thread that looks
  mutable std::mutex reach_mutex_;
  base::Status reached_ = base::fail(base::ErrorCode::kUnavailable,
                                     "it has not been looked yet which projectors can be reached");
  bool known_reached_ = false;  // at some time

  std::mutex watch_mutex_;
  std::deque<Watched> young_;   // oldest first
  std::deque<Watched> hedged_;  // the same
  bool armed_ = false;
  base::TaskPool timers_;
};

RoutingReader::RoutingReader(const RoutingOptions& options, PartitionDirectory& directory,
                             Connect connect, base::Metrics& metrics)
    : engine_(std::make_unique<Engine>(options, directory, std::move(connect), metrics)) {}

RoutingReader::~RoutingReader() = default;

void RoutingReader::look_around() {
  engine_->look_around();
}

base::Status RoutingReader::reached() const {
  return engine_->reached();
}

void RoutingReader::statuses(std::span<const std::string_view> ids, bool with_queues,
                             Done<lookup::StatusAnswer> done) {
  engine_->ask(plan_statuses(ids, with_queues), std::move(done));
}

void RoutingReader::details(std::vector<std::string> ids, bool with_spec,
                            Done<lookup::DetailsAnswer> done) {
  engine_->ask(plan_details(std::move(ids), with_spec), std::move(done));
}

void RoutingReader::list(lookup::ListRequest request, Done<lookup::ListAnswer> done) {
  engine_->ask(plan_list(std::move(request)), std::move(done));
}

void RoutingReader::summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) {
  engine_->ask(plan_summary(std::move(job_set)), std::move(done));
}

void RoutingReader::relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) {
  engine_->ask(plan_relays(std::move(job_sets)), std::move(done));
}

void RoutingReader::asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) {
  engine_->ask(plan_asked(std::move(request)), std::move(done));
}

void RoutingReader::active_queues(Done<lookup::ActiveQueuesAnswer> done) {
  engine_->ask(plan_active_queues(), std::move(done));
}

}  // namespace armada_cache::query
