// Fail-over, hedging and doubts about the directory, over readers that do as they are told.
#include "query/routing/routing_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>

#include "query/routing/static_directory.h"
#include "tests/support/eventually.h"

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
  // How far it is: everything below `least` is in its answers, nothing from `most` on.
  void say_extent(std::int64_t incarnation, std::int64_t least, std::int64_t most) {
    const std::lock_guard lock(mutex_);
    partitions_ = {0};
    extents_ = {incarnation, {{0, least, most}}};
  }
  // Stands still: it answers what it had.
  void lag() {
    const std::lock_guard lock(mutex_);
    partitions_ = {0};
    extents_ = {7, {{0, 1, 1, true}}};
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
      answer.freshness.extents = extents_;
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
  lookup::Extents extents_;
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
        },
        metrics_);
  }

  std::future<base::Result<int>> ask(const std::string& id) {
    auto promise = std::make_shared<std::promise<base::Result<int>>>();
    const std::string_view view(id);
    router_->statuses({&view, 1}, false, [promise](base::Result<lookup::StatusAnswer> answer) {
      promise->set_value(answer.map([](const auto& found) { return found.statuses.at(0).state; }));
    });
    return promise->get_future();
  }

  base::Result<int> state_of(const std::string& id) {
    auto future = ask(id);
    if (future.wait_for(kSoon) != std::future_status::ready) std::abort();
    return future.get();
  }

  base::Metrics metrics_;
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

TEST_F(RoutingReaderTest, GivesUpInTimeWhereNothingIsHedged) {
  options_.hedge_after = std::chrono::minutes(10);
  options_.give_up_after = std::chrono::milliseconds(50);
  make();
  first_->hold();
  auto later = ask("job");
  ASSERT_EQ(later.wait_for(kSoon), std::future_status::ready);
  const auto answer = later.get();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("within 50 ms"));
  EXPECT_EQ(second_->asked(), 0);
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

TEST_F(RoutingReaderTest, ACopyThatLagsIsNotAskedWhereAnotherAnswers) {
  options_.cool_off = std::chrono::hours(1);
  make();
  first_->lag();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(state_of("job").value(), 2);
  EXPECT_EQ(first_->asked(), 1);
}

TEST_F(RoutingReaderTest, ACopyThatLagsIsBetterThanNone) {
  options_.cool_off = std::chrono::hours(1);
  make();
  first_->lag();
  second_->fail_with({ErrorCode::kUnavailable, "gone"});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(state_of("job").value(), 1);
  EXPECT_EQ(first_->asked(), 11) << "the first one twice";
  EXPECT_EQ(second_->asked(), 1);
}

TEST_F(RoutingReaderTest, WhereAllCopiesLagTheyAreNotAllAskedEachTime) {
  options_.cool_off = std::chrono::hours(1);
  make();
  first_->lag();
  second_->lag();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(state_of("job"));
  EXPECT_LE(first_->asked() + second_->asked(), 12);
}

TEST_F(RoutingReaderTest, TheOnlyCopyAnswersAtOnceHoweverItLags) {
  directory_ = StaticDirectory::parse("a:a:1=0", 1).value();
  make();
  first_->lag();
  EXPECT_EQ(state_of("job").value(), 1);
  EXPECT_EQ(first_->asked(), 1);
}

TEST_F(RoutingReaderTest, NoAnswerGoesBackBehindOneBefore) {
  make();
  first_->say_extent(1, 100, 105);
  second_->say_extent(2, 104, 104);
  EXPECT_EQ(state_of("job").value(), 1);
  first_->fail_with({ErrorCode::kUnavailable, "gone"});
  auto later = ask("job");
  // It has asked the second more than once, and was not content.
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return second_->asked() >= 3; }));
  EXPECT_EQ(later.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  second_->say_extent(2, 105, 105);
  ASSERT_EQ(later.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(later.get().value(), 2);
  EXPECT_THAT(metrics_.text(),
              HasSubstr("query_projector_questions_total{projector=\"b:1\",result=\"behind\"}"));
}

TEST_F(RoutingReaderTest, ACopyThatStaysBehindIsUnavailable) {
  options_.hedge_after = std::chrono::milliseconds(10);
  options_.give_up_after = std::chrono::milliseconds(50);
  make();
  first_->say_extent(1, 100, 105);
  second_->say_extent(2, 90, 90);
  EXPECT_EQ(state_of("job").value(), 1);
  first_->fail_with({ErrorCode::kUnavailable, "gone"});
  const auto answer = state_of("job");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("within 50 ms"));
}

TEST_F(RoutingReaderTest, AProjectorThatCameBackBehindIsPassedOver) {
  make();
  first_->say_extent(1, 100, 105);
  second_->say_extent(2, 110, 110);
  EXPECT_EQ(state_of("job").value(), 1);
  first_->say_extent(3, 80, 80);
  EXPECT_EQ(state_of("job").value(), 2);
  EXPECT_EQ(first_->asked(), 2);
}

TEST_F(RoutingReaderTest, OneThatAppliesWhileItAnswersIsNotBehindItself) {
  make();
  first_->say_extent(1, 100, 105);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(state_of("job").value(), 1);
  EXPECT_EQ(second_->asked(), 0);
}

TEST_F(RoutingReaderTest, WhatWaitsForACopyIsToldWhenTheRouterGoes) {
  make();
  first_->say_extent(1, 100, 105);
  second_->say_extent(2, 90, 90);
  EXPECT_EQ(state_of("job").value(), 1);
  first_->fail_with({ErrorCode::kUnavailable, "gone"});
  auto later = ask("job");
  router_.reset();
  ASSERT_EQ(later.wait_for(kSoon), std::future_status::ready);
  const auto answer = later.get();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("the process stops"));
}

TEST_F(RoutingReaderTest, MetricsTellWhoFailedAndWhatWasHedged) {
  options_.hedge_after = std::chrono::milliseconds(10);
  make();
  first_->fail_with({ErrorCode::kUnavailable, "gone"});
  EXPECT_EQ(state_of("job").value(), 2);
  const auto tells = [&](const std::string& line) {
    return test_support::eventually(kSoon, [&] {
      return metrics_.text().find("armada_cache_query_" + line) != std::string::npos;
    });
  };
  EXPECT_TRUE(tells("projector_questions_total{projector=\"a:1\",result=\"failed\"} 1"));
  EXPECT_TRUE(tells("projector_questions_total{projector=\"b:1\",result=\"ok\"} 1"));
  EXPECT_TRUE(tells("projector_seconds_count{projector=\"b:1\"} 1"));
  EXPECT_TRUE(tells("failovers_total 1"));
  second_->hold();
  auto later = ask("job");
  EXPECT_TRUE(tells("hedges_total 1"));
  second_->release();
  later.wait();
}

}  // namespace
}  // namespace armada_cache::query
