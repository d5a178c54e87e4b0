// The life of one job set's relay as a plain state machine: it is told what happened and when, and
// says what to do. No I/O.
//
//   start -> catch up -> (everything acknowledged) -> follow -> silence -> parked -> catch up ...
//   not read for a while, for lack of room -> catch up
//   any stream end or append error -> wait -> catch up;  stop -> (acknowledged) -> stopped
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "ingest/backoff.h"
#include "ingest/job_census.h"
#include "ingest/relay_status.h"
#include "ingest/stream_end.h"

namespace armada_cache::ingest {

struct RelayTimes {
  BackoffOptions backoff;
  base::Duration refused_retry = std::chrono::seconds(60);
  // So old can it be that Armada said there is no such queue.
  base::Duration missing_queue_retry = std::chrono::seconds(10);
  // A catch-up that brings nothing for so long is given up and begun again.
  base::Duration catch_up_stall = std::chrono::minutes(2);
  // A following stream that lasted so long was a success, whatever ended it.
  base::Duration settled_after = std::chrono::seconds(10);
  // A following stream that is not read for so long, since its events find no room, is behind: it
  // catches up again. Pauses with less than `held_back_gap` between them count as one.
  base::Duration held_back_after = std::chrono::seconds(1);
  base::Duration held_back_gap = std::chrono::milliseconds(200);

  // Silence after which a job set is parked: when all its jobs are known to be finished, and when
  // that is not known (its stream was not read from the start, or it has too many jobs).
  base::Duration park_after = std::chrono::minutes(10);
  base::Duration park_unsure_after = std::chrono::hours(1);
  base::Duration parked_look = std::chrono::minutes(5);
};

struct OpenStream {
  bool watch = false;
  bool error_if_missing = false;
};

// What the caller has to do, in the order of the fields.
struct RelayActions {
  bool close_stream = false;    // if one is open; what it still brings is not wanted
  bool from_the_start = false;  // forget the cursor and all that was read
  bool reread_credentials = false;
  std::optional<OpenStream> open;  // from the last message read
  bool write_status = false;
  bool stopped = false;  // the end, unless start() is called again
};

class RelayMachine {
 public:
  // `connected_at`: as an earlier relay of this job set left it.
  RelayMachine(RelayTimes times, std::uint64_t seed, base::Time connected_at)
      : times_(times), backoff_(times.backoff, seed), connected_(connected_at) {}

  // Also out of a stop that is not finished.
  RelayActions start(base::Time now);
  // No lease is left. `settled`: the log has acknowledged everything that was read.
  RelayActions stop(base::Time now, bool settled);
  // This process lets go of a job set that is still wanted.
  RelayActions release(base::Time now, bool settled);
  // It follows nothing at the moment, and somebody else can have its stream's place.
  bool can_give_way() const;
  // Ends as it is; look() goes on from there. `settled` as above.
  RelayActions give_way(base::Time now, bool settled);
  // Instead of start(): another try for one that gave way. What was said of it stays true until
  // this brings something.
  RelayActions look(base::Time now, const RelayStatus& left);
  RelayActions on_messages(base::Time now);
  // Whatever Armada had sent by then over the stream's connection has come. To be told before
  // whatever may end the stream: that is how far it was whole.
  void on_alive(base::Time at);
  RelayActions on_stream_end(base::Time now, const base::Status& end, bool from_start,
                             bool settled);
  // The log has acknowledged more; `settled` as above.
  RelayActions on_acknowledged(base::Time now, bool settled);
  // The caller has thrown away what was read and not acknowledged.
  RelayActions on_append_error(base::Time now, const base::Error& error);
  // A lease was renewed: somebody polls.
  RelayActions on_renewal(base::Time now);
  // Whether the caller reads the stream now; while it does not, silence says nothing.
  void on_reading(base::Time now, bool paused);
  // wake_at() is reached.
  RelayActions on_time(base::Time now, JobsLeft jobs);

  // When on_time() is due; it is harmless earlier.
  std::optional<base::Time> wake_at(JobsLeft jobs) const;

  RelayState state() const { return state_; }
  const std::string& last_error() const { return last_error_; }
  base::Time state_since() const { return since_; }
  base::Time connected_at() const { return connected_; }
  // Up to when the stream is known to be whole that follows.
  base::Time whole_until() const { return std::max(connected_, whole_so_far()); }

 private:
  enum class Phase {
    kIdle,
    kCatchUp,
    kSettling,
    kFollow,
    kAwait,
    kWait,
    kParked,
    kLook,
    kStopping
  };

  RelayActions enter(base::Time now, RelayState state, std::string error);
  RelayActions catch_up(base::Time now, RelayActions actions);
  RelayActions settle(base::Time now, bool settled);
  RelayActions follow(base::Time now);
  RelayActions await_job_set(base::Time now, std::string error);
  RelayActions retry(base::Time now, RelayState state, std::string error, base::Duration delay);
  RelayActions park(base::Time now);
  RelayActions end(base::Time now, bool settled, RelayState last, std::string why);
  RelayActions finish(base::Time now);
  base::Time whole_so_far() const {
    return paused_ ? std::min(whole_until_, held_back_since_) : whole_until_;
  }
  void note_whole_until_break(base::Time now);
  RelayActions fall_behind(base::Time now);
  bool is_held_back(base::Time now) const;
  base::Duration silence_allowed(JobsLeft jobs) const;
  bool has_stream() const;

  RelayTimes times_;
  Backoff backoff_;
  Phase phase_ = Phase::kIdle;
  RelayState state_ = RelayState::kStopped;
  std::string last_error_;
  base::Time since_;
  base::Time connected_;
  base::Time stream_opened_;
  base::Time last_heard_;
  base::Time whole_until_;      // of the stream that follows; the one before may have gone further
  base::Time held_back_since_;  // where it is paused
  bool paused_ = false;
  base::Time last_paused_;                         // where it is not paused now
  base::Time wake_;                                // kWait, kParked
  RelayState final_state_ = RelayState::kStopped;  // kStopping
  std::string final_error_;
};

}  // namespace armada_cache::ingest
