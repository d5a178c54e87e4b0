#include "core/base/task_pool.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace armada_cache::base {

struct TaskPool::Threads {
  explicit Threads(std::size_t count) : pool(count) {}
  boost::asio::thread_pool pool;
};

TaskPool::TaskPool(const Options& options, prometheus::Gauge* queue_length)
    : options_(options),
      queue_length_(queue_length),
      threads_(std::make_unique<Threads>(options.threads)) {}

TaskPool::~TaskPool() {
  stop();
}

// Under the mutex, so that nothing is taken that stop() does not know of.
bool TaskPool::try_post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || queued_ >= options_.queue_max) return false;
  ++queued_;
  if (queue_length_ != nullptr) queue_length_->Increment();
  boost::asio::post(threads_->pool, [this, work = std::move(work)] {
    begun();
    work();
  });
  return true;
}

void TaskPool::begun() {
  const std::lock_guard lock(mutex_);
  --queued_;
  if (queue_length_ != nullptr) queue_length_->Decrement();
}

void TaskPool::after(std::chrono::milliseconds delay, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  auto timer = std::make_shared<boost::asio::steady_timer>(threads_->pool, delay);
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

void TaskPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
  }
  if (options_.at_stop == AtStop::kDrop) threads_->pool.stop();
  threads_->pool.join();
}

}  // namespace armada_cache::base
