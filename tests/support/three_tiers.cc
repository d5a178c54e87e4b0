#include "tests/support/three_tiers.h"

#include <csignal>
#include <set>

namespace armada_cache::test_support {
namespace {

constexpr std::chrono::seconds kLong{30};

void end(TierProcess& tier) {
  tier.process().send(SIGKILL);
  tier.process().wait_for_exit(kLong);
}

}  // namespace

std::vector<std::string> kafka_arguments(const std::string& servers, int partitions) {
  return {"--kafka-brokers=" + servers, "--kafka-replication-factor=1",
          "--kafka-min-insync-replicas=1", "--partitions=" + std::to_string(partitions)};
}

ThreeTiers::ThreeTiers(TiersOptions options) : options_(std::move(options)) {
  ingests_.push_back(start_ingest());
  for (std::size_t i = 0; i < options_.projectors.size(); ++i) {
    projectors_.push_back(start_projector(i, "127.0.0.1:0"));
  }
  ingests_.front()->wait_until_ready();
  for (auto& projector : projectors_) projector->wait_until_ready();
  query_ = start_query();
  query_->wait_until_ready();
}

std::string ThreeTiers::standard_error() {
  std::string all;
  for (auto& ingest : ingests_) all += ingest->process().standard_error();
  for (auto& projector : projectors_) all += projector->process().standard_error();
  return all + (query_ ? query_->process().standard_error() : "");
}

TierProcess& ThreeTiers::add_ingest() {
  ingests_.push_back(start_ingest());
  ingests_.back()->wait_until_ready();
  return *ingests_.back();
}

TierProcess& ThreeTiers::add_projector(const std::string& replica_group) {
  options_.projectors.push_back(replica_group);
  projectors_.push_back(start_projector(projectors_.size(), "127.0.0.1:0"));
  projectors_.back()->wait_until_ready();
  return *projectors_.back();
}

void ThreeTiers::replace_ingest() {
  end(ingest());
  ingests_.front() = start_ingest();
  ingests_.front()->wait_until_ready();
}

void ThreeTiers::replace_projector(std::size_t number) {
  const std::string address = projector(number).grpc_address();
  end(projector(number));
  projectors_[number] = start_projector(number, address);
  projectors_[number]->wait_until_ready();
}

void ThreeTiers::move_projector(std::size_t number) {
  end(projector(number));
  projectors_[number] = start_projector(number, "127.0.0.1:0");
  projectors_[number]->wait_until_ready();
}

std::unique_ptr<TierProcess> ThreeTiers::start_tier(const std::string& command,
                                                    std::vector<std::string> arguments) const {
  for (std::string& argument : kafka_arguments(options_.kafka, options_.partitions)) {
    arguments.push_back(std::move(argument));
  }
  arguments.push_back("--group-prefix=" + options_.folder.filename().string());
  if (command != "query") arguments.push_back("--group-heartbeat-interval=100ms");
  return std::make_unique<TierProcess>(TierOptions{command, arguments, options_.folder});
}

std::unique_ptr<TierProcess> ThreeTiers::start_ingest() const {
  std::vector<std::string> arguments{
      "--armada=" + options_.armada,
      "--group-session-timeout=" + std::to_string(options_.ingest_session.count()) + "ms"};
  arguments.insert(arguments.end(), options_.ingest_more.begin(), options_.ingest_more.end());
  return start_tier("ingest", arguments);
}

std::unique_ptr<TierProcess> ThreeTiers::start_projector(std::size_t number,
                                                         const std::string& listen) const {
  const auto data = options_.folder / ("projector-" + std::to_string(number));
  return start_tier("projector", {"--data-dir=" + data.string(), "--grpc-listen=" + listen,
                                  "--replica-group=" + options_.projectors.at(number),
                                  "--group-session-timeout=2s"});
}

std::unique_ptr<TierProcess> ThreeTiers::start_query() const {
  const std::set<std::string> groups(options_.projectors.begin(), options_.projectors.end());
  std::string list;
  for (const std::string& group : groups) list += (list.empty() ? "" : ",") + group;
  return start_tier("query", {"--replica-groups=" + list});
}

}  // namespace armada_cache::test_support
