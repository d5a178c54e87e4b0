// armada-cache-kafka: a throw-away Kafka as tests start it, until SIGTERM or SIGINT.
#include <csignal>
#include <iostream>
#include <string_view>

#include "tests/support/kafka_cluster.h"

namespace {

constexpr std::string_view kUsage =
    "armada-cache-kafka: a throw-away Apache Kafka, one broker on free ports of 127.0.0.1\n"
    "\n"
    "usage: armada-cache-kafka\n"
    "\n"
    "Prints where it is when it is ready, and is gone with all its data at SIGTERM or SIGINT.\n";

int run() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    const armada_cache::test_support::KafkaCluster cluster;
    std::cout << "kafka ready on " << cluster.servers() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
  } catch (const std::exception& error) {
    std::cerr << "armada-cache-kafka: " << error.what() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) return run();
  const std::string_view argument = argv[1];
  if (argument == "--help" || argument == "-h") {
    std::cout << kUsage;
    return 0;
  }
  std::cerr << "armada-cache-kafka: unknown argument '" << argument << "'; it takes none\n";
  return 2;
}
