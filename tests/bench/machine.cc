#include "tests/bench/machine.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace armada_cache::bench {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

bool is_release_build() {
  return std::string(BENCH_BUILD_TYPE) == "Release" && std::string(BENCH_SANITIZERS).empty();
}

Machine this_machine() {
  Machine machine;
  machine.cores = std::thread::hardware_concurrency();
  machine.cpu = cpu_model();
  struct sysinfo memory {};
  if (sysinfo(&memory) == 0) {
    machine.memory_bytes = std::uint64_t{memory.totalram} * memory.mem_unit;
  }
  utsname name{};
  if (uname(&name) == 0) machine.kernel = std::string(name.sysname) + " " + name.release;
  machine.compiler = "g++ " __VERSION__;
  machine.build = BENCH_BUILD_TYPE;
  return machine;
}

std::string describe(const Machine& machine) {
  return std::to_string(machine.cores) + " cores (" + machine.cpu + "), " +
         std::to_string(machine.memory_bytes >> 30) + " GiB, " + machine.kernel + ", " +
         machine.compiler + ", " + machine.build + " build; clients and servers share the machine";
}

}  // namespace armada_cache::bench
