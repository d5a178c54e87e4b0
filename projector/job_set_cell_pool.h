// The cells of all job sets, shared by the partitions that have jobs of them.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <vector>

#include "core/lookup/job_reader.h"
#include "projector/job_set_cell.h"

namespace armada_cache::projector {

// Not thread-safe but for what is done with the cells: its owner locks. Cells are never freed, but
// used again once nobody holds them.
class JobSetCellPool {
 public:
  // Every hold() needs its own let_go(). A new cell knows nothing of its job set.
  JobSetCell& hold(const base::JobSet& job_set);
  void let_go(const base::JobSet& job_set);
  // Null where nobody holds it.
  JobSetCell* find(const base::JobSet& job_set) const;

  // Looks at no more than `scan_max` job sets.
  lookup::AskedAnswer asked(const lookup::AskedRequest& request, std::size_t scan_max) const;

 private:
  struct Held {
    JobSetCell* cell = nullptr;
    std::size_t holders = 0;
  };

  std::map<base::JobSet, Held> held_;
  std::deque<JobSetCell> cells_;
  std::vector<JobSetCell*> unused_;
};

}  // namespace armada_cache::projector
