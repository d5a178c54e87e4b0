// Whether a job set has jobs that are not finished, as far as its stream told.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>

#include "ingest/envelope.h"

namespace armada_cache::ingest {

enum class JobsLeft { kNone, kSome, kUnknown };

// Bounded: past `limit` live jobs it gives up and says kUnknown for good. It also says kUnknown
// when the stream was not read from its start. Only `submitted` adds a job, so late events of
// finished jobs and events that name foreign jobs change nothing. Jobs are held as 64-bit hashes.
class JobCensus {
 public:
  explicit JobCensus(std::size_t limit) : limit_(limit) {}

  // Begins again, with the stream read from its start or from somewhere later.
  void restart(bool from_start);
  void see(const Envelope& envelope);
  JobsLeft left() const;

 private:
  std::size_t limit_;
  bool complete_ = false;
  boost::unordered_flat_set<std::uint64_t> live_;
};

}  // namespace armada_cache::ingest
