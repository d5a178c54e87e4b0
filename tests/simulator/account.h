// What the simulator did, to compare a cache with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/simulator/job_set_stream.h"
#include "tests/simulator/oracle.h"

namespace armada_cache::simulator {

struct JobAccount {
  std::string id;
  base::JobSet job_set;
  JobState state = JobState::kQueued;
  JobState expected = JobState::kQueued;  // in the end
  std::uint32_t runs = 0;
  std::uint32_t events = 0;  // true ones: without repeats, stragglers and foreign ids
};

struct JobSetAccount {
  base::JobSet job_set;
  std::vector<MessageId> ids;  // of every message ever made, in order
  std::uint64_t trimmed = 0;   // so many of the oldest are gone
  JobSetStream::Readers readers;
};

struct Account {
  std::uint64_t seed = 0;
  bool made = false;    // all of the load, and all that is to be played, has been emitted
  bool ended = false;   // the same, and every job has ended
  bool capped = false;  // max_jobs or max_bytes kept jobs from being made
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, std::uint64_t> injected;  // faulty messages by kind, such as "duplicate"
  std::vector<JobSetAccount> job_sets;
  std::vector<JobAccount> jobs;

  // nullptr if there is none.
  const JobSetAccount* find(const base::JobSet& job_set) const;
};

// Writes JSON lines: {"type":"simulator",...}, then a "job_set" and a "job" line for each. The file
// is replaced at once, so that a reader never sees half of one.
base::Status write_account(const Account& account, const std::string& file);

}  // namespace armada_cache::simulator
