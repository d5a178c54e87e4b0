#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <optional>
#include <set>

#include "core/eventlog/embedded/embedded_log.h"
#include "tests/faults/eventlog_quota_env.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::eventlog {
namespace {

using testing::HasSubstr;
using testing::IsSubsetOf;

const TopicPartition kAt{"topic", 0};
constexpr std::int64_t kMegabyte = 1 << 20;
constexpr std::int64_t kPlenty = 1 << 30;
constexpr std::chrono::seconds kDeadline(60);
constexpr std::chrono::milliseconds kDoubt(500);

class DiskFullTest : public testing::Test {
 protected:
  void SetUp() override {
    open(environment_.get());
    ASSERT_TRUE(log_->ensure_topic({.name = kAt.topic}));
  }

  void open(rocksdb::Env* environment) {
    log_.reset();
    auto opened = embedded::open_embedded_log({.directory = directory_.path() / "log",
                                               .clock = clock_,
                                               .write_buffer_bytes = 1u << 20,
                                               .resume_interval = std::chrono::milliseconds(20),
                                               .doubt_after_failure = kDoubt,
                                               .env = environment});
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
  }

  // Appends the next number; remembers it where it was acknowledged.
  std::optional<base::Error> append_next() {
    std::promise<base::Result<Offset>> outcome;
    const auto appender = log_->appender();
    const std::string number = std::to_string(next_++);
    appender->append(kAt, {{number, std::string(20'000, 'v'), {}}},
                     [&](auto last) { outcome.set_value(std::move(last)); });
    const auto last = outcome.get_future().get();
    if (!last) return last.error();
    acknowledged_.push_back(std::stoi(number));
    return std::nullopt;
  }

  std::vector<int> numbers_in_log() {
    std::vector<int> numbers;
    const auto reader = log_->reader({{kAt, 0}}).value();
    while (true) {
      const auto polled = reader->poll(100, std::chrono::milliseconds(0));
      EXPECT_TRUE(polled) << polled.error().message;
      if (!polled || polled->empty()) return numbers;
      for (const RecordView& view : *polled) numbers.push_back(std::stoi(std::string(view.key)));
    }
  }

  void expect_nothing_acknowledged_is_lost() {
    const std::vector<int> found = numbers_in_log();
    EXPECT_THAT(acknowledged_, IsSubsetOf(found));
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    EXPECT_EQ(std::set<int>(found.begin(), found.end()).size(), found.size());
  }

  test_support::TempDir directory_;
  base::SystemClock clock_;
  test_support::DiskQuota quota_{kPlenty};
  std::unique_ptr<rocksdb::Env> environment_ = test_support::make_quota_env(quota_);
  std::unique_ptr<EventLog> log_;
  int next_ = 0;
  std::vector<int> acknowledged_;
};

TEST_F(DiskFullTest, AppendsFailClearlyAndSucceedAgainWithNothingLost) {
  for (int round = 0; round < 3; ++round) {
    quota_.set(4 * kMegabyte);
    std::optional<base::Error> error;
    for (int i = 0; i < 1000 && !error; ++i) error = append_next();
    ASSERT_TRUE(error) << "the disk did not fill up";
    EXPECT_EQ(error->code, base::ErrorCode::kUnavailable);
    EXPECT_THAT(error->message, HasSubstr("disk is full"));
    EXPECT_THAT(error->message, HasSubstr(directory_.path().string()));
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(append_next());
    expect_nothing_acknowledged_is_lost();

    quota_.set(kPlenty);
    EXPECT_TRUE(test_support::eventually(kDeadline, [&] { return !append_next(); }));
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(append_next());
    expect_nothing_acknowledged_is_lost();
  }
  open(nullptr);
  expect_nothing_acknowledged_is_lost();
  EXPECT_FALSE(append_next());
  expect_nothing_acknowledged_is_lost();
}

// Invariant 4: what a log that stores nothing does not hold says nothing of what there is.
TEST_F(DiskFullTest, ALogThatRefusedAnAppendHasNoEndUntilItIsWrittenToAgain) {
  quota_.set(3 * kMegabyte);
  EXPECT_TRUE(log_->writable());
  while (!append_next()) {
  }
  const auto end = log_->end_offset(kAt);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(end.error().message, HasSubstr("disk is full; make room"));
  EXPECT_THAT(end.error().message, HasSubstr(directory_.path().string()));
  EXPECT_EQ(log_->writable().error().message, end.error().message);
  EXPECT_TRUE(append_next());
  // Nothing is appended, and the disk stays full: it must not look well again in between.
  EXPECT_FALSE(test_support::eventually(3 * kDoubt, [&] { return log_->writable().has_value(); }));
  expect_nothing_acknowledged_is_lost();

  // Nor do readers need an append to be believed again.
  quota_.set(kPlenty);
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] {
    const auto still = log_->end_offset(kAt);
    return still || still.error().message.find("takes writes again") != std::string::npos;
  }));
  const auto again = std::chrono::steady_clock::now();
  EXPECT_FALSE(append_next()) << "those who were refused come first";
  EXPECT_TRUE(
      test_support::eventually(kDeadline, [&] { return log_->end_offset(kAt).has_value(); }));
  EXPECT_GE(std::chrono::steady_clock::now() - again, kDoubt / 2);
  expect_nothing_acknowledged_is_lost();
}

TEST_F(DiskFullTest, ALogThatWasClosedWhileFullOpensWithAllThatWasAcknowledged) {
  quota_.set(3 * kMegabyte);
  while (!append_next()) {
  }
  open(nullptr);
  expect_nothing_acknowledged_is_lost();
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(append_next());
  expect_nothing_acknowledged_is_lost();
}

}  // namespace
}  // namespace armada_cache::eventlog
