#include "tests/faults/fleet.h"

#include <csignal>

#include "tests/support/free_ports.h"
#include "tests/support/http_get.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::http_get;
using test_support::metric_sum;
using test_support::TierProcess;

constexpr std::chrono::seconds kPatience{60};

std::string loopback(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

Fleet::Fleet(FleetOptions options) : options_(std::move(options)) {
  const std::string session = "--group-session-timeout=" + std::to_string(kSession.count()) + "s";
  const auto ports = test_support::free_ports(kQueries + kProjectors);
  auto port = ports.begin();
  for (const char* number : {"-0", "-1"}) {
    add(std::string("ingest") + number, "ingest", {"--armada=" + options_.armada, session});
    for (const std::string group : {"a", "b"}) {
      const std::string name = "projector-" + group + number;
      add(name, "projector",
          {"--data-dir=" + data_of(options_.folder, name).string(), "--replica-group=" + group,
           "--grpc-listen=" + loopback(*port++), session});
    }
  }
  for (std::size_t i = 0; i < kQueries; ++i) {
    query_addresses_[i] = loopback(*port++);
    add("query-" + std::to_string(i), "query",
        {"--replica-groups=a,b", "--grpc-listen=" + query_addresses_[i]});
  }
  for (const auto& [name, member] : options_of_) launch(name);
  for (const auto& [name, member] : members_) member->wait_until_ready(kPatience);
}

void Fleet::kill(const std::string& member) {
  turn_life(member);
  process(member).send(SIGKILL);
  process(member).wait_for_exit(kPatience);
  gone(member);
}

std::optional<test_support::ExitStatus> Fleet::stop(const std::string& member) {
  turn_life(member);
  process(member).send(SIGTERM);
  const auto ended = process(member).wait_for_exit(kPatience);
  gone(member);
  return ended;
}

void Fleet::start(const std::string& member) {
  launch(member);
  members_.at(member)->wait_until_ready(kPatience);
  turn_life(member);
}

std::vector<std::string> Fleet::running() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) {
    if (member->process().running()) names.push_back(name);
  }
  return names;
}

std::vector<std::string> Fleet::unsettled() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) {
    const std::string& http = member->http_address();
    bool settled = http_get(http, "/readyz").status == 200;
    if (name.starts_with("query")) {
      const std::string scrape = http_get(http, "/metrics").body;
      const double placed = metric_sum(scrape, "armada_cache_query_directory_partitions");
      settled = settled && placed == 2 * kFleetPartitions;
    }
    if (!settled) names.push_back(name);
  }
  return names;
}

std::size_t Fleet::streams(const std::string& ingest) const {
  const std::string scrape = http_get(members_.at(ingest)->http_address(), "/metrics").body;
  return static_cast<std::size_t>(metric_sum(scrape, "armada_cache_ingest_streams_open"));
}

std::string Fleet::standard_error() const {
  std::string all = said_before_;
  for (const auto& [name, member] : members_) {
    all += "--- " + name + "\n" + member->process().standard_error();
  }
  return all;
}

void Fleet::add(const std::string& member, const std::string& command,
                std::vector<std::string> arguments) {
  auto all = test_support::kafka_arguments(options_.kafka);
  all.insert(all.end(), arguments.begin(), arguments.end());
  options_of_[member] = {command, all, options_.folder};
}

void Fleet::launch(const std::string& member) {
  members_[member] = std::make_unique<TierProcess>(options_of_.at(member));
}

void Fleet::turn_life(const std::string& member) {
  for (std::size_t i = 0; i < kQueries; ++i) {
    if (member == "query-" + std::to_string(i)) ++query_lives_[i];
  }
}

void Fleet::gone(const std::string& member) {
  said_before_ += "--- " + member + ", before\n" + process(member).standard_error();
  members_.erase(member);
}

}  // namespace armada_cache
