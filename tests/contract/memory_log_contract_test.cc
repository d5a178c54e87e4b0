#include "tests/contract/event_log_contract.h"
#include "tests/support/memory_log.h"

namespace armada_cache::eventlog {
namespace {

// The log that other tests rely upon is held to the same contract.
class MemoryHarness final : public LogHarness {
 public:
  EventLog& log() override { return log_; }
  void reopen() override {}  // it has nothing but its memory
  void expire(const TopicPartition& partition) override {
    log_.trim(partition, log_.end_offset(partition).value());
  }
  void bury(const TopicPartition& partition) override { log_.bury_tombstones(partition); }

 private:
  base::SystemClock clock_;
  test_support::MemoryLog log_{clock_};
};

std::unique_ptr<LogHarness> make_memory_harness() {
  return std::make_unique<MemoryHarness>();
}

INSTANTIATE_TEST_SUITE_P(Memory, EventLogContract, testing::Values(&make_memory_harness));

}  // namespace
}  // namespace armada_cache::eventlog
