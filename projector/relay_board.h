// The relays of all partitions: what they mean for how much an answer can be relied upon.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/lookup/job_reader.h"
#include "core/relay/state.h"
#include "projector/ingest_pulses.h"
#include "projector/job_set_cell_pool.h"
#include "projector/relay_limit.h"

namespace armada_cache::internal::v1 {
class RelayRecord;
}

namespace armada_cache::projector {

// Up to when a relay in this state says that all is known; RelayLimit::kNone where it says up to
// now.
std::int64_t relay_limit(int state, std::int64_t connected_us);

// Thread-safe.
class RelayBoard {
 public:
  RelayBoard() { least_.set(least_limit_); }

  // Where a record comes from: the log, or this projection's own disk. The latter may be of a time
  // when its writer still lived, so it does not make an answer fresh.
  enum class Source { kLog, kDisk };

  struct Origin {
    base::Time appended_at;  // to the log, or not later than then
    Source source = Source::kLog;
    // The least of the limits of the records since the last one that was put.
    std::int64_t least = RelayLimit::kNone;
  };

  struct Relay {
    lookup::RelayStatus status;
    std::int64_t generation = 0;
    RelayLimit limit;
    std::uint64_t changed = 0;  // when it last came out of doubt, or connected anew; see mark()
    // What its ingest said before it fell silent; `status` is what that is worth.
    std::optional<lookup::RelayStatus> said;
  };

  // What lookups see by now; the epoch where it is never told. Before others use the board.
  void set_visible(std::function<base::Time()> visible) { visible_ = std::move(visible); }

  // Where an ingest is silent, none of its relays is followed any more. Before others use the
  // board; without it pulses mean nothing.
  void expect_pulses(const IngestPulses::Expected& expected) { pulses_.expect(expected); }
  // To be called again and again; silence is noticed no earlier than this is.
  void note_silence(std::chrono::steady_clock::time_point now);

  // A pulse brings back what its partition's ingest said before it fell silent.
  void put(const base::JobSet& job_set, const internal::v1::RelayRecord& record,
           const Origin& origin);
  void erase(const base::JobSet& job_set, base::Time appended_at);

  // Grows whenever a relay comes out of doubt or connects anew. What it has brought by then is in
  // the log: only for ends of the log that are asked for after the mark is it certain to be below.
  std::uint64_t mark() const { return mark_.load(std::memory_order_acquire); }
  // Why events may be missing below the ends of the log that were asked for after that mark; names
  // one relay. Empty where there is no reason.
  std::string doubt(std::uint64_t mark) const;
  // Some of the relays that are in doubt because they rest; others the next time.
  std::vector<base::JobSet> resting(std::size_t limit) const;
  // What happened after this may be missing, whatever the job set: what the relays limit that are
  // wanted. Time::max() where there is none. For who has seen what was appended up to `visible`.
  base::Time as_of(base::Time visible) const { return base::from_unix_micros(least_.at(visible)); }
  // For who has seen everything that the log holds now.
  base::Time as_of_all() const { return base::from_unix_micros(least_.last()); }

  std::optional<Relay> find(const base::JobSet& job_set) const;
  // 0 where there is no relay.
  std::int64_t generation(const base::JobSet& job_set) const;
  // Whether events of the job set may still come.
  bool expects_events(const base::JobSet& job_set) const;
  std::array<std::int64_t, relay::kStates> counts() const;

  // The job set's cell, kept up to date until it is let go.
  JobSetCell* hold_cell(const base::JobSet& job_set);
  void let_go_cell(const base::JobSet& job_set);
  lookup::AskedAnswer asked(lookup::AskedRequest request, std::size_t scan_max) const;

 private:
  void set(const base::JobSet& job_set, Relay relay, const Origin& origin);
  void hear(const base::JobSet& pulse, const internal::v1::RelayRecord& record,
            const Origin& origin);
  void take_silence_into_account(bool silent, const Origin& origin);
  lookup::RelayStatus worth(const lookup::RelayStatus& said, base::Time vouched) const;
  std::uint64_t next_mark(const base::JobSet& job_set);
  std::int64_t visible_micros() const;
  void remove(const base::JobSet& job_set);
  void publish(bool raised, base::Time appended_at);
  std::string describe(const base::JobSet& job_set) const;

  mutable std::mutex mutex_;
  std::unordered_map<base::JobSet, Relay> relays_;
  IngestPulses pulses_;
  std::set<std::pair<std::int64_t, base::JobSet>> doubted_;  // by the time of connection
  std::set<std::pair<std::int64_t, base::JobSet>> limited_;  // and wanted; by the limit
  std::set<base::JobSet> resting_;
  mutable base::JobSet last_rested_;
  base::JobSet last_changed_;
  JobSetCellPool cells_;
  std::array<std::int64_t, relay::kStates> counts_{};
  std::atomic<std::uint64_t> mark_ = 0;
  RelayLimit least_limit_{.limit = RelayLimit::kNone};
  SharedRelayLimit least_;
  std::function<base::Time()> visible_;
};

}  // namespace armada_cache::projector
