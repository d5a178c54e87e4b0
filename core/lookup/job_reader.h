// The read port between the tiers: what can be asked of the projection. The projector answers it in
// process; over RPC it is armada_cache.internal.v1.Lookup.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/job_set.h"

namespace armada_cache::internal::v1 {
class JobRecord;
}

namespace armada_cache::lookup {

// How far an answer goes in one partition's events.
struct Extent {
  std::int32_t partition = 0;
  std::int64_t least = 0;  // everything below this offset is in the answer
  std::int64_t most = 0;   // and nothing from this one on
  // It stands still or is far behind the log: another copy may know more.
  bool lags = false;
};

// Offsets are the log's, so extents of different copies can be compared. Of one incarnation (a
// projector from its start to its end) no later answer tells less than an earlier one.
struct Extents {
  std::int64_t incarnation = 0;
  std::vector<Extent> partitions;
};

// How much an answer can be relied upon.
struct Freshness {
  // Everything that happened in Armada up to here, as far as it was delivered, is in the answer.
  base::Time as_of;
  // Whether "no such job" is certain. If not, `doubt` says why: a partition behind or unreadable,
  // or a relay that is not caught up.
  bool certain = true;
  std::string doubt;
  // Of one job set: whether anybody follows it. If not, what is known of it is complete only up to
  // `as_of`, and `doubt` says so.
  bool followed = true;
  // Job sets in doubt only because their streams rest: waking them helps. Not all, if many do.
  std::vector<base::JobSet> resting;
  // What the answer tells of, where that is less than everything. Empty: everything.
  std::vector<std::int32_t> partitions;
  // Of those partitions, where it is known.
  Extents extents;
};

// JobState as of api.JobState; kNone where no such job is known.
struct JobStatus {
  static constexpr int kNone = -1;
  int state = kNone;
};

struct StatusAnswer {
  std::vector<JobStatus> statuses;  // in the order of the ids asked for
  // Owner's queue of each, in the same order; only where asked for.
  std::vector<std::string> queues;
  Freshness freshness;
};

struct FoundJob {
  std::string job_id;
  std::string record;  // an encoded internal.v1.JobRecord
  std::string spec;    // an encoded api.Job; only where asked for
};

struct DetailsAnswer {
  std::vector<FoundJob> jobs;  // unknown ids are left out
  Freshness freshness;
};

// Jobs of one job set, in the order of their ids.
struct ListRequest {
  base::JobSet job_set;
  std::vector<int> states;   // none: any
  std::string external_uri;  // not empty: only jobs with it
  std::string after_job_id;  // exclusive
  std::size_t limit = 100;
};

struct ListedJob {
  std::string job_id;
  int state = 0;
  base::Time submitted;
  base::Time last_transition;
};

// There may be more jobs although none is here: so many that do not fit were looked at that the
// answer was not to wait for more.
struct ListAnswer {
  std::vector<ListedJob> jobs;
  bool more = false;
  std::string go_on_after;  // after_job_id of the next request; only if there may be more
  Freshness freshness;
};

struct RelayStatus {
  base::JobSet job_set;
  int state = 0;  // internal.v1.RelayState
  std::string last_error;
  base::Time state_since;
  base::Time connected;  // the last moment at which its stream was known to be whole; 0: never
  base::Time written;    // when its owner said all this
};

struct RelaysAnswer {
  std::vector<std::optional<RelayStatus>> relays;  // in the order asked for
  Freshness freshness;
};

// Job sets of whose jobs somebody asked, in their order, a part at a time.
struct AskedRequest {
  base::Time since;    // to the second
  base::JobSet after;  // exclusive
  std::size_t limit = 1000;
};

struct AskedAnswer {
  std::vector<base::JobSet> job_sets;
  // Where to go on; none at the end.
  std::optional<base::JobSet> next;
  // When this was so: what to ask for the next time.
  base::Time as_of;
  std::vector<std::int32_t> partitions;  // as in Freshness
};

struct JobSetSummary {
  std::vector<std::int64_t> jobs_by_state;  // indexed by api.JobState
  std::optional<RelayStatus> relay;
  Freshness freshness;
};

struct ActiveQueue {
  std::string pool;
  std::string queue;
};

struct ActiveQueuesAnswer {
  std::vector<ActiveQueue> queues;
  Freshness freshness;
};

// Thread-safe. Each call runs `done` exactly once, perhaps before it returns, on any thread.
// kUnavailable: a partition cannot be read now.
class JobReader {
 public:
  template <typename Answer>
  using Done = std::function<void(base::Result<Answer>)>;

  virtual ~JobReader() = default;

  // Whether there is a connection to whom it asks; one that is not there is begun. Must not block.
  virtual bool reachable() { return true; }

  // `ids` need to live only until the call returns.
  virtual void statuses(std::span<const std::string_view> ids, bool with_queues,
                        Done<StatusAnswer> done) = 0;
  virtual void details(std::vector<std::string> ids, bool with_spec, Done<DetailsAnswer> done) = 0;
  virtual void list(ListRequest request, Done<ListAnswer> done) = 0;
  virtual void summarize(base::JobSet job_set, Done<JobSetSummary> done) = 0;
  // How the relays of these job sets stand; nothing where none is known.
  virtual void relays(std::vector<base::JobSet> job_sets, Done<RelaysAnswer> done) = 0;
  // Which job sets' jobs were found by statuses() and details().
  virtual void asked(AskedRequest request, Done<AskedAnswer> done) = 0;
  virtual void active_queues(Done<ActiveQueuesAnswer> done) = 0;
};

}  // namespace armada_cache::lookup
