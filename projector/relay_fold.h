// The relay records of a batch: of each job set, the last one that counts.
#pragma once

#include <map>
#include <tl/expected.hpp>

#include "core/eventlog/record.h"
#include "projector/change_set.h"
#include "projector/event_opener.h"
#include "projector/relay_limit.h"
#include "projector/state_source.h"

namespace armada_cache::projector {

class RelayFold {
 public:
  explicit RelayFold(const StateSource& source) : source_(source) {}

  tl::expected<void, Refusal> take(const eventlog::RecordView& record, ChangeSet& changes);
  void finish(ChangeSet& changes);

 private:
  struct Latest {
    std::int64_t generation = 0;
    std::optional<std::string> record;
    bool changed = false;
    base::Time appended_at;
    std::int64_t limit = RelayLimit::kNone;
    std::int64_t least_limit = RelayLimit::kNone;  // of those before

    void follow(std::int64_t next_limit, const eventlog::RecordView& by);
  };

  Latest& latest_of(const base::JobSet& job_set);

  const StateSource& source_;
  std::map<base::JobSet, Latest> latest_;
};

}  // namespace armada_cache::projector
