// A real Apache Kafka of a test's own: one broker or more on free loopback ports, in a throw-away
// folder, gone with the object or with the thread that made it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::test_support {

struct JavaOptions {
  std::size_t heap_megabytes = 256;
  // Its slower compiler, which starts late and makes quicker code: for loads of many seconds.
  bool optimizes = false;
};

// Runs a class of Apache Kafka, such as one of its command-line tools.
Command kafka_java(const std::string& main_class, const std::vector<std::string>& arguments,
                   JavaOptions options = {});

struct KafkaClusterOptions {
  std::size_t brokers = 1;
  // Names and passwords for SASL PLAIN. Where there are any, each broker has a second listener for
  // them, and only what access lists allow is allowed there; the first one allows everything.
  std::map<std::string, std::string> users{};
  JavaOptions java{};
  // PEM files. Where they are set, each broker has two more listeners with this certificate: one
  // takes no client without one that it trusts, which is this one alone; the other takes the names
  // and passwords of `users`, which may not be empty.
  std::filesystem::path tls_certificate{};
  std::filesystem::path tls_key{};
};

// Brokers are counted from 0. Not for use from several threads at once.
class KafkaCluster {
 public:
  // Ready when this returns. Throws std::runtime_error with a broker's last words when it does not
  // become so: the test cannot run.
  explicit KafkaCluster(KafkaClusterOptions options = {});
  ~KafkaCluster();

  // "HOST:PORT,...", for bootstrap.servers.
  std::string servers() const;
  std::string sasl_servers() const;
  std::string tls_servers() const;
  std::string sasl_tls_servers() const;

  pid_t pid(std::size_t broker) const { return brokers_[broker].process->pid(); }  // while it runs

  // SIGKILL; gone when this returns.
  void kill(std::size_t broker);
  void pause(std::size_t broker);   // SIGSTOP
  void resume(std::size_t broker);  // SIGCONT
  // None of its files can grow any more, as on a full disk. A broker ends by itself when it
  // notices: the status with which it did; empty while it still runs at the deadline.
  std::optional<ExitStatus> fill_disk(std::size_t broker, std::chrono::milliseconds deadline);
  // Starts one again that was killed or has ended, on its ports, with its data and room for more;
  // does not wait for it.
  void start(std::size_t broker);
  // For brokers that are started from now on.
  void set_users(std::map<std::string, std::string> users) { options_.users = std::move(users); }
  // Returns when all brokers that were not killed answer; throws as the constructor does.
  void wait_until_ready(std::chrono::milliseconds deadline = std::chrono::seconds(60));

 private:
  struct Broker {
    std::uint16_t port = 0;
    std::uint16_t controller_port = 0;
    std::uint16_t sasl_port = 0;
    std::uint16_t tls_port = 0;
    std::uint16_t sasl_tls_port = 0;
    std::unique_ptr<Process> process;
  };

  void launch();
  void choose_ports();
  std::string settings_file(std::size_t broker) const;
  std::string settings_of(std::size_t broker) const;
  std::vector<std::string> client_listeners(const Broker& broker) const;
  std::string pair_file() const;
  std::string servers_at(std::uint16_t Broker::*port) const;
  std::string last_words() const;

  KafkaClusterOptions options_;
  TempDir folder_;
  std::vector<Broker> brokers_;
};

}  // namespace armada_cache::test_support
