// What a fold needs to know of the state before its batch.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "projector/state.h"

namespace armada_cache::projector {

class StateSource {
 public:
  virtual ~StateSource() = default;

  // One entry for each id, in their order. Views live until the next call or the next change.
  virtual base::Status jobs(std::span<const std::string_view> ids,
                            std::vector<StoredJob>& into) = 0;

  // Null where there is no such job set. Live until the next change.
  virtual const JobSetEntry* job_set(JobSetView name) const = 0;
  virtual const JobSetEntry* job_set(JobSetNumber number) const = 0;
  // Greater than any number in use.
  virtual JobSetNumber next_number() const = 0;

  // The generation that wrote the job set's relay record; 0 where there is none.
  virtual std::int64_t relay_generation(const base::JobSet& job_set) const = 0;
  virtual Positions positions() const = 0;
};

}  // namespace armada_cache::projector
