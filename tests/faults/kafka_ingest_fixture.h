// Ingests that share job sets out over a real Kafka, between it and a simulated Armada.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/job_set.h"
#include "core/base/metrics.h"
#include "core/base/upstream_id.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/kafka/group_member.h"
#include "core/eventlog/partition_keeper.h"
#include "ingest/ingest.h"
#include "tests/simulator/simulator.h"
#include "tests/support/kafka_cluster.h"

namespace armada_cache::ingest {

inline constexpr eventlog::Partition kPartitions = 4;
inline constexpr std::chrono::seconds kLong{60};

struct MemberOptions {
  std::string brokers;
  std::string armada;
  std::chrono::milliseconds session{2'000};
};

// An ingest whose partitions are what its group gives it.
class Member {
 public:
  explicit Member(const MemberOptions& options);
  ~Member();  // leaves with everything written
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  RelayStatus status_of(const base::JobSet& job_set) const;
  bool follows(const base::JobSet& job_set) const;
  // Its group gives it up, and it does not know: as after a stall beyond its session.
  void leave_unknowingly() { member_.reset(); }

 private:
  void join();

  const MemberOptions options_;
  base::Metrics metrics_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<eventlog::PartitionKeeper> keeper_;
  std::unique_ptr<eventlog::kafka::GroupMember> member_;
};

// What armada.events holds, compared with what Armada sent.
struct Relayed {
  std::uint64_t repeats = 0;
  std::map<base::JobSet, base::UpstreamId> oldest_repeat;
  // What is not verbatim, was never sent, is missing, or comes after a newer one: its readers, who
  // drop what is not newer than what they saw of a job set in a partition, would lose it.
  std::vector<std::string> faults;
};

// A cluster with the topics, an Armada, and leases on job sets in all partitions.
class KafkaIngest : public testing::Test {
 protected:
  KafkaIngest();

  // Events in all job sets, until end_load() or the end.
  void begin_load();
  void end_load() { load_ = {}; }

  MemberOptions member() const { return {cluster_.servers(), address_}; }
  // Each job set's stream is followed by this one, and by nobody else.
  bool has_all(const Member& member) const;
  // Each job set is followed by one of the two, and each of them has some.
  bool are_shared(const Member& first, const Member& second) const;
  std::uint64_t streams(const base::JobSet& job_set) const { return armada_.readers(job_set).open; }
  bool each_has_one_stream() const;
  std::map<base::JobSet, std::string> cursors(const Member& member) const;
  // Every job set's relay brings more than was acknowledged.
  bool goes_on(const Member& member) const;
  // The last event of every job set is acknowledged. After the end of the load.
  bool comes_to_the_end(const std::vector<const Member*>& members) const;

  Relayed read_events() const;
  // All relay records, oldest first.
  std::map<base::JobSet, std::vector<StoredRelay>> read_relays() const;

  std::vector<base::JobSet> job_sets_;
  test_support::KafkaCluster cluster_;
  simulator::Simulator armada_;
  std::string address_;
  std::unique_ptr<eventlog::EventLog> log_;

 private:
  void subscribe_all();
  void emit_until(const std::stop_token& stop);
  std::map<std::string, std::string> sent(const base::JobSet& job_set) const;

  std::map<base::JobSet, std::deque<std::string>> live_;  // newest first
  std::jthread load_;
};

}  // namespace armada_cache::ingest
