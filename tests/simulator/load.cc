#include "tests/simulator/load.h"

#include <algorithm>

#include "armada/api/event.pb.h"
#include "tests/simulator/events.h"

namespace armada_cache::simulator {

JobState final_state(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFailed:
    case Outcome::kLeaseExpired:
      return JobState::kFailed;
    case Outcome::kCancelled:
      return JobState::kCancelled;
    case Outcome::kPreempted:
      return JobState::kPreempted;
    case Outcome::kRejected:
      return JobState::kRejected;
    case Outcome::kSucceeded:
    case Outcome::kRetried:
    case Outcome::kLeaseReturned:
      break;
  }
  return JobState::kSucceeded;
}

Load::Load(const Options& options, World& world)
    : options_(options.load),
      more_(options.load.until_told),
      life_(options.life),
      world_(world),
      random_(options.seed) {
  for (std::size_t i = 0; i < options_.job_sets; ++i) {
    const std::string& queue = options_.queues[i % options_.queues.size()];
    world_.queues().add(queue_from({queue}));
    job_sets_.push_back({{queue, options_.prefix + std::to_string(i)}, {}});
  }
}

std::size_t Load::emit(std::size_t events) {
  std::vector<api::EventMessage> batch;
  while (batch.empty() && !job_sets_.empty()) {
    LiveJobSet job_set = std::move(job_sets_.front());
    job_sets_.pop_front();
    add_jobs(job_set);
    while (batch.size() < std::min(events, options_.batch) && !job_set.live.empty()) {
      const std::size_t chosen = random_() % job_set.live.size();
      if (!advance(job_set.name, job_set.live[chosen], batch)) {
        std::swap(job_set.live[chosen], job_set.live.back());
        job_set.live.pop_back();
        add_jobs(job_set);
      }
    }
    if (batch.empty()) continue;
    world_.emit(job_set.name, batch);
    for (const auto& [job_id, state] : plans_) world_.plan(job_id, state);
    plans_.clear();
    job_sets_.push_back(std::move(job_set));
  }
  return batch.size();
}

void Load::add_jobs(LiveJobSet& job_set) {
  while (!job_set.full && job_set.live.size() < options_.live_jobs) {
    const bool enough = !more_ && options_.jobs > 0 && job_set.made >= options_.jobs;
    job_set.full = enough || !world_.admit_job();
    if (job_set.full) return;
    ++job_set.made;
    LiveJob job;
    job.id = make_job_id(world_.clock().now(), random_);
    job.outcome = draw_outcome(life_, random_);
    job.steps = plan_life(job.outcome, life_, random_);
    job_set.live.push_back(std::move(job));
  }
}

bool Load::advance(const base::JobSet& job_set, LiveJob& job,
                   std::vector<api::EventMessage>& events) {
  const base::Time now = world_.clock().now();
  do {
    const Step step = job.steps[job.next++];
    if (step == Step::kLeased) ++job.runs;
    if (step == Step::kSubmitted) plans_.emplace_back(job.id, final_state(job.outcome));
    const EventSubject subject{job.id, job_set, job.runs};
    events.push_back(step == Step::kSubmitted
                         ? make_submitted(subject, now, make_job(life_.spec_bytes))
                         : make_event(step, subject, now));
  } while (job.next < job.steps.size() && comes_with_previous(job.steps[job.next]));
  return job.next < job.steps.size();
}

}  // namespace armada_cache::simulator
