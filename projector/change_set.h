// What a batch of records changes: the outcome of a fold, before it is written anywhere.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/job/states.h"
#include "projector/state.h"

namespace armada_cache::projector {

// Where a job stands in the indexes.
struct JobPlace {
  bool known = false;
  int state = 0;
  JobSetNumber job_set = 0;
  std::string external_uri;

  bool finished() const { return known && job::is_terminal(state); }
  bool live() const { return known && !job::is_terminal(state); }
};

struct JobChange {
  std::string_view id;  // of the records that were folded
  JobPlace before;
  JobPlace after;
  JobStatus status;  // of `after`
  // As the store holds them. They live until the fold's next run.
  std::string_view value;   // status and record: see layout.h
  std::string_view record;  // the record within `value`
  std::optional<std::string_view> spec;
};

struct RelayChange {
  base::JobSet job_set;
  std::optional<std::string> record;  // an encoded internal.v1.RelayRecord; none: forget it
  base::Time appended_at;
  std::int64_t least_limit = 0;  // of the records of the batch before this one: see RelayBoard
};

// Why a record is not applied; the names are metric labels.
enum class Rejection {
  kNoValue,
  kUndecodable,
  kMalformedId,
  kUnknownKind,
  kNoJobId,
  kIncomplete,   // no queue or no job set, or a job id that cannot be one
  kWrongKey,     // the record's key is not the job's id
  kWrongJobSet,  // the record came in another job set's stream
};
inline constexpr std::size_t kRejectionCount = 8;
std::string_view name_of(Rejection rejection);

struct RejectedRecord {
  Rejection reason = Rejection::kUndecodable;
  std::string detail;
  std::string topic;
  eventlog::Offset offset = 0;
  base::Time appended_at;
  std::string key;
  std::string payload;  // perhaps cut off
  std::uint64_t payload_bytes = 0;
  std::vector<eventlog::Header> headers;
};

// Live jobs that make a (pool, queue) active; the number is how many more or fewer.
using ActiveChanges = std::map<std::pair<std::string, std::string>, std::int64_t>;

// Events by what became of them.
struct Tally {
  std::uint64_t applied = 0;
  std::uint64_t repeated = 0;  // not newer than what the partition has seen of the job set
  std::uint64_t straggling = 0;
  std::uint64_t foreign = 0;
  std::uint64_t unknown_job = 0;
  std::uint64_t relays = 0;
  std::uint64_t stale_relays = 0;  // of an older generation
};

struct ChangeSet {
  std::vector<JobChange> jobs;
  std::vector<JobSetEntry> job_sets;  // new and changed ones
  std::vector<RelayChange> relays;
  std::vector<RejectedRecord> rejected;
  ActiveChanges active;
  Positions positions;  // after this batch
  // When the last event below that position was appended; none where the batch holds no event.
  std::optional<base::Time> events_appended;
  Tally tally;
  std::vector<base::Time> created;  // of the applied events: to measure how soon they are visible
};

}  // namespace armada_cache::projector
