// A real embedded log with the three topics, and short ways to write and read them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/eventlog/event_log.h"
#include "ingest/relay_status.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::ingest {

inline constexpr eventlog::Partition kPartitions = 4;

struct RelayedEvent {
  std::string id;
  std::string job_id;
  std::string value;
  eventlog::Partition partition = 0;
};

class LogFixture : public testing::Test {
 protected:
  LogFixture();
  ~LogFixture() override;

  void append(std::string_view topic, eventlog::Partition partition, eventlog::Record record);
  void subscribe(const base::JobSet& job_set, const std::string& subscriber,
                 base::Duration lease = std::chrono::hours(1));
  void unsubscribe(const base::JobSet& job_set, const std::string& subscriber);

  // Everything in armada.events that came from this job set, partition by partition.
  std::vector<RelayedEvent> events_of(const base::JobSet& job_set);
  // The newest relay record.
  std::optional<StoredRelay> relay_of(const base::JobSet& job_set);

  test_support::TempDir folder_;
  base::SystemClock clock_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<eventlog::Appender> appender_;
};

}  // namespace armada_cache::ingest
