// docs/examples/follow_queue.py as a test runs it, and what it prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace armada_cache {

// One line; job set and job as they are printed.
struct FollowedEvent {
  std::string job_set;
  std::string job;
  std::string kind;
  std::string id;
  std::string partition;
  std::int64_t offset = 0;
};
using FollowedEvents = std::vector<FollowedEvent>;

class QueueFollower {
 public:
  // Its output goes into the folder.
  QueueFollower(std::vector<std::string> arguments, const std::filesystem::path& folder);

  test_support::Process& process() { return process_; }
  FollowedEvents events() const;
  bool has_more_than(std::size_t events) const;

 private:
  test_support::Process process_;
};

// By partition, what its state file says of the next offset. Empty where there is no such file.
using FollowedPositions = std::map<std::string, std::int64_t>;
FollowedPositions saved_positions(const std::filesystem::path& state_file);

// Of the events of one that was killed, those that it had saved; the next one prints the others
// again.
FollowedEvents up_to(const FollowedPositions& positions, FollowedEvents events);

std::map<std::string, std::set<std::string>> ids_by_job_set(const FollowedEvents& events);

// What is there twice, or comes after a newer one of its job set and partition.
std::vector<std::string> order_problems(const FollowedEvents& events);

}  // namespace armada_cache
