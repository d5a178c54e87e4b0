// A small language for the events of one job, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "armada/api/event.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/job/state_machine.h"

namespace armada_cache::job {

// Tells events in words such as "submitted queued leased@a pending@a failed:retryable". A word is
// an event's kind, then ":retryable" or ":rejected" for a failure, then "@" and its cluster
// (otherwise the one leased last). Each event is a second later than the one before, but for a
// failed just after preempted or lease_expired, which has the same time. "newpod" gives the run
// another pod.
class Story {
 public:
  static constexpr std::int64_t kStartSeconds = 1'700'000'000;

  explicit Story(std::string queue = "queue", std::string job_set = "job set",
                 std::string job_id = "job-1");

  Story& tell(std::string_view words);

  std::vector<api::EventMessage> events() const { return events_; }

 private:
  void tell_one(std::string_view word);
  template <typename Message>
  void stamp(Message& message) const;
  void make(std::string_view kind, std::string_view variant, api::EventMessage& event);
  void make_report(std::string_view kind, api::EventMessage& event);
  void make_decision(std::string_view kind, api::EventMessage& event);
  std::string pod() const;

  std::string queue_;
  std::string job_set_;
  std::string job_id_;
  std::string cluster_ = "cluster-1";
  std::int64_t seconds_ = kStartSeconds;
  int pods_ = 0;
  std::vector<api::EventMessage> events_;
};

// The microseconds of the event at `index` of a story without failures that share a time.
std::int64_t micros_of(std::size_t index);

// What is known of a job, and how it came to be known; ids are given in the order of applying.
class Projection {
 public:
  Outcome apply(const api::EventMessage& event);
  Outcome apply_as(base::UpstreamId id, const api::EventMessage& event);
  Projection& apply_all(const std::vector<api::EventMessage>& events);

  bool known() const { return known_; }
  const JobRecord& record() const { return record_; }
  // The record's bytes without the last id, maps in order: what repeats must not change.
  std::string content() const;

 private:
  std::uint64_t next_ = 1;
  bool known_ = false;
  JobRecord record_;
};

// What is known after these words.
JobRecord record_after(std::string_view words);

}  // namespace armada_cache::job
