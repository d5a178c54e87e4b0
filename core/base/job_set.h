// What events come by: the name of a job set.
#pragma once

#include <compare>
#include <functional>
#include <string>

namespace armada_cache::base {

// Armada's unit of events: one ordered stream for each (queue, job set). Names may hold any UTF-8.
struct JobSet {
  std::string queue;
  std::string name;

  auto operator<=>(const JobSet&) const = default;
};

}  // namespace armada_cache::base

template <>
struct std::hash<armada_cache::base::JobSet> {
  std::size_t operator()(const armada_cache::base::JobSet& job_set) const noexcept {
    const std::size_t queue = std::hash<std::string>()(job_set.queue);
    return queue * 31 + std::hash<std::string>()(job_set.name);
  }
};
