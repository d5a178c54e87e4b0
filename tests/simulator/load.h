// The job sets that exist from the start, and the jobs that live in them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulator/life.h"
#include "tests/simulator/world.h"

namespace armada_cache::simulator {

// Not thread-safe.
class Load {
 public:
  // Makes the queues of the load. The world must live as long as this.
  Load(const Options& options, World& world);

  // The next upstream message of about `events` true events at the most, in one job set. Returns
  // how many there were; 0 once every job has ended and no more are made.
  std::size_t emit(std::size_t events);
  bool done() const { return job_sets_.empty(); }
  // No more jobs than options.load.jobs from here on.
  void end() { more_ = false; }

 private:
  struct LiveJob {
    std::string id;
    Outcome outcome = Outcome::kSucceeded;
    std::vector<Step> steps;
    std::size_t next = 0;
    std::uint32_t runs = 0;
  };
  struct LiveJobSet {
    base::JobSet name;
    std::vector<LiveJob> live;
    std::size_t made = 0;
    bool full = false;
  };

  void add_jobs(LiveJobSet& job_set);
  // Adds the job's next steps to `events`; false once its life is over.
  bool advance(const base::JobSet& job_set, LiveJob& job, std::vector<api::EventMessage>& events);

  const LoadOptions options_;
  bool more_;  // jobs than options_.jobs
  const LifeOptions life_;
  World& world_;
  Random random_;
  std::vector<std::pair<std::string, JobState>> plans_;  // of the jobs submitted in this batch
  std::deque<LiveJobSet> job_sets_;                      // the next one to be served first
};

// How the job ends.
JobState final_state(Outcome outcome);

}  // namespace armada_cache::simulator
