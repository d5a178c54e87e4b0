#include "tests/faults/fleet.h"

#include <csignal>

#include "tests/support/free_ports.h"
#include "tests/support/three_tiers.h"

namespace armada_cache {
namespace {

using test_support::TierProcess;

constexpr std::chrono::seconds kPatience{60};

std::string loopback(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

Fleet::Fleet(FleetOptions options) : options_(std::move(options)) {
  const std::string session = "--group-session-timeout=" + std::to_string(kSession.count()) + "s";
  for (const char* number : {"-0", "-1"}) {
    add(std::string("ingest") + number, "ingest", {"--armada=" + options_.armada, session});
    for (const std::string group : {"a", "b"}) {
      const std::string name = "projector-" + group + number;
      add(name, "projector",
          {"--data-dir=" + data_of(options_.folder, name).string(), "--replica-group=" + group,
           session});
    }
  }
  const auto ports = test_support::free_ports(kQueries);
  for (std::size_t i = 0; i < kQueries; ++i) {
    query_addresses_[i] = loopback(ports[i]);
    add("query-" + std::to_string(i), "query",
        {"--replica-groups=a,b", "--grpc-listen=" + query_addresses_[i]});
  }
  for (const auto& [name, member] : options_of_) launch(name);
  for (const auto& [name, member] : members_) member->wait_until_ready(kPatience);
}

void Fleet::kill(const std::string& member) {
  process(member).send(SIGKILL);
  process(member).wait_for_exit(kPatience);
  gone(member);
}

std::optional<test_support::ExitStatus> Fleet::stop(const std::string& member) {
  process(member).send(SIGTERM);
  const auto ended = process(member).wait_for_exit(kPatience);
  gone(member);
  return ended;
}

void Fleet::start(const std::string& member) {
  launch(member);
  members_.at(member)->wait_until_ready(kPatience);
}

std::vector<std::string> Fleet::running() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_) {
    if (member->process().running()) names.push_back(name);
  }
  return names;
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

void Fleet::gone(const std::string& member) {
  said_before_ += "--- " + member + ", before\n" + process(member).standard_error();
  members_.erase(member);
  for (std::size_t i = 0; i < kQueries; ++i) {
    if (member == "query-" + std::to_string(i)) ++query_lives_[i];
  }
}

}  // namespace armada_cache
