// The job sets of a partition, in memory.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>

#include "projector/state.h"

namespace armada_cache::projector {

// Readers are any threads; one writer at a time.
class JobSetTable {
 public:
  // Any thread.
  std::optional<JobSetState> find(const base::JobSet& name) const;
  std::string queue_of(JobSetNumber number) const;  // empty where unknown
  std::optional<base::JobSet> name_of(JobSetNumber number) const;
  std::size_t size() const;
  // Holds up the writer.
  void each(const std::function<void(const JobSetEntry&)>& visit) const;

  // The writer. Pointers live until the job set's next change; null where unknown.
  const JobSetEntry* peek(JobSetView name) const;
  const JobSetEntry* peek(JobSetNumber number) const;
  JobSetNumber next_number() const { return next_number_; }
  void put(std::span<const JobSetEntry> entries);
  void erase(std::span<const base::JobSet> names);
  // The job set with the smallest number that is greater than this one; null at the end.
  const JobSetEntry* peek_after(JobSetNumber number) const;

 private:
  mutable std::shared_mutex mutex_;  // the writer alone changes, so that it peeks without
  boost::unordered_flat_map<JobSetView, std::unique_ptr<JobSetEntry>, JobSetViewHash> by_name_;
  boost::unordered_flat_map<JobSetNumber, JobSetEntry*> by_number_;
  JobSetNumber next_number_ = 1;
};

}  // namespace armada_cache::projector
