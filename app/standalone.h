// The composition root of `armada-cache standalone`: wires the tiers to an embedded log and to each
// other. Nothing else knows which adapter stands behind which port.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/standalone_settings.h"
#include "core/base/error.h"

namespace armada_cache::app {

// Not thread-safe.
class Standalone {
 public:
  // Starts every part; what it answers serves already. The error says which part could not start
  // and what to do. `give_up` is asked before each part and while it waits to be ready: if it says
  // so, what was started is stopped and the error is kCancelled.
  static base::Result<std::unique_ptr<Standalone>> start(const StandaloneSettings& settings,
                                                         const std::function<bool()>& give_up);

  // Drains as stop() does.
  ~Standalone();
  Standalone(const Standalone&) = delete;
  Standalone& operator=(const Standalone&) = delete;

  // As they were bound, "HOST:PORT".
  const std::string& grpc_address() const;
  std::string http_address() const;

  // Lets the accepted requests finish, then the relays and the projection, all within the setting
  // drain-timeout.
  void stop();

 private:
  class Parts;
  explicit Standalone(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace armada_cache::app
