// Processor time: who used it while something was measured.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <vector>

namespace armada_cache::bench {

// User and system time of this process so far, without its children.
std::chrono::microseconds own_cpu_time();

// The same of another process, to a hundredth of a second; 0 where there is none such.
std::chrono::microseconds cpu_time_of(pid_t pid);

// Waits, but not for ever, until this process and these others do next to nothing: what was
// prepared for a measurement may leave work for background threads.
void await_idle(const std::vector<pid_t>& others = {});

// From its construction on.
class CpuWatch {
 public:
  CpuWatch();

  // Share (0 to 1) of the machine's processor time that went to other programs than this one and
  // its ended children. Much of it means that the figures are too low.
  double others_share() const;

 private:
  double busy_at_begin_;
  double total_at_begin_;
  double own_at_begin_;
};

}  // namespace armada_cache::bench
