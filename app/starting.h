// How the start of a process stands: told by what starts, shown to whoever asks.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "core/base/error.h"

namespace armada_cache::app {

class Starting {
 public:
  // `give_up` is asked between steps and all the time while something is waited for.
  explicit Starting(std::function<bool()> give_up) : give_up_(std::move(give_up)) {}

  // The four for the thread that starts.
  bool given_up() const { return give_up_(); }
  base::Status cancelled() const;
  // Says once for each reason that the start waits, and why.
  void waits(const std::string& why);
  // Tries again while others are away (kUnavailable), and says so.
  base::Status retry(const std::function<base::Status()>& attempt);

  // What it waits for. Thread-safe.
  std::string why() const;

 private:
  const std::function<bool()> give_up_;
  mutable std::mutex mutex_;
  std::string why_ = "it starts";
};

}  // namespace armada_cache::app
