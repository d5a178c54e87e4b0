#include <grpcpp/health_check_service_interface.h>

#include <csignal>
#include <iostream>
#include <vector>

#include "tests/simulator/flags.h"
#include "tests/simulator/simulator.h"

namespace {

namespace simulator = armada_cache::simulator;

// Before any other thread starts, so that all of them leave these signals to sigwait.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int run(const simulator::Options& options) {
  const sigset_t signals = block_signals();
  grpc::EnableDefaultHealthCheckService(true);
  simulator::Simulator simulator(options);
  const auto address = simulator.start();
  if (!address) {
    std::cerr << "armada-sim: " << address.error().message << '\n';
    return 1;
  }
  if (options.load.job_sets > 0 && options.load.jobs == 0) {
    std::cout << "armada-sim makes no more than " << options.max_jobs << " jobs; see --max-jobs\n";
  }
  std::cout << "armada-sim ready on " << *address << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto line = simulator::parse_flags({argv + 1, argv + argc});
  if (!line) {
    std::cerr << "armada-sim: " << line.error().message << '\n';
    return 2;
  }
  if (!line->help.empty()) {
    std::cout << line->help;
    return 0;
  }
  return run(line->options);
}
