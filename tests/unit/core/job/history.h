// Generated lives of jobs, as a real Armada could tell them.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "armada/api/event.pb.h"

namespace armada_cache::job {

struct History {
  std::vector<api::EventMessage> events;
  // Index of the first event that ends the job; its late events follow.
  std::size_t end = 0;
};

using Random = std::mt19937_64;

// Several runs, returned and expired leases, reports back and forth, one terminal event, then late
// events and sometimes a preemption after the end.
History random_history(Random& random);

// The events with some of them repeated later on, but never between a preempted and its failed.
std::vector<api::EventMessage> with_repeats(const std::vector<api::EventMessage>& events,
                                            Random& random);

}  // namespace armada_cache::job
