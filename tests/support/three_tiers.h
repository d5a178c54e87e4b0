// A cache as processes of their own over Kafka, which find each other by their groups: ingest,
// projectors and query.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/deployment.h"
#include "tests/support/tier_process.h"

namespace armada_cache::test_support {

struct TiersOptions {
  std::string armada = "127.0.0.1:1";  // nothing listens there
  std::string kafka;
  std::filesystem::path folder;  // its name is part of the names of the groups
  // The replica group of each: two that share the partitions, and one with a copy of all of them.
  std::vector<std::string> projectors = {"a", "a", "b"};
  std::chrono::milliseconds ingest_session{2'000};
  std::vector<std::string> ingest_more{};  // arguments
  int partitions = 4;
};

// Those that reach Kafka so, whatever else they are told.
std::vector<std::string> kafka_arguments(const std::string& servers, int partitions = 4);

class ThreeTiers final : public Deployment {
 public:
  explicit ThreeTiers(TiersOptions options);

  std::string grpc_address() const override { return query_->grpc_address(); }
  std::string standard_error() override;

  TierProcess& ingest(std::size_t number = 0) { return *ingests_.at(number); }
  TierProcess& query() { return *query_; }
  TierProcess& projector(std::size_t number) { return *projectors_.at(number); }

  // One more, which is ready when this returns.
  TierProcess& add_ingest();
  TierProcess& add_projector(const std::string& replica_group);

  // SIGKILL, and another one over the same data that is ready when this returns; a projector on
  // the same address.
  void replace_ingest();
  void replace_projector(std::size_t number);
  // The same, but on another address.
  void move_projector(std::size_t number);

 private:
  std::unique_ptr<TierProcess> start_tier(const std::string& command,
                                          std::vector<std::string> arguments) const;
  std::unique_ptr<TierProcess> start_ingest() const;
  std::unique_ptr<TierProcess> start_projector(std::size_t number, const std::string& listen) const;
  std::unique_ptr<TierProcess> start_query() const;

  TiersOptions options_;
  std::vector<std::unique_ptr<TierProcess>> ingests_;
  std::vector<std::unique_ptr<TierProcess>> projectors_;
  std::unique_ptr<TierProcess> query_;
};

}  // namespace armada_cache::test_support
