#include "ingest/job_census.h"

#include <functional>

namespace armada_cache::ingest {

void JobCensus::restart(bool from_start) {
  live_.clear();
  complete_ = from_start;
}

void JobCensus::see(const Envelope& envelope) {
  if (!complete_ || envelope.job_id.empty()) return;
  const std::uint64_t job = std::hash<std::string_view>()(envelope.job_id);
  if (envelope.kind == "submitted") {
    live_.insert(job);
    if (live_.size() > limit_) restart(false);
  } else if (envelope.kind == "succeeded" || envelope.kind == "cancelled" ||
             (envelope.kind == "failed" && !envelope.retryable)) {
    live_.erase(job);
  }
}

JobsLeft JobCensus::left() const {
  if (!complete_) return JobsLeft::kUnknown;
  return live_.empty() ? JobsLeft::kNone : JobsLeft::kSome;
}

}  // namespace armada_cache::ingest
