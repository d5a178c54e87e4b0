// A seeded, simulated Armada in this process: api.Event, api.Submit and api.Jobs over real gRPC.
//
//   Simulator sim({.listen = "127.0.0.1:0", .load = {.job_sets = 10, .jobs = 1000}});
//   const std::string address = sim.start().value();
//   ... point a client at it ...
//   const Account truth = sim.account();
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/job_set.h"
#include "tests/simulator/account.h"
#include "tests/simulator/options.h"

namespace api {
class EventMessage;
class Job;
}  // namespace api

namespace armada_cache::simulator {

// Thread-safe once start() has returned for the first time. What it knows survives stop() and
// restart(), as Armada's stores would.
class Simulator {
 public:
  explicit Simulator(const Options& options);
  // The clock must live as long as the simulator.
  Simulator(const Options& options, const base::Clock& clock);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Opens the queues, begins the load and the playback (the first time), and listens. Returns
  // HOST:PORT.
  base::Result<std::string> start();
  // The listener goes away: streams and calls end with UNAVAILABLE. Time goes on in the world.
  void stop();
  // stop() and start() on the same port.
  base::Result<std::string> restart();
  // All streams that are open end with UNAVAILABLE; the listener stays.
  void disconnect_all();

  void add_queue(const QueueOptions& queue);
  // One upstream message of true events in this job set, whose queue is made if need be.
  void emit(const base::JobSet& job_set, const std::vector<api::EventMessage>& events);
  // One upstream message of an encoded event that the account does not take for true: a repeat, an
  // oddity. It gets an id as others do.
  void emit_untrue(const base::JobSet& job_set, std::string event);
  // Sends these bytes in the place of a whole message.
  void emit_raw(const base::JobSet& job_set, std::string bytes);
  // An encoded api.EventStreamMessage, as it was recorded, with the id it has.
  void emit_recorded(const base::JobSet& job_set, std::string message);
  // Forgets all but the newest messages, as if the others were too old. 0: the job set does not
  // exist any more.
  void trim(const base::JobSet& job_set, std::size_t keep);

  // A job with a life of its own, as by SubmitJobs. Returns its id.
  base::Result<std::string> submit(const base::JobSet& job_set, const api::Job& job);
  bool cancel(const base::JobSet& job_set, const std::string& job_id);

  // See LoadOptions::until_told.
  void end_load();

  // The whole truth; costs time and memory in proportion.
  Account account() const;
  JobSetStream::Readers readers(const base::JobSet& job_set) const;
  // All of the load, and all that is to be played, has been emitted.
  bool made() const;
  // The same, and every job has ended.
  bool ended() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace armada_cache::simulator
