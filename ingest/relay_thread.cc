#include "ingest/relay_thread.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace armada_cache::ingest {

RelayThread::RelayThread() : work_(context_.get_executor()), timer_(context_) {}

void RelayThread::start(const base::Clock& clock,
                        std::function<std::optional<base::Time>()> next_wake,
                        std::function<void()> on_time) {
  clock_ = &clock;
  next_wake_ = std::move(next_wake);
  on_time_ = std::move(on_time);
  thread_ = std::thread([this] { context_.run(); });
}

void RelayThread::post(std::function<void()> task) {
  boost::asio::post(context_, [this, task = std::move(task)] {
    task();
    set_timer();
  });
}

void RelayThread::run(std::function<void()> task) {
  std::promise<void> done;
  post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void RelayThread::stop() {
  work_.reset();
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] {
    next_wake_ = [] { return std::nullopt; };
    timer_.cancel();
  });
  thread_.join();
}

void RelayThread::set_timer() {
  const auto next = next_wake_();
  if (next == timer_at_) return;
  timer_at_ = next;
  timer_.cancel();
  if (!next) return;
  // The clock says how long, not when: in tests it need not be the system's.
  timer_.expires_after(std::max(*next - clock_->now(), base::Duration(0)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    timer_at_.reset();
    on_time_();
    set_timer();
  });
}

}  // namespace armada_cache::ingest
