// How fast a process comes on, as seen from outside.
#pragma once

#include <cstdint>
#include <functional>

#include "tests/support/process.h"

namespace armada_cache::bench {

struct Pace {
  double a_second = 0;
  double cpu_us = 0;            // of the process, for each
  double seconds_to_first = 0;  // until it had done anything
};

// Asks `done` every now and then until it has reached `goal`; timed from the last time that it was
// 0, as it must be at first. Throws std::runtime_error where the process ends before that, or is
// not done in minutes.
Pace watch_progress(test_support::Process& process, std::uint64_t goal,
                    const std::function<std::uint64_t()>& done);

}  // namespace armada_cache::bench
