// The job sets that one batch touches, with their state as the batch goes on.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <vector>

#include "projector/state_source.h"

namespace armada_cache::projector {

struct JobSetWork {
  JobSetView name;  // into `entry`
  JobSetEntry entry;
  bool known = false;  // the partition has seen it, so last_id means something
  bool changed = false;
  std::string_view checked_source;
};

class JobSetBatch {
 public:
  explicit JobSetBatch(const StateSource& source)
      : source_(source), next_number_(source.next_number()) {}

  // References stay valid.
  JobSetWork& of(JobSetView name);
  JobSetWork& of(JobSetNumber number);

  // Counts one job more (or less) in that state.
  void count(JobSetNumber number, int state, std::int64_t by);

  // In the order of their names.
  std::vector<JobSetEntry> changed() const;

 private:
  JobSetWork& add(JobSetView name, const JobSetEntry* entry);

  const StateSource& source_;
  JobSetNumber next_number_;
  std::deque<JobSetWork> works_;
  boost::unordered_flat_map<JobSetView, JobSetWork*, JobSetViewHash> by_name_;
  boost::unordered_flat_map<JobSetNumber, JobSetWork*> by_number_;
  JobSetWork* last_ = nullptr;
};

}  // namespace armada_cache::projector
