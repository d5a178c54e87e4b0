// A long-running command: what it is made of. run_service() starts, watches and stops it.
#pragma once

#include <chrono>
#include <string>

#include "app/starting.h"
#include "core/base/error.h"

namespace armada_cache::app {

// Not thread-safe but for is_up(), ready(), update_metrics() and sound().
class Service {
 public:
  virtual ~Service() = default;

  // Starts every part. The error says which one could not start and what to do; kCancelled:
  // `starting` gave up. stop() is called even then.
  virtual base::Status start(Starting& starting) = 0;
  // Once it is started: what the start waits for, which is what ready() asks or less.
  virtual base::Status is_up() const { return ready(); }
  // Once it is started: whether it does its work; the error says what is missing.
  virtual base::Status ready() const = 0;
  // Once it is started: an error does not mend, and ends the process.
  virtual base::Status sound() const { return {}; }
  // Once it is started: sets what is only worth knowing when it is scraped.
  virtual void update_metrics() = 0;
  // "grpc 127.0.0.1:60003", as it was bound; empty: nothing but the port for operators.
  virtual std::string listens_on() const = 0;
  // Finishes what was accepted and begun, until then at the latest. May be called twice.
  virtual void stop(std::chrono::steady_clock::time_point until) = 0;
};

}  // namespace armada_cache::app
