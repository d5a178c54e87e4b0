// What a process takes and releases of the partitions that its group shares out, and when. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>

#include "core/eventlog/record.h"

namespace armada_cache::eventlog {

struct HandoverOptions {
  // Whether partitions are released that others may have: writers must, readers need not, who go on
  // with what they have until they are told that it is somebody else's.
  bool release_when_lost = true;
  // So long after they were revoked nothing was assigned: the group goes on without this process.
  // The session time-out of the group.
  std::chrono::milliseconds patience{6'000};
  std::chrono::milliseconds retry_pause{500};  // after partitions could not be taken
};

// A group revokes everything before it shares out anew. What stays with the process through that is
// neither released nor taken, unless a sharing was missed: then others may have had it. Not
// thread-safe.
class Handover {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Step {
    bool take = false;  // or release
    bool lost = false;  // of what is released: somebody else may have had it meanwhile
    std::set<Partition> partitions;
    std::int64_t generation = 0;  // of what is taken
    std::uint64_t epoch = 0;
  };

  explicit Handover(HandoverOptions options) : options_(options) {}

  // `generation` 0 is unknown.
  void assigned(const std::set<Partition>& partitions, std::int64_t generation);
  void revoked(Time now);
  void lost();

  // What is to be done next, if anything: one step at a time. What is released counts as released.
  std::optional<Step> next(Time now);
  // Whether a step that takes is not wanted any more, or may not be what it was.
  bool is_stale(const Step& taking) const;
  void taken(const Step& step, bool succeeded, Time now);
  // When next() may have something though nothing happened.
  std::optional<Time> wake_at() const;

 private:
  void forfeit();

  const HandoverOptions options_;
  std::set<Partition> wanted_;
  std::set<Partition> held_;
  std::set<Partition> forfeited_;  // of those held
  std::int64_t generation_ = 0;
  std::uint64_t epoch_ = 0;  // grows with each loss
  bool sharing_ = false;     // between a revocation and the next assignment
  std::optional<Time> lost_at_;
  std::optional<Time> retry_at_;
};

}  // namespace armada_cache::eventlog
