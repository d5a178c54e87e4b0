// The port to Armada's event streams. grpc_armada.h is the real one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/job_set.h"

namespace armada_cache::ingest {

struct StreamRequest {
  base::JobSet job_set;
  bool watch = false;
  bool error_if_missing = false;
  std::string from;  // exclusive; "" is the start
};

// Called on the relays' own thread, never from within open() or grant().
struct StreamCallbacks {
  // At least one; each the bytes of one api.EventStreamMessage, in order.
  std::function<void(std::vector<std::string> messages)> messages;
  // Once, after the last message.
  std::function<void(base::Status end)> end;
};

// What a message counts towards grants and buffers: its bytes and what surrounds them in memory.
inline constexpr std::size_t kMessageOverhead = 1024;
inline std::size_t cost_of(const std::string& message) {
  return message.size() + kMessageOverhead;
}

// One call. Destroying it cancels the call; no callback comes after that. Used on the relays'
// thread only.
class ArmadaStream {
 public:
  virtual ~ArmadaStream() = default;

  // Lets it read on until messages of this much more cost are read; the last one may go over.
  // Without a grant nothing is read.
  virtual void grant(std::size_t cost) = 0;
  // Whatever Armada had sent by then has come, or waits for a grant; the epoch where that is not
  // known. May be of a time before it was opened.
  virtual base::Time alive_at() const = 0;
};

class Armada {
 public:
  virtual ~Armada() = default;

  // Never fails by itself: what goes wrong comes as the end of the stream.
  virtual std::unique_ptr<ArmadaStream> open(const StreamRequest& request,
                                             StreamCallbacks callbacks) = 0;
  // The credentials were refused: read them anew for the next stream.
  virtual void reread_credentials() = 0;
};

}  // namespace armada_cache::ingest
