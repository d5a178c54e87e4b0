#include "query/transport/worker_pool.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace armada_cache::query {

struct WorkerPool::Threads {
  explicit Threads(std::size_t count) : pool(count) {}
  boost::asio::thread_pool pool;
};

WorkerPool::WorkerPool(const Options& options, base::Metrics& metrics)
    : options_(options),
      queue_length_(
          metrics.gauge("query_pool_queue_length", "Work that waits for a thread").Add({})),
      threads_(std::make_unique<Threads>(options.threads)) {}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::try_post(std::function<void()> work) {
  if (stopped_) return false;
  if (queued_.fetch_add(1) >= options_.queue_limit) {
    queued_.fetch_sub(1);
    return false;
  }
  queue_length_.Increment();
  boost::asio::post(threads_->pool, [this, work = std::move(work)] {
    queued_.fetch_sub(1);
    queue_length_.Decrement();
    work();
  });
  return true;
}

void WorkerPool::after(std::chrono::milliseconds delay, std::function<void()> work) {
  if (stopped_) return;
  auto timer = std::make_shared<boost::asio::steady_timer>(threads_->pool, delay);
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

void WorkerPool::stop() {
  if (stopped_.exchange(true)) return;
  threads_->pool.stop();
  threads_->pool.join();
}

}  // namespace armada_cache::query
