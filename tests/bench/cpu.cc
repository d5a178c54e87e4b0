#include "tests/bench/cpu.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace armada_cache::bench {
namespace {

std::chrono::microseconds used_by(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct MachineSeconds {
  double busy = 0;
  double total = 0;
};

MachineSeconds machine_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, io_wait = 0, interrupts = 0, soft = 0, steal = 0;
  file >> name >> user >> nice >> system >> idle >> io_wait >> interrupts >> soft >> steal;
  const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double busy = user + nice + system + interrupts + soft + steal;
  return {busy / tick, (busy + idle + io_wait) / tick};
}

double own_seconds() {
  return std::chrono::duration<double>(used_by(RUSAGE_SELF) + used_by(RUSAGE_CHILDREN)).count();
}

}  // namespace

std::chrono::microseconds own_cpu_time() {
  return used_by(RUSAGE_SELF);
}

std::chrono::microseconds cpu_time_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 2));
  constexpr int kFieldsBeforeUserTime = 11;
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeUserTime; ++i) fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  return std::chrono::microseconds((user + system) * 1'000'000 / sysconf(_SC_CLK_TCK));
}

void await_idle(const std::vector<pid_t>& others) {
  constexpr auto kLook = std::chrono::milliseconds(250);
  constexpr auto kIdle = std::chrono::milliseconds(30);
  const auto used = [&others] {
    std::chrono::microseconds sum = own_cpu_time();
    for (const pid_t pid : others) sum += cpu_time_of(pid);
    return sum;
  };
  for (int looks = 0; looks < 80; ++looks) {
    const auto before = used();
    std::this_thread::sleep_for(kLook);
    if (used() - before < kIdle) return;
  }
}

CpuWatch::CpuWatch()
    : busy_at_begin_(machine_seconds().busy),
      total_at_begin_(machine_seconds().total),
      own_at_begin_(own_seconds()) {}

double CpuWatch::others_share() const {
  const MachineSeconds now = machine_seconds();
  const double total = now.total - total_at_begin_;
  if (total <= 0) return 0;
  const double others = now.busy - busy_at_begin_ - (own_seconds() - own_at_begin_);
  return std::clamp(others / total, 0.0, 1.0);
}

}  // namespace armada_cache::bench
