// What the completion queue's tags point to.
#pragma once

namespace armada_cache::rpc {

class Event {
 public:
  virtual ~Event() = default;
  // On the polling thread. `ok` as gRPC means it for the operation that was started.
  virtual void on_event(bool ok) = 0;
};

}  // namespace armada_cache::rpc
