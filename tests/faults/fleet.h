// A cache of which nothing is there only once: two ingests, two replica groups of two projectors,
// two queries, over Kafka.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/tier_process.h"

namespace armada_cache {

inline constexpr int kFleetPartitions = 4;

struct FleetOptions {
  std::string armada;
  std::string kafka;
  std::filesystem::path folder;
};

// Members are "ingest-0", "projector-a-1", "query-1" and so on. Methods are for one thread, but for
// query_address() and query_life().
class Fleet {
 public:
  static constexpr int kQueries = 2;
  static constexpr int kProjectors = 4;
  // A member that is silent for so long loses its share to others of its group.
  static constexpr std::chrono::seconds kSession{3};

  // All are ready when it returns.
  explicit Fleet(FleetOptions options);

  // SIGKILL; gone when it returns.
  void kill(const std::string& member);
  // SIGTERM; how it ended.
  std::optional<test_support::ExitStatus> stop(const std::string& member);
  void signal(const std::string& member, int signal) { process(member).send(signal); }
  // Again, over the same data and on the same address; ready when it returns.
  void start(const std::string& member);
  std::vector<std::string> running() const;

  // Those that are not ready, and queries that do not know a projector of each group for each
  // partition. Those that are not running are left out.
  std::vector<std::string> unsettled() const;
  // Streams from Armada that this ingest has open.
  std::size_t streams(const std::string& ingest) const;

  const std::string& query_address(int query) const { return query_addresses_.at(query); }
  // Odd from before it is ended until it is ready again.
  int query_life(int query) const { return query_lives_.at(query); }
  static std::filesystem::path data_of(const std::filesystem::path& folder,
                                       const std::string& projector) {
    return folder / projector;
  }

  // What all had to say, those of before too.
  std::string standard_error() const;

 private:
  test_support::Process& process(const std::string& member) {
    return members_.at(member)->process();
  }
  void add(const std::string& member, const std::string& command,
           std::vector<std::string> arguments);
  void launch(const std::string& member);
  void turn_life(const std::string& member);
  void gone(const std::string& member);

  const FleetOptions options_;
  std::map<std::string, test_support::TierOptions> options_of_;
  std::map<std::string, std::unique_ptr<test_support::TierProcess>> members_;
  std::array<std::string, kQueries> query_addresses_;
  std::array<std::atomic<int>, kQueries> query_lives_{};
  std::string said_before_;
};

}  // namespace armada_cache
