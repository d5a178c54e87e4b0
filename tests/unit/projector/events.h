// Records as ingest writes them, for the tests of the projector.
#pragma once

#include <cstdint>
#include <string>

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/eventlog/record.h"

namespace armada_cache::projector::testing {

// One job set's stream: each message gets the next upstream id and a later time.
class Stream {
 public:
  explicit Stream(base::JobSet job_set, std::uint64_t first_millis = 1'700'000'000'000)
      : job_set_(std::move(job_set)), millis_(first_millis) {}

  // `kind` is the event's name in EventMessage.
  eventlog::Record event(const std::string& kind, const std::string& job_id);
  eventlog::Record submitted(const std::string& job_id, const std::string& external_uri = "");
  eventlog::Record leased(const std::string& job_id, const std::string& pool);
  // What `fill` makes of the message.
  template <typename Fill>
  eventlog::Record custom(const std::string& job_id, const Fill& fill) {
    api::EventStreamMessage message = next();
    fill(message, job_set_);
    return record(job_id, message);
  }

  const base::JobSet& job_set() const { return job_set_; }
  std::uint64_t millis() const { return millis_; }

 private:
  api::EventStreamMessage next();
  template <typename Event>
  void describe(const std::string& job_id, Event& event) const;
  eventlog::Record record(const std::string& job_id, const api::EventStreamMessage& message) const;

  base::JobSet job_set_;
  std::uint64_t millis_;
};

eventlog::Record relay(const base::JobSet& job_set, internal::v1::RelayState state,
                       std::int64_t generation = 1, std::int64_t connected_us = 0);

// A job id of Armada's form that differs with the number and sorts as it does.
std::string job_id(std::uint64_t number);

}  // namespace armada_cache::projector::testing
