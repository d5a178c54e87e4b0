// armada-cache-kafka: a throw-away Kafka as tests start it, until SIGTERM or SIGINT.
#include <csignal>
#include <iostream>

#include "tests/support/kafka_cluster.h"

int main() {
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
