// What was read of one job set's stream and is not yet acknowledged by the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/record.h"

namespace armada_cache::ingest {

// Records leave in groups, one at a time: a group is spread over partitions, and the next one
// leaves when all its parts are reported. Readers of the log drop whatever is not newer than the
// last they saw of a job set in a partition; were a later part stored and an earlier one not, the
// earlier one's repeat would be lost. Not thread-safe.
class Outbox {
 public:
  using Parts = std::map<eventlog::Partition, std::vector<eventlog::Record>>;
  struct Group {
    std::uint64_t number = 0;
    Parts parts;
  };

  explicit Outbox(std::string cursor) : cursor_(cursor), last_read_(std::move(cursor)) {}

  // `id` is "" for a message that cannot be resumed from. `cost` is what it counts in bytes.
  void add(eventlog::Partition to, eventlog::Record record, std::string_view id, std::size_t cost);

  // The next group, if there is something to send and nothing under way.
  std::optional<Group> take();

  struct Outcome {
    std::size_t released = 0;          // bytes that are held no longer
    bool moved = false;                // the cursor moved, or everything is settled now
    std::optional<base::Error> error;  // the group failed; what was read after it is dropped
  };
  // How one part of a group went. The outcome is that of the whole group, told with its last part.
  Outcome report(std::uint64_t group, const base::Status& status);

  // Drops what was read and not acknowledged and goes on from `cursor`. Bytes released are
  // returned; those of a group under way follow with its report.
  std::size_t restart(std::string cursor);

  // Everything up to it is acknowledged.
  const std::string& cursor() const { return cursor_; }
  // Where to read on.
  const std::string& last_read() const { return last_read_; }
  bool is_settled() const { return pending_.empty() && !in_flight_; }
  std::size_t held() const { return pending_cost_ + (in_flight_ ? in_flight_->cost : 0); }

 private:
  struct InFlight {
    std::uint64_t number = 0;
    std::size_t missing_parts = 0;
    std::size_t cost = 0;
    std::string last_id;
    bool abandoned = false;  // its outcome moves nothing any more
    std::optional<base::Error> error;
  };

  std::string cursor_;
  std::string last_read_;
  Parts pending_;
  std::size_t pending_cost_ = 0;
  std::optional<InFlight> in_flight_;
  std::uint64_t groups_ = 0;
};

}  // namespace armada_cache::ingest
