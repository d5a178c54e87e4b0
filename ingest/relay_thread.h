// The thread on which all relays run.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/system_timer.hpp>
#include <functional>
#include <future>
#include <optional>
#include <thread>

#include "core/base/clock.h"

namespace armada_cache::ingest {

// What is posted runs in order, one at a time. After each task `next_wake` says when `on_time` is
// due. Posting is thread-safe; stop() runs what is posted already.
class RelayThread {
 public:
  RelayThread();
  ~RelayThread() { stop(); }

  void start(const base::Clock& clock, std::function<std::optional<base::Time>()> next_wake,
             std::function<void()> on_time);
  void post(std::function<void()> task);
  // Waits until it has run. Not from the thread itself, and only between start() and stop().
  void run(std::function<void()> task);
  void stop();

 private:
  void set_timer();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::system_timer timer_;
  std::optional<base::Time> timer_at_;
  const base::Clock* clock_ = nullptr;
  std::function<std::optional<base::Time>()> next_wake_;
  std::function<void()> on_time_;
  std::thread thread_;
};

}  // namespace armada_cache::ingest
