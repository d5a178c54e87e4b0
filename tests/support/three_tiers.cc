#include "tests/support/three_tiers.h"

#include <csignal>

namespace armada_cache::test_support {
namespace {

constexpr const char* kHere[] = {"0-1", "2-3", "0-3"};
constexpr const char* kGroup[] = {"a", "a", "b"};

}  // namespace

std::vector<std::string> kafka_arguments(const std::string& servers) {
  return {"--kafka-brokers=" + servers, "--kafka-replication-factor=1",
          "--kafka-min-insync-replicas=1", "--partitions=4"};
}

ThreeTiers::ThreeTiers(TiersOptions options)
    : options_(std::move(options)), ingest_(start_ingest()) {
  for (std::size_t i = 0; i < std::size(kHere); ++i) {
    projectors_.push_back(start_projector(i, "127.0.0.1:0"));
  }
  ingest_->wait_until_ready();
  for (auto& projector : projectors_) projector->wait_until_ready();
  query_ = start_query();
  query_->wait_until_ready();
}

std::string ThreeTiers::standard_error() {
  std::string all = ingest_->process().standard_error();
  for (auto& projector : projectors_) all += projector->process().standard_error();
  return all + (query_ ? query_->process().standard_error() : "");
}

void ThreeTiers::replace_ingest() {
  ingest_->process().send(SIGKILL);
  ingest_->process().wait_for_exit(std::chrono::seconds(30));
  ingest_ = start_ingest();
  ingest_->wait_until_ready();
}

void ThreeTiers::replace_projector(std::size_t number) {
  TierProcess& former = *projectors_.at(number);
  const std::string address = former.grpc_address();
  former.process().send(SIGKILL);
  former.process().wait_for_exit(std::chrono::seconds(30));
  projectors_[number] = start_projector(number, address);
  projectors_[number]->wait_until_ready();
}

std::unique_ptr<TierProcess> ThreeTiers::start_ingest() const {
  TierOptions tier{"ingest", kafka_arguments(options_.kafka), options_.folder};
  tier.arguments.push_back("--armada=" + options_.armada);
  return std::make_unique<TierProcess>(tier);
}

std::unique_ptr<TierProcess> ThreeTiers::start_projector(std::size_t number,
                                                         const std::string& listen) const {
  TierOptions tier{"projector", kafka_arguments(options_.kafka), options_.folder};
  const auto data = options_.folder / ("projector-" + std::to_string(number));
  tier.arguments.push_back("--data-dir=" + data.string());
  tier.arguments.push_back("--grpc-listen=" + listen);
  tier.arguments.push_back(std::string("--partitions-here=") + kHere[number]);
  return std::make_unique<TierProcess>(tier);
}

std::unique_ptr<TierProcess> ThreeTiers::start_query() const {
  TierOptions tier{"query", kafka_arguments(options_.kafka), options_.folder};
  std::string list;
  for (std::size_t i = 0; i < projectors_.size(); ++i) {
    list += (list.empty() ? "" : ",") + std::string(kGroup[i]) + ":" +
            projectors_[i]->grpc_address() + "=" + kHere[i];
  }
  tier.arguments.push_back("--projectors=" + list);
  return std::make_unique<TierProcess>(tier);
}

}  // namespace armada_cache::test_support
