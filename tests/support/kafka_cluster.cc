#include "tests/support/kafka_cluster.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "tests/support/eventually.h"
#include "tests/support/free_ports.h"
#include "tests/support/kafka_admin.h"

namespace armada_cache::test_support {
namespace {

constexpr const char* kClusterId = "4L6g3nShT-eMCtK--X86sw";
constexpr std::chrono::seconds kFormatDeadline{60};
constexpr int kAttempts = 3;
constexpr std::string_view kOwnCertificate = "User:CN=for tests only";
constexpr std::size_t kPortsOfBroker = 5;

// Small and quick: few partitions of the broker's own topics, a small heap, short sessions.
constexpr const char* kCommonSettings = R"(process.roles=broker,controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,SASL_TLS:SASL_SSL
auto.create.topics.enable=false
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=4
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.threads=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=100
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=250
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000
controlled.shutdown.enable=false
)";

std::string loopback(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

std::string setting(const std::string& name, const std::string& value) {
  return name + "=" + value + "\n";
}

std::string replication_settings(std::size_t brokers) {
  const std::string copies = std::to_string(std::min<std::size_t>(brokers, 3));
  const std::string in_sync = brokers < 3 ? "1" : "2";
  return setting("offsets.topic.replication.factor", copies) +
         setting("transaction.state.log.replication.factor", copies) +
         setting("transaction.state.log.min.isr", in_sync) +
         setting("share.coordinator.state.topic.replication.factor", copies) +
         setting("share.coordinator.state.topic.min.isr", in_sync);
}

std::string access_settings(const std::map<std::string, std::string>& users) {
  std::string login = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  for (const auto& [name, password] : users) login += " user_" + name + "=\"" + password + "\"";
  return setting("authorizer.class.name",
                 "org.apache.kafka.metadata.authorizer.StandardAuthorizer") +
         setting("super.users", "User:ANONYMOUS;" + std::string(kOwnCertificate)) +
         setting("listener.name.sasl.sasl.enabled.mechanisms", "PLAIN") +
         setting("listener.name.sasl.plain.sasl.jaas.config", login + ";") +
         setting("listener.name.sasl_tls.sasl.enabled.mechanisms", "PLAIN") +
         setting("listener.name.sasl_tls.plain.sasl.jaas.config", login + ";");
}

// `pair` is a PEM file of the key and the certificate.
std::string tls_settings(const std::string& pair, const std::string& certificate) {
  return setting("ssl.keystore.type", "PEM") + setting("ssl.keystore.location", pair) +
         setting("ssl.truststore.type", "PEM") + setting("ssl.truststore.location", certificate) +
         setting("listener.name.tls.ssl.client.auth", "required");
}

}  // namespace

Command kafka_java(const std::string& main_class, const std::vector<std::string>& arguments,
                   JavaOptions options) {
  if (!std::filesystem::exists(KAFKA_LIBS)) {
    throw std::runtime_error("there is no Apache Kafka in " KAFKA_LIBS ": run ./dev deps");
  }
  std::vector<std::string> all{
      "-Xmx" + std::to_string(options.heap_megabytes) + "m",
      "-XX:+UseSerialGC",
      options.optimizes ? "-XX:TieredStopAtLevel=4" : "-XX:TieredStopAtLevel=1",
      "-Dlog4j2.level=WARN",
      "-cp",
      KAFKA_LIBS "/*",
      main_class};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {.program = "/usr/bin/java", .arguments = std::move(all), .environment = {}};
}

KafkaCluster::KafkaCluster(KafkaClusterOptions options)
    : options_(std::move(options)), brokers_(options_.brokers) {
  for (int attempt = 1;; ++attempt) {
    try {
      launch();
      wait_until_ready();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == kAttempts) throw;
    }
  }
}

KafkaCluster::~KafkaCluster() {
  for (Broker& broker : brokers_) broker.process.reset();
}

void KafkaCluster::launch() {
  for (Broker& broker : brokers_) broker.process.reset();
  choose_ports();
  for (std::size_t i = 0; i < brokers_.size(); ++i) {
    const auto data = folder_.path() / ("data-" + std::to_string(i));
    std::filesystem::remove_all(data);
    brokers_[i].process = std::make_unique<Process>(
        kafka_java("kafka.tools.StorageTool", {"format", "-t", kClusterId, "-c", settings_file(i)}),
        folder_.path());
  }
  for (Broker& broker : brokers_) {
    const auto ended = broker.process->wait_for_exit(kFormatDeadline);
    if (ended != ExitStatus{}) throw std::runtime_error("kafka format: " + last_words());
  }
  for (std::size_t i = 0; i < brokers_.size(); ++i) start(i);
}

void KafkaCluster::choose_ports() {
  const auto ports = free_ports(brokers_.size() * kPortsOfBroker);
  auto port = ports.begin();
  for (Broker& broker : brokers_) {
    broker.port = *port++;
    broker.controller_port = *port++;
    broker.sasl_port = *port++;
    broker.tls_port = *port++;
    broker.sasl_tls_port = *port++;
  }
}

