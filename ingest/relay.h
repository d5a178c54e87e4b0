// One job set's relay: a RelayMachine with its stream, its outbox and its record in the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/line_budget.h"
#include "core/eventlog/event_log.h"
#include "ingest/armada_stream.h"
#include "ingest/buffer_budget.h"
#include "ingest/job_census.h"
#include "ingest/outbox.h"
#include "ingest/refused_appends.h"
#include "ingest/relay_machine.h"
#include "ingest/relay_metrics.h"
#include "ingest/relay_status.h"

namespace armada_cache::ingest {

class Relay;

struct RelayOptions {
  std::string cluster = "armada";  // the name of the Armada, part of each event's source
  eventlog::Partition partitions = 1;
  RelayTimes times;
  std::size_t buffer_bytes = std::size_t{1} << 20;       // read and not acknowledged
  std::size_t read_ahead_bytes = std::size_t{64} << 10;  // granted to the stream at a time
  std::size_t known_jobs = 100'000;
  base::Duration cursor_interval = std::chrono::milliseconds(250);
  base::Duration record_retry = std::chrono::seconds(1);
};

// What many relays can have to say at the same moment, such as that the disk is full.
struct RelayLines {
  base::LineBudget states{100, std::chrono::seconds(10)};
  base::LineBudget failures{1, std::chrono::seconds(10)};
};

// What all relays of a process share; outlives them and whatever they have appended.
struct RelayServices {
  RelayOptions options;
  Armada& armada;
  eventlog::Appender& appender;
  const base::Clock& clock;
  BufferBudget& budget;
  RelayMetrics& metrics;
  // Of the relay records of each partition that is ours, or was: what a former owner still writes
  // must not look newer than it is.
  std::map<eventlog::Partition, std::int64_t> generations;
  // Runs something later on the relays' thread. From any thread.
  std::function<void(std::function<void()>)> post;
  // wake_at() or is_finished() of a relay may have changed.
  std::function<void(Relay&)> changed;
  RelayLines lines{};
  RefusedAppends refused{};
};

// Everything happens on the relays' thread. Owned by a shared_ptr, since acknowledgements may come
// after it is gone.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(RelayServices& services, base::JobSet job_set, const RelayStatus& stored,
        std::uint64_t seed);
  ~Relay();

  void start();
  // No lease is left. Ends when the log has acknowledged what was read and the last record;
  // is_finished() then. start() takes it back.
  void stop();
  // Likewise, for a job set that somebody else will relay.
  void release();
  // Ends as it is, likewise, so that another has its place; look() goes on from `left`.
  void give_way();
  void look(const RelayStatus& left);
  // Wakes it where it rests, and has the record say anew how it is: whoever asked waits for that.
  void renew();
  void on_time();

  std::optional<base::Time> wake_at() const;
  bool is_finished() const { return stopped_ && !record_due_ && !record_in_flight_; }
  bool is_wanted() const { return wanted_; }
  bool can_give_way() const { return wanted_ && machine_.can_give_way(); }
  const base::JobSet& job_set() const { return job_set_; }
  RelayStatus status() const;
  eventlog::Partition home() const { return home_; }
  // For who will have read what was appended until now: up to when everything that Armada had is in
  // the log; Time::max() where the relay's record says by itself how far it is. None where that
  // record is a former owner's, or may be relied upon and not true any more, or where events have
  // been on their way for longer than `patience`.
  std::optional<base::Time> vouched_until(base::Duration patience);

 private:
  base::Time now() const { return services_.clock.now(); }
  void perform(RelayActions actions);
  void note_alive();
  // By the last of its records before whatever is appended now; kUnspecified before the first.
  RelayState state_told() const { return record_in_flight_ ? record_state_ : record_state_stored_; }
  void open(const OpenStream& how);
  void close();
  // Lets the stream read on as far as there is room.
  void top_up();
  void grant_what_there_is_room_for();
  void on_messages(std::vector<std::string> messages);
  void relay(std::string message);
  void on_end(const base::Status& end);
  void send();
  void on_part(std::uint64_t group, base::Time sent, const base::Status& status);
  void release_bytes(std::size_t bytes);
  void note_refused(const base::Error& why);
  void note_stored();
  void note_record_due();
  void log_state();
  void write_record();
  void on_record_written(const base::Status& status);

  RelayServices& services_;
  const base::JobSet job_set_;
  const eventlog::Partition home_;  // of its record and of what names no job
  RelayMachine machine_;
  Outbox outbox_;
  JobCensus census_;
  RelayState counted_as_;

  std::unique_ptr<ArmadaStream> stream_;
  std::int64_t credit_ = 0;  // cost that the stream may still read
  bool asked_from_start_ = false;
  bool waits_for_budget_ = false;
  bool wanted_ = false;
  bool refused_ = false;  // by the log, when events were appended last
  bool stopped_ = false;  // the machine has come to its end

  std::optional<base::Time> record_due_;
  bool record_in_flight_ = false;
  base::Time record_written_;
  RelayState record_state_ = RelayState::kUnspecified;         // that it says, once it is there
  RelayState record_state_stored_ = RelayState::kUnspecified;  // that the last one there says
  std::optional<base::Time> sent_;  // when the group left that is on its way
  // Nothing that was read before is still to be stored; none where nothing is.
  std::optional<base::Time> unstored_since_;
};

}  // namespace armada_cache::ingest
