#include "tests/simulator/engine.h"

#include <charconv>

#include "armada/api/event.pb.h"
#include "tests/simulator/events.h"

namespace armada_cache::simulator {
namespace {

using std::chrono::microseconds;

constexpr microseconds kTick{5'000};
constexpr std::size_t kSlice = 2'000;  // events made before others get their turn
constexpr std::uint64_t kSubmitSalt = 0x5b317;
constexpr char kOutcomeAnnotation[] = "armada-sim/outcome";
constexpr char kSecondsAnnotation[] = "armada-sim/seconds";

std::uint64_t due(base::Time since, base::Time now, double rate) {
  return static_cast<std::uint64_t>(std::chrono::duration<double>(now - since).count() * rate);
}

double seconds_of(const api::Job& job, double otherwise) {
  const auto at = job.annotations().find(kSecondsAnnotation);
  double seconds = otherwise;
  if (at != job.annotations().end()) {
    std::from_chars(at->second.data(), at->second.data() + at->second.size(), seconds);
  }
  return seconds;
}

std::optional<Outcome> outcome_of(const api::Job& job) {
  const auto at = job.annotations().find(kOutcomeAnnotation);
  return at == job.annotations().end() ? std::nullopt : outcome_from(at->second);
}

}  // namespace

Engine::Engine(World& world, Timers& timers)
    : world_(world), timers_(timers), random_(world.options().seed ^ kSubmitSalt) {}

Engine::~Engine() = default;

base::Status Engine::start() {
  const Options& options = world_.options();
  load_ = std::make_unique<Load>(options, world_);
  load_started_ = play_started_ = world_.clock().now();
  if (!options.play.folder.empty()) {
    auto playback = Playback::open(options.play.folder, world_);
    if (!playback) return tl::unexpected(playback.error());
    playback_ = std::make_unique<Playback>(std::move(*playback));
  }
  timers_.post([this] { play_on(); });
  timers_.post([this] { make_load(); });
  return {};
}

void Engine::play_on() {
  const double rate = world_.options().play.rate;
  if (playback_ && rate <= 0) {
    while (!playback_->done()) playback_->emit(kSlice);
  } else if (playback_ && !playback_->done()) {
    const std::uint64_t target = due(play_started_, world_.clock().now(), rate);
    if (target > played_) playback_->emit(target - played_);
    played_ = std::max(played_, target);
  }
  play_done_ = !playback_ || playback_->done();
  if (!play_done_) timers_.after(kTick, [this] { play_on(); });
}

void Engine::make_load() {
  const double rate = world_.options().load.rate;
  std::uint64_t target = load_made_ + kSlice;
  if (rate > 0) target = std::min(target, due(load_started_, world_.clock().now(), rate));
  if (load_ending_) load_->end();
  while (load_made_ < target && !load_->done()) load_made_ += load_->emit(target - load_made_);
  load_done_ = load_->done();
  if (!load_done_) timers_.after(rate > 0 ? kTick : microseconds(0), [this] { make_load(); });
}

base::Result<std::string> Engine::submit(const base::JobSet& job_set, api::Job job) {
  if (!world_.admit_job()) {
    return base::fail(base::ErrorCode::kResourceExhausted,
                      "armada-sim holds as many jobs or bytes as it may; raise --max-jobs");
  }
  const std::lock_guard lock(mutex_);
  const LifeOptions& life = world_.options().life;
  const base::Time now = world_.clock().now();
  const Outcome outcome = outcome_of(job).value_or(draw_outcome(life, random_));
  const std::string id = make_job_id(now, random_);
  LiveJob live;
  live.job_set = job_set;
  live.steps = plan_life(outcome, life, random_);
  live.next = 2;  // submitted and queued follow below
  const double seconds = seconds_of(job, world_.options().job_seconds);
  live.pause = microseconds(static_cast<std::int64_t>(
      seconds * 1e6 / static_cast<double>(live.steps.size() - live.next)));
  const EventSubject subject{id, job_set};
  world_.emit(job_set, {make_submitted(subject, now, std::move(job)),
                        make_event(Step::kQueued, subject, now)});
  world_.plan(id, final_state(outcome));
  schedule(id, live.pause);
  jobs_.emplace(id, std::move(live));
  return id;
}

void Engine::schedule(const std::string& job_id, microseconds pause) {
  timers_.after(pause, [this, job_id] { advance(job_id); });
}

void Engine::advance(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  const auto at = jobs_.find(job_id);
  if (at == jobs_.end()) return;
  LiveJob& job = at->second;
  std::vector<api::EventMessage> events;
  const base::Time now = world_.clock().now();
  do {
    const Step step = job.steps[job.next++];
    if (step == Step::kLeased) ++job.runs;
    events.push_back(make_event(step, {job_id, job.job_set, job.runs}, now));
  } while (job.next < job.steps.size() && comes_with_previous(job.steps[job.next]));
  world_.emit(job.job_set, events);
  if (job.next < job.steps.size()) {
    schedule(job_id, job.pause);
  } else {
    jobs_.erase(at);
  }
}

std::optional<Engine::LiveJob> Engine::take(const base::JobSet& job_set,
                                            const std::string& job_id) {
  const auto at = jobs_.find(job_id);
  if (at == jobs_.end() || at->second.job_set != job_set) return std::nullopt;
  LiveJob job = std::move(at->second);
  jobs_.erase(at);
  return job;
}

bool Engine::cancel(const base::JobSet& job_set, const std::string& job_id, const Wish& wish) {
  const std::lock_guard lock(mutex_);
  const base::Time now = world_.clock().now();
  const EventSubject subject{job_id, job_set};
  std::vector<api::EventMessage> events{make_event(Step::kCancelling, subject, now)};
  events[0].mutable_cancelling()->set_requestor(wish.requestor);
  events[0].mutable_cancelling()->set_reason(wish.reason);
  const bool lives = take(job_set, job_id).has_value();
  if (lives) {
    events.push_back(make_event(Step::kCancelled, subject, now));
    events[1].mutable_cancelled()->set_requestor(wish.requestor);
    events[1].mutable_cancelled()->set_reason(wish.reason);
    world_.plan(job_id, JobState::kCancelled);
  }
  world_.emit(job_set, events);
  return lives;
}

bool Engine::preempt(const base::JobSet& job_set, const std::string& job_id, const Wish& wish) {
  const std::lock_guard lock(mutex_);
  const base::Time now = world_.clock().now();
  std::vector<api::EventMessage> events{make_event(Step::kPreempting, {job_id, job_set}, now)};
  events[0].mutable_preempting()->set_requestor(wish.requestor);
  events[0].mutable_preempting()->set_reason(wish.reason);
  const auto at = jobs_.find(job_id);
  const bool runs = at != jobs_.end() && at->second.job_set == job_set && at->second.runs > 0;
  if (runs) {
    const EventSubject subject{job_id, job_set, at->second.runs};
    events.push_back(make_event(Step::kPreempted, subject, now));
    events.push_back(make_event(Step::kFailedAfterPreemption, subject, now));
    world_.plan(job_id, JobState::kPreempted);
    jobs_.erase(at);
  }
  world_.emit(job_set, events);
  return runs;
}

void Engine::reprioritize(const base::JobSet& job_set, const std::string& job_id, double priority) {
  const std::lock_guard lock(mutex_);
  const base::Time now = world_.clock().now();
  const EventSubject subject{job_id, job_set};
  std::vector<api::EventMessage> events{make_event(Step::kReprioritizing, subject, now)};
  events[0].mutable_reprioritizing()->set_new_priority(priority);
  if (jobs_.contains(job_id)) {
    events.push_back(make_event(Step::kReprioritized, subject, now));
    events[1].mutable_reprioritized()->set_new_priority(priority);
  }
  world_.emit(job_set, events);
}

std::vector<std::string> Engine::live_jobs(const base::JobSet& job_set) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, job] : jobs_) {
    if (job.job_set == job_set) ids.push_back(id);
  }
  return ids;
}

}  // namespace armada_cache::simulator
