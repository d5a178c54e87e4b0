// grpc.health.v1 on the polling thread: Check, and Watch as a stream that tells changes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace grpc {
class Service;
}

namespace armada_cache::query {

class CallQueue;
class Call;

class HealthService {
 public:
  struct Options {
    std::size_t max_watches = 128;
    std::chrono::milliseconds look_interval{250};
    std::chrono::milliseconds max_watch_age = std::chrono::hours(1);
  };

  // `serving` is asked often, on the polling thread; all of `services` share its answer.
  HealthService(const Options& options, CallQueue& queue, std::function<bool()> serving,
                std::vector<std::string> services);
  ~HealthService();  // after the queue finished

  grpc::Service& service();
  void start();  // after the server started
  // Tells all watchers NOT_SERVING and ends their streams. From any thread.
  void end_watches();

 private:
  class Watch;
  struct Generated;

  void add_check();
  void post_watch();
  void look();
  void forget(Watch* watch);
  bool knows(const std::string& service) const;
  int status_of(const std::string& service) const;

  const Options options_;
  CallQueue& queue_;
  const std::function<bool()> serving_;
  const std::vector<std::string> services_;
  const std::unique_ptr<Generated> generated_;
  // Of the polling thread alone.
  std::unordered_map<Watch*, std::unique_ptr<Watch>> watches_;
  std::size_t streaming_ = 0;
  bool looking_ = false;
  bool ending_ = false;
};

}  // namespace armada_cache::query
