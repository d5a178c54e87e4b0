#include "projector/in_parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace armada_cache::projector {

std::vector<base::Status> in_parallel(std::size_t threads, std::size_t count,
                                      const std::function<base::Status(std::size_t)>& each) {
  std::atomic<std::size_t> next = 0;
  std::vector<base::Status> results(count);
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < std::min(threads, count); ++i) {
    running.emplace_back([&] {
      for (std::size_t at = next++; at < count; at = next++) results[at] = each(at);
    });
  }
  for (std::thread& thread : running) thread.join();
  return results;
}

base::Status first_error(std::vector<base::Status> results) {
  for (base::Status& result : results) {
    if (!result) return std::move(result);
  }
  return {};
}

}  // namespace armada_cache::projector
