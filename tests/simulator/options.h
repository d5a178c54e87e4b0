// Everything that can be set in the simulated Armada. Plain values; flags.h reads them from a
// command line.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace armada_cache::simulator {

using Milliseconds = std::chrono::milliseconds;

// How a job's life ends, or what happens on its way to success.
enum class Outcome : std::uint8_t {
  kSucceeded,
  kFailed,         // the container exits with an error
  kCancelled,      // while running
  kPreempted,      // while running
  kRejected,       // before any lease
  kRetried,        // a retryable failure, then success in a second run
  kLeaseReturned,  // the first lease comes back, then success in a second run
  kLeaseExpired,   // the executor is lost; the job fails
};
inline constexpr std::size_t kOutcomes = 8;
// "succeeded", "lease_returned", ...: as in --outcomes.
std::string_view name_of(Outcome outcome);

// How jobs live. The shares need not add up to anything: only their proportions count.
struct LifeOptions {
  std::array<double, kOutcomes> outcome_shares{90, 4, 2, 1, 1, 1, 1, 0};
  std::size_t utilisation_events = 1;  // in each run
  double ingress_share = 0.05;         // of runs that report addresses
  double reprioritized_share = 0.02;   // of jobs
  std::size_t spec_bytes = 600;        // a submitted event holds about so many bytes of pod spec
};

// Job sets that exist from the start, named <prefix>0, <prefix>1, ..., dealt to the queues in turn.
struct LoadOptions {
  std::vector<std::string> queues{"sim"};
  std::string prefix = "load-";
  std::size_t job_sets = 0;
  std::size_t jobs = 1000;     // in each job set; 0 = new jobs until the simulator's max_jobs
  bool until_told = false;     // more than these, until Simulator::end_load()
  std::size_t live_jobs = 50;  // at once in each job set: 1 makes a job's events adjacent
  double rate = 0;             // events a second over all job sets; 0 = as fast as possible
  std::size_t batch = 200;     // events in one upstream message at the most
};

struct PlayOptions {
  std::string folder;  // of QUEUE__JOBSET[.snap-NAME].binpb; empty = none
  double rate = 0;     // events a second in each job set; 0 = all at once
};

// Who may use a queue. With neither owners nor watchers, everybody may do everything.
struct QueueOptions {
  std::string name;
  std::vector<std::string> owners{};    // all verbs
  std::vector<std::string> watchers{};  // only `watch`
};

// A caller who may come with `basic` credentials, or with a bearer token if that is not empty.
struct UserOptions {
  std::string name;
  std::string password;
  std::string token{};
};

// What goes wrong. Probabilities are between 0 and 1 and are drawn from the seed. None of this
// changes what the account expects of the jobs.
struct FaultOptions {
  // Streams of events.
  double disconnect_probability = 0;     // for each event sent: the stream ends, UNAVAILABLE
  std::uint64_t disconnect_after = 0;    // each stream ends, UNAVAILABLE, after so many; 0 = never
  Milliseconds delay_first{0};           // before the first event of a stream
  Milliseconds delay_between{0};         // before each further one
  Milliseconds restart_every{0};         // the listener goes away and comes back; 0 = never
  std::set<std::string> refused_queues;  // PERMISSION_DENIED
  std::set<std::string> unauthenticated_queues;  // UNAUTHENTICATED
  // What the streams hold, beside the true events; for each event.
  double duplicate_probability = 0;     // once more under a new id
  double late_probability = 0;          // pending, running or lease_returned after a terminal event
  double foreign_probability = 0;       // cancelling, preempting, reprioritizing of another's job
  double garbage_probability = 0;       // a message that is no protobuf
  double truncated_probability = 0;     // a message cut in half
  double no_job_id_probability = 0;     // an event without a job id
  double unknown_kind_probability = 0;  // kinds, fields and enum values of a newer Armada
  double oversized_probability = 0;     // a utilisation event of oversized_bytes
  std::size_t oversized_bytes = 5'000'000;
};

struct Options {
  std::string listen = "127.0.0.1:50051";  // port 0 = a free one
  std::uint64_t seed = 1;
  std::vector<QueueOptions> queues;  // those of load and playback are made by themselves
  std::vector<UserOptions> users;    // none = anonymous callers are let in
  LoadOptions load;
  LifeOptions life;
  PlayOptions play;
  FaultOptions faults;
  double job_seconds = 5;  // the life of a job that came by SubmitJobs

  std::string account_file;             // empty = none
  Milliseconds account_period{5'000};   // between two rewritings of the file, if anything changed
  std::size_t max_jobs = 2'000'000;     // no jobs are made, and SubmitJobs is refused, beyond this
  std::size_t max_bytes = 3ULL << 30U;  // the same, for all streams; not with max_stream_bytes
  std::size_t max_stream_bytes = 0;     // a stream forgets its oldest events beyond it; 0 = never
  std::size_t max_read_bytes = 32 << 10;  // taken from a stream at once on a reader's behalf
  Milliseconds min_client_ping{5'000};    // clients that ping more often are cut off
};

}  // namespace armada_cache::simulator
