// A projector on a log in memory and databases in a folder of the test's own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projector/projector.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_log.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/projector/events.h"

namespace armada_cache::projector::testing {

inline const base::JobSet kSet{"q-a", "set"};
inline const base::JobSet kOther{"q-b", "other"};

// Of all its jobs, one page.
lookup::ListRequest all_of(const base::JobSet& job_set);

class ProjectorTest : public ::testing::Test {
 protected:
  static constexpr eventlog::Partition kPartitions = 3;

  ProjectorTest();
  ~ProjectorTest() override { projector_.reset(); }

  // Opens, starts, stops. `open` gives the error where it fails.
  base::Status open();
  void start();
  void stop() { projector_.reset(); }
  void restart();

  void append(eventlog::Record event);
  void append(std::vector<eventlog::Record> events);
  void append_relay(const base::JobSet& job_set, eventlog::Record relay);
  // Waits until everything in the log is applied, the live jobs are loaded, and the next
  // millisecond has come for lookups too: only then are this one's records certain to be seen.
  void settle();
  // Moves the clock on and waits until lookups see everything that was appended up to then.
  void see(base::Time time);

  // Answers of the read port.
  base::Result<lookup::StatusAnswer> statuses(std::vector<std::string> ids, bool queues = false);
  int status(const std::string& id);
  base::Result<lookup::DetailsAnswer> details(std::vector<std::string> ids, bool spec = false);
  base::Result<lookup::ListAnswer> list(lookup::ListRequest request);
  std::vector<std::string> listed_ids(lookup::ListRequest request);
  base::Result<lookup::JobSetSummary> summarize(const base::JobSet& job_set);
  base::Result<lookup::ActiveQueuesAnswer> ask_active_queues();
  std::vector<std::string> active_queues();  // "pool/queue"
  std::string dump();                        // stops the workers first

  double metric(const std::string& line_start) const;

  test_support::ManualClock clock_{base::from_unix_micros(1'700'000'100'000'000)};
  test_support::TempDir folder_;
  test_support::MemoryLog log_{clock_};
  std::unique_ptr<base::Metrics> metrics_;
  Options options_;
  std::unique_ptr<Projector> projector_;
};

}  // namespace armada_cache::projector::testing
