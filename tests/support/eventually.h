// Waits for what happens on another thread, without sleeping for luck.
#pragma once

#include <chrono>
#include <functional>

namespace armada_cache::test_support {

// Asks `condition` again and again until it is true; false if it is not within `deadline`.
bool eventually(std::chrono::milliseconds deadline, const std::function<bool()>& condition);

}  // namespace armada_cache::test_support
