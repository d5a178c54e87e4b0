// Which partitions' ingests have shown by pulses that they live, and which have fallen silent
// since.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/eventlog/record.h"

namespace armada_cache::projector {

// Not thread-safe. Pure.
class IngestPulses {
 public:
  struct Expected {
    eventlog::Partition partitions = 0;
    // Without a pulse for so long an ingest is silent, if its partition ever had one. 0: never.
    std::chrono::milliseconds patience{0};
    // A pulse that was appended earlier shows that there was one then, and no life now.
    base::Time since;
  };

  void expect(const Expected& expected) { expected_ = expected; }
  std::chrono::milliseconds patience() const { return expected_.patience; }

  // `key`: a pulse's. `vouched`: everything up to then is in the log. None of an `appended_at`: not
  // known, which shows no life. Whether the ingest had been silent.
  bool hear(const base::JobSet& key, base::Time vouched, std::optional<base::Time> appended_at);
  // To be called again and again. Whether any has fallen silent.
  bool note_silence(std::chrono::steady_clock::time_point now);

  // Where the job set's ingest is silent: up to when it vouched. None where it is not, or never
  // was heard at all.
  std::optional<base::Time> silent_after(const base::JobSet& job_set) const;

 private:
  struct Pulse {
    base::Time vouched;
    std::uint64_t heard = 0;  // how often
    std::uint64_t seen = 0;   // likewise, when it was last looked at
    std::optional<std::chrono::steady_clock::time_point> last;  // none: not in this life
    bool silent = false;
  };

  Expected expected_;
  std::unordered_map<eventlog::Partition, Pulse> pulses_;
};

}  // namespace armada_cache::projector
