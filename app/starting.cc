#include "app/starting.h"

#include <chrono>
#include <thread>

#include "core/base/log.h"

namespace armada_cache::app {
namespace {

constexpr std::chrono::milliseconds kRetryPause{250};
constexpr std::chrono::milliseconds kAskPause{10};

}  // namespace

base::Status Starting::cancelled() const {
  return base::fail(base::ErrorCode::kCancelled, "told to stop before it was ready");
}

void Starting::waits(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (why_ == why) return;
    why_ = why;
  }
  base::log_info("the start waits", {{"why", why}});
}

base::Status Starting::retry(const std::function<base::Status()>& attempt) {
  for (;;) {
    if (given_up()) return cancelled();
    auto done = attempt();
    if (done || done.error().code != base::ErrorCode::kUnavailable) return done;
    waits(done.error().message);
    const auto again = std::chrono::steady_clock::now() + kRetryPause;
    while (!given_up() && std::chrono::steady_clock::now() < again) {
      std::this_thread::sleep_for(kAskPause);
    }
  }
}

std::string Starting::why() const {
  const std::lock_guard lock(mutex_);
  return why_;
}

}  // namespace armada_cache::app
