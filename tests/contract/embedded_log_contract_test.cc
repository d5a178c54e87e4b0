#include <atomic>

#include "core/eventlog/embedded/embedded_log.h"
#include "tests/contract/event_log_contract.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::eventlog {
namespace {

// The time, as far ahead as it was moved. Thread-safe.
class ShiftedClock final : public base::Clock {
 public:
  base::Time now() const override { return system_.now() + shift_.load(); }
  void advance(base::Duration by) { shift_.store(shift_.load() + by); }

 private:
  base::SystemClock system_;
  std::atomic<base::Duration> shift_ = base::Duration(0);
};

class EmbeddedHarness final : public LogHarness {
 public:
  EmbeddedHarness() { open(); }

  EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    open();
  }
  void expire(const TopicPartition& partition) override {
    const Offset end = log_->end_offset(partition).value();
    clock_.advance(std::chrono::hours(24 * 8));
    EXPECT_TRUE(test_support::eventually(
        kDeadline, [&] { return log_->start_offset(partition).value() >= end; }));
  }
  // It keeps the last record.
  void bury(const TopicPartition& partition) override {
    const Offset last = log_->end_offset(partition).value() - 1;
    clock_.advance(std::chrono::hours(24 * 2));
    EXPECT_TRUE(test_support::eventually(
        kDeadline, [&] { return log_->start_offset(partition).value() >= last; }));
  }

 private:
  void open() {
    auto opened = embedded::open_embedded_log({.directory = directory_.path() / "log",
                                               .clock = clock_,
                                               .trim_interval = std::chrono::milliseconds(5)});
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }

  test_support::TempDir directory_;
  ShiftedClock clock_;
  std::unique_ptr<EventLog> log_;
};

std::unique_ptr<LogHarness> make_embedded_harness() {
  return std::make_unique<EmbeddedHarness>();
}

INSTANTIATE_TEST_SUITE_P(Embedded, EventLogContract, testing::Values(&make_embedded_harness));

}  // namespace
}  // namespace armada_cache::eventlog
