// Waits for what happens on another thread, without sleeping for luck.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace armada_cache::test_support {

// Asks `condition` again and again until it is true; false if it is not within `deadline`.
bool eventually(std::chrono::milliseconds deadline, const std::function<bool()>& condition);

// The kernel's id of the calling thread.
pid_t this_thread();
// Whether that thread of this process waits for something, as the kernel sees it.
bool sleeps(pid_t thread);

}  // namespace armada_cache::test_support
