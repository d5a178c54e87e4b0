// What is true of every job, found from the events by rules of the simulator's own: what a cache is
// compared with must not be computed by the cache's code.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/base/upstream_id.h"

namespace api {
class EventMessage;
}

namespace armada_cache::simulator {

// Armada's numbers.
enum class JobState : std::uint8_t {
  kQueued = 0,
  kPending = 1,
  kRunning = 2,
  kSucceeded = 3,
  kFailed = 4,
  kLeased = 7,
  kPreempted = 8,
  kCancelled = 9,
  kRejected = 10,
};
// "QUEUED", ...
std::string_view name_of(JobState state);
bool is_terminal(JobState state);

enum class RunState : std::uint8_t {
  kLeased = 1,
  kPending = 2,
  kRunning = 3,
  kSucceeded = 4,
  kFailed = 5,
  kPreempted = 6,
  kCancelled = 7,
  kLeaseExpired = 8,
  kLeaseReturned = 9,
};

// A time that has not come is the epoch. Texts belong to the oracle.
struct RunFacts {
  RunState state = RunState::kLeased;
  std::string_view cluster;
  std::string_view node;
  std::string_view pool;
  base::Time leased;
  base::Time pending;
  base::Time started;
  base::Time finished;
  std::map<std::int32_t, std::string> ingress_addresses{};
};

struct JobFacts {
  const base::JobSet* job_set = nullptr;
  JobState state = JobState::kQueued;
  std::optional<JobState> planned;  // how it is to end; not known of a job that is played back
  bool preemption_announced = false;
  base::UpstreamId submitted_id;  // of the message that holds the job's spec
  base::Time submitted;
  base::Time last_transition;
  base::Time cancelled;
  std::string_view cancel_user;
  std::string_view error;
  std::vector<RunFacts> runs;
  std::uint32_t events = 0;
};

// Not thread-safe.
class Oracle {
 public:
  using Jobs = std::unordered_map<std::string, JobFacts>;

  // An event that truly happened; repeats and stragglers of a faulty stream are not shown to it.
  void observe(const base::JobSet& job_set, base::UpstreamId id, const api::EventMessage& event);
  void plan(const std::string& job_id, JobState final_state);

  const JobFacts* find(const std::string& job_id) const;
  const Jobs& jobs() const { return jobs_; }
  std::vector<std::string> find_by_uri(const base::JobSet& job_set, const std::string& uri) const;
  // How many jobs have not ended.
  std::size_t live() const { return live_; }

 private:
  struct Common;
  static Common common_of(const api::EventMessage& event);
  void submitted(const base::JobSet& job_set, base::UpstreamId id, const api::EventMessage& event);
  void apply(const Common& common, const api::EventMessage& event, JobFacts& job);
  void run_event(const Common& common, const api::EventMessage& event, JobFacts& job);
  void failed(const Common& common, const api::EventMessage& event, JobFacts& job);
  void move(JobState state, base::Time when, JobFacts& job);
  static void end_run(RunState state, base::Time when, JobFacts& job);
  std::string_view keep(std::string_view text);

  Jobs jobs_;
  std::unordered_set<base::JobSet> job_sets_;
  std::unordered_set<std::string> texts_;
  std::map<std::pair<base::JobSet, std::string>, std::vector<std::string>> uris_;
  std::size_t live_ = 0;
};

}  // namespace armada_cache::simulator
