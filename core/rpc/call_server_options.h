// What every gRPC server of ours has settings for, whatever it answers.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/rpc/access.h"
#include "core/rpc/server.h"

namespace armada_cache::rpc {

struct CallServerOptions {
  ServerSettings transport;
  Access access = Access::kLoopbackOnly;

  std::chrono::milliseconds call_deadline = std::chrono::seconds(10);  // or the caller's, if sooner
  std::chrono::milliseconds retry_after{250};  // what a caller is told who may try again
  int max_calls = 4096;                        // accepted and not yet answered; more are shed
  std::size_t worker_threads = 2;              // for what the polling thread cannot do in passing
  std::size_t worker_queue_limit = 4096;

  // How long no call must come after clients are asked to leave: more than a round trip to them.
  std::chrono::milliseconds drain_quiet{250};
  // How long stop() lets accepted calls take.
  std::chrono::milliseconds drain_deadline = std::chrono::seconds(15);
};

}  // namespace armada_cache::rpc
