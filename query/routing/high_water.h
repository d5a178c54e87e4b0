// How far answers went, so that none goes back behind one before.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/lookup/job_reader.h"
#include "query/routing/partition_directory.h"

namespace armada_cache::query {

// Thread-safe. Copies are seldom equally old; an offset says how old each is. What was answered may
// hold everything up to the answer's `most`, so the next answer must hold that at least, unless it
// comes from the same life of the same projector, which does not go back by itself.
class HighWater {
 public:
  // Empty: the answer is not behind, and others are measured by it from now on. Else nothing
  // changes, and it says of what partition the answer is behind. Only `of` these partitions.
  // Answers that do not tell how far they go are never behind.
  std::string take(const std::string& target, const lookup::Extents& told,
                   const std::vector<eventlog::Partition>& of);

 private:
  struct Mark {
    eventlog::Offset most = 0;
    std::int64_t incarnation = 0;
    std::string target;
  };
  bool same_life(const Mark& mark, const std::string& target, const lookup::Extents& told) const;

  std::mutex mutex_;
  std::vector<Mark> marks_;  // by partition
};

}  // namespace armada_cache::query
