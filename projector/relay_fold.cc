#include "projector/relay_fold.h"

#include <algorithm>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "projector/relay_board.h"

namespace armada_cache::projector {
namespace {

tl::unexpected<Refusal> undecodable(const base::Error& error) {
  return tl::unexpected<Refusal>(Refusal{Rejection::kUndecodable, error.message});
}

}  // namespace

tl::expected<void, Refusal> RelayFold::take(const eventlog::RecordView& record,
                                            ChangeSet& changes) {
  const auto job_set = topics::decode_relay_key(record.key);
  if (!job_set) return undecodable(job_set.error());
  Latest& latest = latest_of(*job_set);
  if (!record.value) {
    if (topics::is_stale_tombstone(record, latest.generation)) {
      ++changes.tally.stale_relays;
      return {};
    }
    latest.generation = 0;
    latest.record.reset();
    latest.follow(0, record);
    ++changes.tally.relays;
    return {};
  }
  internal::v1::RelayRecord relay;
  if (const auto decoded = topics::decode(*record.value, relay); !decoded) {
    return undecodable(decoded.error());
  }
  if (relay.generation() < latest.generation) {
    ++changes.tally.stale_relays;
    return {};
  }
  latest.generation = relay.generation();
  latest.record = std::string(*record.value);
  latest.follow(relay_limit(relay.state(), relay.connected_us()), record);
  ++changes.tally.relays;
  return {};
}

void RelayFold::Latest::follow(std::int64_t next_limit, const eventlog::RecordView& by) {
  least_limit = std::min(least_limit, limit);
  limit = next_limit;
  appended_at = by.appended_at;
  changed = true;
}

RelayFold::Latest& RelayFold::latest_of(const base::JobSet& job_set) {
  const auto [at, added] = latest_.try_emplace(job_set);
  if (added) at->second.generation = source_.relay_generation(job_set);
  return at->second;
}

void RelayFold::finish(ChangeSet& changes) {
  for (auto& [job_set, latest] : latest_) {
    if (!latest.changed) continue;
    changes.relays.push_back(
        {job_set, std::move(latest.record), latest.appended_at, latest.least_limit});
  }
}

}  // namespace armada_cache::projector
