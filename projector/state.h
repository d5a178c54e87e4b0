// What a partition knows, as values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/job_set.h"
#include "core/base/upstream_id.h"
#include "core/eventlog/record.h"

namespace armada_cache::projector {

// api.JobState has the values 0 to 10.
inline constexpr std::size_t kStateCount = 11;
using StateCounts = std::array<std::int64_t, kStateCount>;

// PENDING, RUNNING, LEASED: what makes a queue active.
constexpr bool is_active(int state) {
  return state == 1 || state == 2 || state == 7;
}

// Stands for a (queue, job set) within one partition.
using JobSetNumber = std::uint32_t;

struct JobSetView {
  std::string_view queue;
  std::string_view name;

  JobSetView() = default;
  JobSetView(std::string_view of_queue, std::string_view of_name)
      : queue(of_queue), name(of_name) {}
  JobSetView(const base::JobSet& set) : queue(set.queue), name(set.name) {}  // NOLINT: a view
  bool operator==(const JobSetView&) const = default;
};

struct JobSetViewHash {
  std::size_t operator()(const JobSetView& view) const noexcept {
    return std::hash<std::string_view>()(view.queue) * 31 +
           std::hash<std::string_view>()(view.name);
  }
};

struct JobSetState {
  JobSetNumber number = 0;
  // Of the newest message of the job set that this partition has seen.
  base::UpstreamId last_id;
  StateCounts jobs_by_state{};

  bool has_jobs() const {
    for (const std::int64_t count : jobs_by_state) {
      if (count != 0) return true;
    }
    return false;
  }
};

struct JobSetEntry {
  base::JobSet name;
  JobSetState state;
};

// What is asked most of a job.
struct JobStatus {
  int state = 0;
  JobSetNumber job_set = 0;
  std::uint32_t last_transition_seconds = 0;  // Unix time
};

// A job as stored. `record` is an encoded internal.v1.JobRecord without queue and job set.
struct StoredJob {
  bool known = false;
  JobStatus status;
  std::string_view record;
};

// The offsets of the next records to apply.
struct Positions {
  eventlog::Offset events = 0;
  eventlog::Offset relays = 0;

  bool operator==(const Positions&) const = default;
};

}  // namespace armada_cache::projector
