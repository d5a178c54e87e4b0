// All that the simulated Armada holds: queues, streams, and the truth about every job.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/job_set.h"
#include "tests/simulator/access.h"
#include "tests/simulator/account.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/job_set_stream.h"
#include "tests/simulator/oracle.h"

namespace api {
class Job;
}

namespace armada_cache::simulator {

// Thread-safe.
class World {
 public:
  // The clock must live as long as this.
  World(const Options& options, const base::Clock& clock);

  const base::Clock& clock() const { return clock_; }
  const Options& options() const { return options_; }
  const Credentials& credentials() const { return credentials_; }
  Queues& queues() { return queues_; }
  const Queues& queues() const { return queues_; }

  // nullptr if nothing was ever asked or told of the job set.
  std::shared_ptr<JobSetStream> find_stream(const base::JobSet& job_set) const;
  // Makes an empty stream where there is none: to Armada, such a job set does not exist.
  std::shared_ptr<JobSetStream> open_stream(const base::JobSet& job_set);

  // One upstream message of true events; the faults that are set may add others.
  void emit(const base::JobSet& job_set, const std::vector<api::EventMessage>& events);
  // A message as it was recorded.
  void emit_recorded(const base::JobSet& job_set, std::string message);
  // Something that is not to count as true.
  void emit_untrue(const base::JobSet& job_set, std::vector<JobSetStream::Outgoing> parts);

  void plan(const std::string& job_id, JobState final_state);
  // What the oracle knows: `use` is called with it under its lock, and must keep no reference.
  template <typename Use>
  auto ask(Use use) const {
    const std::lock_guard lock(mutex_);
    return use(oracle_);
  }
  // The spec as it was submitted; empty where that message is no longer held.
  api::Job spec_of(const base::JobSet& job_set, base::UpstreamId submitted_id) const;

  // Asked before each new job: false once max_jobs or max_bytes is reached.
  bool admit_job();
  std::uint64_t version() const;  // changes when anything is emitted
  Account account() const;        // `ended` looks at jobs alone; `made` is not set

 private:
  std::shared_ptr<JobSetStream> open_locked(const base::JobSet& job_set);
  void count(std::size_t messages, std::size_t bytes);

  const Options options_;
  const base::Clock& clock_;
  const Credentials credentials_;
  Queues queues_;

  mutable std::mutex mutex_;
  std::map<base::JobSet, std::shared_ptr<JobSetStream>> streams_;
  Oracle oracle_;
  FaultInjector faults_;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t admitted_jobs_ = 0;
  bool capped_ = false;
};

}  // namespace armada_cache::simulator
