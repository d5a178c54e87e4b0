// Fail-over, hedging and doubts about the directory, over readers that do as they are told.
#include "query/routing/routing_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>

#include "query/routing/static_directory.h"

namespace armada_cache::query {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

constexpr std::chrono::seconds kSoon(20);

// Answers each id with its own number, fails, or says nothing.
class ToldReader final : public lookup::JobReader {
 public:
  explicit ToldReader(int state) : state_(state) {}

  void fail_with(const base::Error& error) {
    const std::lock_guard lock(mutex_);
    error_ = error;
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }
  void release() {
    std::vector<std::function<void()>> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
      holding_ = false;
    }
    for (const auto& answer : held) answer();
  }
  void say_partitions(std::vector<std::int32_t> partitions) {
    const std::lock_guard lock(mutex_);
    partitions_ = std::move(partitions);
  }
  int asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  void statuses(std::span<const std::string_view> ids, bool,
                Done<lookup::StatusAnswer> done) override {
    lookup::StatusAnswer answer;
    answer.statuses.assign(ids.size(), {state_});
    give(std::move(answer), std::move(done));
  }
  void details(std::vector<std::string>, bool, Done<lookup::DetailsAnswer> done) override {
    give(lookup::DetailsAnswer(), std::move(done));
  }
  void list(lookup::ListRequest, Done<lookup::ListAnswer> done) override {
    give(lookup::ListAnswer(), std::move(done));
  }
  void summarize(base::JobSet, Done<lookup::JobSetSummary> done) override {
    lookup::JobSetSummary summary;
    summary.jobs_by_state = {1};
    give(std::move(summary), std::move(done));
  }
  void relays(std::vector<base::JobSet>, Done<lookup::RelaysAnswer> done) override {
    give(lookup::RelaysAnswer(), std::move(done));
  }
  void asked(lookup::AskedRequest, Done<lookup::AskedAnswer> done) override {
    done(lookup::AskedAnswer());
  }
  void active_queues(Done<lookup::ActiveQueuesAnswer> done) override {
    give(lookup::ActiveQueuesAnswer(), std::move(done));
  }

 private:
  template <typename Answer>
  void give(Answer answer, Done<Answer> done) {
    {
      const std::lock_guard lock(mutex_);
      ++asked_;
      answer.freshness.partitions = partitions_;
      if (holding_) {
        held_.push_back([answer, done] { done(answer); });
        return;
      }
      if (error_) {
        return done(tl::unexpected(*error_));
      }
    }
    done(std::move(answer));
  }

  const int state_;
  mutable std::mutex mutex_;
  int asked_ = 0;
  bool holding_ = false;
  std::optional<base::Error> error_;
  std::vector<std::int32_t> partitions_;
  std::vector<std::function<void()>> held_;
};

// One partition, in the groups a and b.
class RoutingReaderTest : public testing::Test {
 protected:
  ~RoutingReaderTest() override {
    first_->release();
    second_->release();
  }

  void make() {
    router_ = std::make_unique<RoutingReader>(
        options_, *directory_,
        [this](const std::string& target) -> base::Result<std::shared_ptr<lookup::JobReader>> {
          return target == "a:1" ? first_ : second_;
        });
  }

  base::Result<int> state_of(const std::string& id) {
    std::promise<base::Result<int>> promise;
    const std::string_view view(id);
    router_->statuses({&view, 1}, false, [&](base::Result<lookup::StatusAnswer> answer) {
      promise.set_value(answer.map([](const auto& found) { return found.statuses.at(0).state; }));
    });
    auto future = promise.get_future();
    if (future.wait_for(kSoon) != std::future_status::ready) std::abort();
    return future.get();
  }

  RoutingOptions options_;
  std::shared_ptr<ToldReader> first_ = std::make_shared<ToldReader>(1);
  std::shared_ptr<ToldReader> second_ = std::make_shared<ToldReader>(2);
  std::unique_ptr<StaticDirectory> directory_ =
      StaticDirectory::parse("a:a:1=0,b:b:1=0", 1).value();
  std::unique_ptr<RoutingReader> router_;
};

TEST_F(RoutingReaderTest, StaysWithOneGroupAsLongAsItAnswers) {
  make();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(state_of("job").value(), 1);
  EXPECT_EQ(second_->asked(), 0);
}

TEST_F(RoutingReaderTest, FailsOverAndLeavesTheFailedInPeace) {
  options_.cool_off = std::chrono::hours(1);
  make();
  first_->fail_with({ErrorCode::kUnavailable, "gone"});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(state_of("job").value(), 2);
  EXPECT_EQ(first_->asked(), 1);
  EXPECT_EQ(second_->asked(), 10);
}

TEST_F(RoutingReaderTest, ASuspectIsAskedWhereNobodyElseAnswers) {
  options_.cool_off = std::chrono::hours(1);
  make();
  first_->fail_with({ErrorCode::kUnavailable, "first is gone"});
  second_->fail_with({ErrorCode::kUnavailable, "second is gone"});
  for (int i = 0; i < 2; ++i) {
    const auto answer = state_of("job");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(answer.error().message, HasSubstr("is gone"));
  }
  EXPECT_EQ(first_->asked(), 2);
}

TEST_F(RoutingReaderTest, ACallersMistakeIsNotAskedAgain) {
  make();
  first_->fail_with({ErrorCode::kInvalidArgument, "no"});
  const auto answer = state_of("job");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(second_->asked(), 0);
}

TEST_F(RoutingReaderTest, ASlowOneIsHedged) {
  options_.hedge_after = std::chrono::milliseconds(10);
  make();
  first_->hold();
  EXPECT_EQ(state_of("job").value(), 2);
}

TEST_F(RoutingReaderTest, GivesUpInTime) {
  options_.hedge_after = std::chrono::milliseconds(10);
  options_.give_up_after = std::chrono::milliseconds(50);
  make();
  first_->hold();
  second_->hold();
  const auto answer = state_of("job");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("within 50 ms"));
}

TEST_F(RoutingReaderTest, AWrongDirectoryIsFoundOut) {
  directory_ = StaticDirectory::parse("a:a:1=0,b:b:1=0", 1).value();
  make();
  first_->say_partitions({1, 2});
  EXPECT_EQ(state_of("job").value(), 2);
  // More than it should have would be counted twice.
  first_->say_partitions({0, 1});
  second_->say_partitions({0, 1});
  std::promise<base::Result<lookup::JobSetSummary>> promise;
  router_->summarize({"q", "set"}, [&](auto answer) { promise.set_value(std::move(answer)); });
  const auto summary = promise.get_future().get();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(summary.error().message, HasSubstr("other partitions than the directory says"));
}

}  // namespace
}  // namespace armada_cache::query
