// Folds a batch of one partition's records into what they change. Pure: what was before comes from
// a StateSource, what is after goes into a ChangeSet.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/base/error.h"
#include "core/eventlog/record.h"
#include "projector/change_set.h"
#include "projector/state_source.h"

namespace armada_cache::projector {

// Keeps its memory from batch to batch. One thread at a time.
class Fold {
 public:
  explicit Fold(std::size_t rejected_payload_max_bytes);
  ~Fold();

  // The records of armada.events and armada.relays in the order of the log, each topic's offsets
  // ascending. What does not apply is among the rejected; an error means that the state could not
  // be read, and that nothing may be written. Views in the change set live as
  // long as the records, and until the next run.
  base::Result<ChangeSet> run(std::span<const eventlog::RecordView* const> records,
                              StateSource& source);

 private:
  class Batch;
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace armada_cache::projector
