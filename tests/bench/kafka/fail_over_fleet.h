// A cache over Kafka of which parts are lost while it is watched from outside: group `a` of two
// projectors, which share the partitions, group `b` of one that has them all, a query that knows
// both groups and one that knows only `a`, one ingest or two.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/kafka/gap_watch.h"
#include "tests/bench/kafka/tiers.h"
#include "tests/bench/visibility_load.h"
#include "tests/simulator/simulator.h"

namespace armada_cache::bench {

enum class Ending { kKilled, kStopped };

// Methods throw std::runtime_error where the cache does not recover within a minute. They begin
// when all partitions and job sets are where they belong.
class FailOverFleet {
 public:
  explicit FailOverFleet(const Context& context);

  std::uint64_t jobs() const { return jobs_; }
  std::chrono::seconds session() const { return session_; }

  // One of group a's projectors goes, and comes back. What callers saw who ask for jobs of all
  // partitions at once.
  struct Callers {
    GapWatch::Seen of_both_groups;
    GapWatch::Seen of_one_group;
  };
  Callers lose_projector(Ending ending);

  // The second ingest. For how long not all job sets were relayed, in ms.
  double join_ingest();
  double lose_ingest(Ending ending);

  // From the time when the broker answers again to that when an event from its absence is visible,
  // in ms.
  double restart_broker();

 private:
  Tier start_member(const std::string& group, const std::string& folder) const;
  Tier start_ingest() const;
  std::unique_ptr<GapWatch> watch_answers(const Tier& query) const;
  void await_placed();
  bool all_placed() const;
  bool all_relayed() const;

  const Context& context_;
  const std::uint64_t jobs_;
  const std::chrono::seconds session_;
  KafkaUnderTest kafka_;
  simulator::Simulator armada_;
  std::string armada_address_;
  std::vector<std::uint64_t> asked_;  // a job of each partition
  std::uint64_t next_job_;
  Tier first_ingest_, second_ingest_;
  Tier a_first_, a_second_, b_;
  Tier query_both_, query_one_;
  std::unique_ptr<GapWatch> both_groups_, one_group_, relays_;
};

}  // namespace armada_cache::bench