std::vector<std::string> KafkaCluster::client_listeners(const Broker& broker) const {
  std::vector<std::string> listeners{"PLAINTEXT://" + loopback(broker.port)};
  if (!options_.users.empty()) listeners.push_back("SASL://" + loopback(broker.sasl_port));
  if (!options_.tls_key.empty()) {
    listeners.push_back("TLS://" + loopback(broker.tls_port));
    listeners.push_back("SASL_TLS://" + loopback(broker.sasl_tls_port));
  }
  return listeners;
}

std::string KafkaCluster::settings_file(std::size_t broker) const {
  const auto file = folder_.path() / ("server-" + std::to_string(broker) + ".properties");
  std::ofstream(file) << settings_of(broker);
  return file;
}

std::string KafkaCluster::settings_of(std::size_t broker) const {
  const Broker& own = brokers_[broker];
  std::vector<std::string> voters;
  for (std::size_t i = 0; i < brokers_.size(); ++i) {
    voters.push_back(std::to_string(i + 1) + "@" + loopback(brokers_[i].controller_port));
  }
  std::vector<std::string> listeners = client_listeners(own);
  const std::string advertised = joined(listeners);
  listeners.push_back("CONTROLLER://" + loopback(own.controller_port));
  return kCommonSettings + setting("node.id", std::to_string(broker + 1)) +
         setting("controller.quorum.voters", joined(voters)) +
         setting("listeners", joined(listeners)) + setting("advertised.listeners", advertised) +
         setting("log.dirs", folder_.path() / ("data-" + std::to_string(broker))) +
         replication_settings(brokers_.size()) +
         (options_.users.empty() ? "" : access_settings(options_.users)) +
         (options_.tls_key.empty() ? "" : tls_settings(pair_file(), options_.tls_certificate));
}

// The key and the certificate in one file, as brokers want them.
std::string KafkaCluster::pair_file() const {
  const auto file = folder_.path() / "pair.pem";
  std::ofstream(file) << std::ifstream(options_.tls_key).rdbuf()
                      << std::ifstream(options_.tls_certificate).rdbuf();
  return file;
}

std::string KafkaCluster::servers_at(std::uint16_t Broker::*port) const {
  std::vector<std::string> all;
  for (const Broker& broker : brokers_) all.push_back(loopback(broker.*port));
  return joined(all);
}

std::string KafkaCluster::servers() const {
  return servers_at(&Broker::port);
}

std::string KafkaCluster::sasl_servers() const {
  return servers_at(&Broker::sasl_port);
}

std::string KafkaCluster::tls_servers() const {
  return servers_at(&Broker::tls_port);
}

std::string KafkaCluster::sasl_tls_servers() const {
  return servers_at(&Broker::sasl_tls_port);
}

void KafkaCluster::kill(std::size_t broker) {
  brokers_[broker].process.reset();
}

void KafkaCluster::pause(std::size_t broker) {
  brokers_[broker].process->send(SIGSTOP);
}

void KafkaCluster::resume(std::size_t broker) {
  brokers_[broker].process->send(SIGCONT);
}

std::optional<ExitStatus> KafkaCluster::fill_disk(std::size_t broker,
                                                  std::chrono::milliseconds deadline) {
  Process& process = *brokers_[broker].process;
  const rlimit limit{1, RLIM_INFINITY};
  if (::prlimit(process.pid(), RLIMIT_FSIZE, &limit, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "prlimit");
  }
  return process.wait_for_exit(deadline);
}

void KafkaCluster::start(std::size_t broker) {
  brokers_[broker].process = std::make_unique<Process>(
      kafka_java("kafka.Kafka", {settings_file(broker)}, options_.java), folder_.path());
}

void KafkaCluster::wait_until_ready(std::chrono::milliseconds deadline) {
  const auto expected = static_cast<std::size_t>(std::count_if(
      brokers_.begin(), brokers_.end(), [](const Broker& b) { return b.process != nullptr; }));
  const KafkaAdmin admin(servers());
  bool ended = false;
  const bool ready = eventually(deadline, [&] {
    for (Broker& broker : brokers_) ended = ended || (broker.process && !broker.process->running());
    return ended || admin.brokers_that_answer() == expected;
  });
  if (!ready || ended) throw std::runtime_error("Kafka did not start: " + last_words());
}

std::string KafkaCluster::last_words() const {
  constexpr std::size_t kLength = 4000;
  std::string all;
  for (const Broker& broker : brokers_) {
    if (!broker.process) continue;
    const std::string said = broker.process->standard_output() + broker.process->standard_error();
    all += said.substr(said.size() - std::min(said.size(), kLength)) + "\n";
  }
  return all;
}

}  // namespace armada_cache::test_support
