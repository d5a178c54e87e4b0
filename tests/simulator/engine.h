// Lets time pass in the world: load, playback, and the lives of submitted jobs.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/simulator/load.h"
#include "tests/simulator/playback.h"
#include "tests/simulator/timers.h"
#include "tests/simulator/world.h"

namespace armada_cache::simulator {

// Thread-safe. The world and the timers must live as long as this; stop the timers first.
class Engine {
 public:
  Engine(World& world, Timers& timers);
  ~Engine();

  // Reads what is to be played, plays it if it is to come at once, and starts the rest.
  base::Status start();

  // A new job, which then lives for `seconds`. Its annotations "armada-sim/outcome" and
  // "armada-sim/seconds" overrule what would be drawn. kResourceExhausted beyond the caps.
  base::Result<std::string> submit(const base::JobSet& job_set, api::Job job);
  // These do nothing to jobs that have ended or are unknown; as in Armada, the wish is an event of
  // the job set all the same. `reason` may be empty.
  struct Wish {
    std::string requestor;
    std::string reason;
  };
  bool cancel(const base::JobSet& job_set, const std::string& job_id, const Wish& wish);
  bool preempt(const base::JobSet& job_set, const std::string& job_id, const Wish& wish);
  void reprioritize(const base::JobSet& job_set, const std::string& job_id, double priority);
  // The ids of the job set's submitted jobs that have not ended.
  std::vector<std::string> live_jobs(const base::JobSet& job_set) const;

  // The load is made and what is played has played.
  bool done() const { return load_done_ && play_done_; }
  // See LoadOptions::until_told. From any thread.
  void end_load() { load_ending_ = true; }

 private:
  struct LiveJob {
    base::JobSet job_set;
    std::vector<Step> steps;
    std::size_t next = 0;
    std::uint32_t runs = 0;
    std::chrono::microseconds pause{0};  // between two steps
  };

  void make_load();
  void play_on();
  void schedule(const std::string& job_id, std::chrono::microseconds pause);
  void advance(const std::string& job_id);
  // The job's place in the world, if it lives there; removes it from the living.
  std::optional<LiveJob> take(const base::JobSet& job_set, const std::string& job_id);

  World& world_;
  Timers& timers_;
  std::unique_ptr<Load> load_;
  std::unique_ptr<Playback> playback_;
  base::Time load_started_;
  std::uint64_t load_made_ = 0;
  base::Time play_started_;
  std::uint64_t played_ = 0;
  std::atomic<bool> load_done_ = false;
  std::atomic<bool> load_ending_ = false;
  std::atomic<bool> play_done_ = false;

  mutable std::mutex mutex_;
  Random random_;
  std::unordered_map<std::string, LiveJob> jobs_;
};

}  // namespace armada_cache::simulator
