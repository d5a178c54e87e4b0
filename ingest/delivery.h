// Carries what a stream brings from gRPC's thread to the relays' thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ingest/armada_stream.h"

namespace armada_cache::ingest {

// What is added collects, and at most one task that hands it over is posted at a time. Thread-safe.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  // `post` runs something later on the relays' thread.
  Delivery(std::function<void(std::function<void()>)> post, StreamCallbacks callbacks)
      : post_(std::move(post)), callbacks_(std::move(callbacks)) {}

  void add(std::string message);
  void end(base::Status status);
  // No callback comes after it. On the relays' thread.
  void drop();

 private:
  void hand_over();
  void deliver();

  const std::function<void(std::function<void()>)> post_;
  const StreamCallbacks callbacks_;
  std::mutex mutex_;
  std::vector<std::string> messages_;
  std::optional<base::Status> end_;
  bool posted_ = false;
  bool dropped_ = false;
};

}  // namespace armada_cache::ingest
