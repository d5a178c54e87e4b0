// The relays of all partitions: what they mean for how much an answer can be relied upon.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/lookup/job_reader.h"

namespace armada_cache::internal::v1 {
class RelayRecord;
}

namespace armada_cache::projector {

// Thread-safe.
class RelayBoard {
 public:
  static constexpr std::size_t kStates = 8;  // values of internal.v1.RelayState

  // Whether a relay in this state has delivered everything that it will ever deliver as it is.
  static bool is_settled(int state);

  void put(const base::JobSet& job_set, const internal::v1::RelayRecord& record);
  void erase(const base::JobSet& job_set);

  // Relays whose job sets may have events that are not here: catching up, retrying, or in a state
  // unknown to this program. While there is one, "no such job" is not certain.
  bool settled() const { return unsettled_count_.load(std::memory_order_acquire) == 0; }
  // Names one such relay; empty where there is none.
  std::string doubt() const;
  // What happened after this may be missing, for such a relay. Time::max() where there is none.
  base::Time as_of() const {
    return base::from_unix_micros(as_of_micros_.load(std::memory_order_acquire));
  }

  std::optional<lookup::RelayStatus> find(const base::JobSet& job_set) const;
  // 0 where there is no relay.
  std::int64_t generation(const base::JobSet& job_set) const;
  // Whether events of the job set may still come.
  bool expects_events(const base::JobSet& job_set) const;
  std::array<std::int64_t, kStates> counts() const;

 private:
  struct Relay {
    lookup::RelayStatus status;
    std::int64_t generation = 0;
  };

  void remove(const base::JobSet& job_set);
  void publish();

  mutable std::mutex mutex_;
  std::unordered_map<base::JobSet, Relay> relays_;
  std::set<std::pair<std::int64_t, base::JobSet>> unsettled_;  // by the time of connection
  std::array<std::int64_t, kStates> counts_{};
  std::atomic<std::size_t> unsettled_count_ = 0;
  std::atomic<std::int64_t> as_of_micros_ = INT64_MAX;
};

}  // namespace armada_cache::projector
