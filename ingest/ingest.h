// Relays the wanted job sets' event streams from Armada into the log.
//
// A job set is wanted while armada.subscriptions has a live lease for it. Its events go to
// armada.events as they came, keyed by job; how far that is, and how it stands, to armada.relays.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/topic_follower.h"
#include "core/rpc/authorization.h"
#include "core/rpc/channel.h"
#include "ingest/channel_pool.h"
#include "ingest/relay.h"
#include "ingest/relay_hub.h"

namespace armada_cache::ingest {

struct Options {
  rpc::ChannelOptions armada{.keepalive_time = std::chrono::seconds(12),
                             .keepalive_timeout = std::chrono::seconds(5)};
  ProbeTimes probes;  // together they bound how long a dead connection goes unnoticed
  rpc::Credentials credentials;
  ChannelPool::Limits channels;  // of connections: raised to what hub.max_job_sets needs
  RelayOptions relay;            // partitions must be those of the topics
  HubOptions hub;
  // Bytes read from Armada and not yet acknowledged, over all job sets. Each open stream may hold
  // one grant (relay.read_ahead_bytes) and one message more. Not less than relay.buffer_bytes, nor
  // that than a grant: otherwise nothing is read.
  std::size_t buffer_bytes_total = std::size_t{48} << 20;
  eventlog::FollowOptions follow;  // how armada.subscriptions is read
  // How long taking over partitions waits for a log that brings nothing.
  std::chrono::milliseconds replay_patience = std::chrono::seconds(30);
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
};

// Thread-safe. Runs two threads: one for all relays, one that reads armada.subscriptions. The
// topics must exist. The log, clock and metrics must outlive it.
class Ingest {
 public:
  // `seed` is for jitter.
  Ingest(Options options, eventlog::EventLog& log, const base::Clock& clock, base::Metrics& metrics,
         std::uint64_t seed);
  ~Ingest();  // stops
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // kInvalidArgument: no partitions, or credentials that would leave this machine in the clear.
  // Opens no stream before assign().
  base::Status start();

  // Takes over these partitions of armada.subscriptions, besides those it has: reads them and the
  // same partitions of armada.relays to their ends, then opens the streams. Blocks meanwhile.
  // Their relay records get `generation`, that of the group which shares the partitions out, but
  // always a higher one than those in the log: readers drop what a former owner still writes.
  // kUnavailable: the log brings nothing for replay_patience; kCancelled: stopped meanwhile, or
  // `give_up`, which is asked all the time by the calling thread, says so.
  base::Status assign(const std::set<eventlog::Partition>& partitions, std::int64_t generation = 0,
                      const std::function<bool()>& give_up = nullptr);
  // Lets go of them: closes the streams and writes the last cursors; does not wait for that.
  // `lost`: somebody else may have had them meanwhile; then nothing more is written of them, as
  // compaction would keep it in place of what that one wrote.
  void revoke(const std::set<eventlog::Partition>& partitions, bool lost = false);

  // Stops reading, waits for acknowledgements until then at the most (without a time: for
  // drain_timeout), writes the last cursors. Job sets whose stream was open are left as retrying,
  // for whoever comes next. Interrupts assign().
  void stop(std::chrono::steady_clock::time_point until);
  void stop();

  // kUnavailable while events that the log refused wait to be appended again: why.
  base::Status nothing_refused() const;

  // How a job set's relay stands; none where there never was one. For tests and diagnosis.
  std::optional<RelayStatus> status_of(const base::JobSet& job_set) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::ingest
