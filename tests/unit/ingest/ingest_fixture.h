// ingest between a simulated Armada, over real gRPC, and a real embedded log.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "armada/api/event.pb.h"
#include "core/base/metrics.h"
#include "core/base/upstream_id.h"
#include "ingest/ingest.h"
#include "tests/simulator/simulator.h"
#include "tests/support/eventually.h"
#include "tests/unit/ingest/log_fixture.h"

namespace armada_cache::ingest {

using base::JobSet;
using simulator::Simulator;
using test_support::eventually;
using namespace std::chrono_literals;

inline constexpr auto kDeadline = 30s;

class IngestTest : public LogFixture {
 protected:
  void start_armada(simulator::Options options) {
    options.listen = "127.0.0.1:0";
    armada_ = std::make_unique<Simulator>(options);
    const auto address = armada_->start();
    ASSERT_TRUE(address.has_value()) << address.error().message;
    options_.armada.target = *address;
  }

  void start_ingest() { start_ingest(*log_); }
  void start_ingest(eventlog::EventLog& log) {
    options_.relay.partitions = kPartitions;
    options_.relay.cluster = "sim";
    options_.relay.times.backoff = {.base = 5ms, .max = 50ms};
    options_.relay.times.refused_retry = 100ms;
    options_.relay.times.missing_queue_retry = 100ms;
    metrics_ = std::make_unique<base::Metrics>();
    ingest_ = std::make_unique<Ingest>(options_, log, clock_, *metrics_, 1);
    const auto started = ingest_->start();
    ASSERT_TRUE(started.has_value()) << started.error().message;
    const auto assigned = ingest_->assign({0, 1, 2, 3});
    ASSERT_TRUE(assigned.has_value()) << assigned.error().message;
  }

  bool reaches(const JobSet& job_set, RelayState state) {
    return eventually(kDeadline, [&] {
      const auto status = ingest_->status_of(job_set);
      return status && status->state == state;
    });
  }

  std::vector<std::string> sent_ids(const JobSet& job_set) {
    std::vector<std::string> ids;
    const auto account = armada_->account();
    const auto* found = account.find(job_set);
    if (found == nullptr) return ids;
    for (const auto& [id, last] : found->ids) {
      ids.push_back(std::to_string(id.millis) + ":" + std::to_string(id.sequence) + ":" +
                    std::to_string(id.index) + (last ? ":1" : ":0"));
    }
    return ids;
  }

  std::vector<std::string> relayed_ids(const JobSet& job_set) {
    std::vector<std::string> ids;
    for (const auto& event : events_of(job_set)) ids.push_back(event.id);
    return ids;
  }

  // Everything that Armada sent is in the log; the rest of the arguments say how often.
  bool relays_all(const JobSet& job_set) {
    return eventually(kDeadline, [&] {
      const auto relayed = relayed_ids(job_set);
      const std::set<std::string> unique(relayed.begin(), relayed.end());
      const auto sent = sent_ids(job_set);
      return !sent.empty() && unique == std::set<std::string>(sent.begin(), sent.end());
    });
  }

  bool has_repeats(const JobSet& job_set) {
    const auto relayed = relayed_ids(job_set);
    return std::set<std::string>(relayed.begin(), relayed.end()).size() != relayed.size();
  }

  // Each partition's events of the job set are in the order of their ids.
  bool is_ordered(const JobSet& job_set) {
    std::map<eventlog::Partition, base::UpstreamId> last;
    for (const auto& event : events_of(job_set)) {
      const auto id = base::UpstreamId::parse(event.id);
      if (!id || *id <= last[event.partition]) return false;
      last[event.partition] = *id;
    }
    return true;
  }

  static api::EventMessage succeeded(const JobSet& job_set, const std::string& job_id) {
    api::EventMessage message;
    message.mutable_succeeded()->set_job_id(job_id);
    message.mutable_succeeded()->set_queue(job_set.queue);
    message.mutable_succeeded()->set_job_set_id(job_set.name);
    return message;
  }

  static simulator::Options load(std::size_t job_sets, std::size_t jobs) {
    simulator::Options options;
    options.load.queues = {"q"};
    options.load.job_sets = job_sets;
    options.load.jobs = jobs;
    return options;
  }

  std::unique_ptr<Simulator> armada_;
  std::unique_ptr<base::Metrics> metrics_;
  Options options_;
  std::unique_ptr<Ingest> ingest_;
};

inline const JobSet kLoad{"q", "load-0"};

}  // namespace armada_cache::ingest
