#include "core/eventlog/topic_follower.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "core/eventlog/replay.h"
#include "tests/support/eventually.h"
#include "tests/support/memory_log.h"

namespace armada_cache::eventlog {
namespace {

using test_support::eventually;
using testing::ElementsAre;

constexpr std::chrono::seconds kDeadline(30);
const TopicPartition kFirst{"topic", 0};
const TopicPartition kSecond{"topic", 1};

class TopicFollowerTest : public testing::Test {
 protected:
  TopicFollowerTest() {
    EXPECT_TRUE(
        log_.ensure_topic({.name = "topic", .partitions = 2, .cleanup = Cleanup::kCompaction}));
  }

  void append(const TopicPartition& to, const std::string& key) { log_.append(to, {key, key, {}}); }
  void bury(const TopicPartition& to, const std::string& key) {
    log_.append(to, {key, std::nullopt, {}});
  }

  base::Result<Positions> replay_all() {
    return replay({kOptions, patience_, [this] { return stop_.load(); }}, log_, "topic", {0, 1},
                  [this](const RecordView& record) { keys_.emplace_back(record.key); });
  }

  std::unique_ptr<TopicFollower> follower() {
    return std::make_unique<TopicFollower>(kOptions, log_, [this](auto records, const auto& at) {
      const std::lock_guard lock(mutex_);
      for (const RecordView& record : records) keys_.emplace_back(record.key);
      told_ = at;
    });
  }
  std::vector<std::string> keys() {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  bool is_told(const Positions& positions) {
    return eventually(kDeadline, [&] {
      const std::lock_guard lock(mutex_);
      return told_ == positions;
    });
  }

  static constexpr FollowOptions kOptions{.batch_records = 2,
                                          .poll_wait = std::chrono::milliseconds(20),
                                          .retry_pause = std::chrono::milliseconds(5)};
  base::SystemClock clock_;
  test_support::MemoryLog log_{clock_};
  std::mutex mutex_;
  std::vector<std::string> keys_;
  Positions told_;
  std::chrono::milliseconds patience_ = kDeadline;
  std::atomic<bool> stop_ = false;
};

TEST_F(TopicFollowerTest, AReplayReadsWhatThereIsAndSaysWhereToGoOn) {
  for (const char* key : {"a", "b", "c"}) append(kFirst, key);
  append(kSecond, "d");
  EXPECT_EQ(replay_all().value(), (Positions{{kFirst, 3}, {kSecond, 1}}));
  EXPECT_THAT(keys(), testing::UnorderedElementsAre("a", "b", "c", "d"));
}

TEST_F(TopicFollowerTest, AReplayOfAnEmptyTopicReadsNothing) {
  EXPECT_EQ(replay_all().value(), (Positions{{kFirst, 0}, {kSecond, 0}}));
}

TEST_F(TopicFollowerTest, AReplayReachesAnEndThatCompactionTookAway) {
  append(kFirst, "a");
  append(kFirst, "b");
  bury(kFirst, "b");
  log_.bury_tombstones(kFirst);
  EXPECT_EQ(replay_all().value().at(kFirst), 3);
  EXPECT_THAT(keys(), ElementsAre("a"));
}

TEST_F(TopicFollowerTest, AReplayWaitsForRecordsThatAreSlowToCome) {
  append(kFirst, "a");
  append(kFirst, "b");
  log_.hold(kFirst, 1);
  auto replayed = std::async(std::launch::async, [this] { return replay_all(); });
  EXPECT_EQ(replayed.wait_for(10 * kOptions.poll_wait), std::future_status::timeout);
  log_.release(kFirst);
  EXPECT_TRUE(replayed.get());
  EXPECT_THAT(keys(), ElementsAre("a", "b"));
}

TEST_F(TopicFollowerTest, AReplayThatBringsNothingIsGivenUp) {
  append(kFirst, "a");
  log_.hold(kFirst, 0);
  patience_ = 3 * kOptions.poll_wait;
  const auto replayed = replay_all();
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(replayed.error().message, testing::HasSubstr("partition 0 of topic"));
}

TEST_F(TopicFollowerTest, Invariant7AReplayThatBringsNothingIsStopped) {
  append(kFirst, "a");
  log_.hold(kFirst, 0);
  auto replayed = std::async(std::launch::async, [this] { return replay_all(); });
  EXPECT_EQ(replayed.wait_for(3 * kOptions.poll_wait), std::future_status::timeout);
  stop_ = true;
  EXPECT_EQ(replayed.get().error().code, base::ErrorCode::kCancelled);
}

TEST_F(TopicFollowerTest, AReplayTellsWhyTheLogCannotBeRead) {
  append(kFirst, "a");
  log_.refuse_with(base::Error{base::ErrorCode::kUnavailable, "the disk is full"});
  EXPECT_EQ(replay_all().error().message, "the disk is full");
}

TEST_F(TopicFollowerTest, FollowsWhatComesFromThePositionsOn) {
  append(kFirst, "a");
  append(kFirst, "b");
  const auto following = follower();
  following->follow({{kFirst, 1}});
  EXPECT_TRUE(is_told({{kFirst, 2}}));
  append(kSecond, "not followed");
  append(kFirst, "c");
  EXPECT_TRUE(is_told({{kFirst, 3}}));
  EXPECT_THAT(keys(), ElementsAre("b", "c"));
  EXPECT_TRUE(eventually(kDeadline, [&] {
    return following->positions() == Positions{{kFirst, 3}};
  }));
}

TEST_F(TopicFollowerTest, TellsOfAnEndThatCompactionTookAway) {
  append(kFirst, "a");
  bury(kFirst, "a");
  log_.bury_tombstones(kFirst);
  const auto following = follower();
  following->follow({{kFirst, 0}});
  EXPECT_TRUE(is_told({{kFirst, 2}}));
  EXPECT_THAT(keys(), ElementsAre());
}

TEST_F(TopicFollowerTest, FollowsOthersWhenToldTo) {
  const auto following = follower();
  following->follow({{kFirst, 0}});
  following->follow({{kSecond, 0}});
  append(kFirst, "a");
  append(kSecond, "b");
  EXPECT_TRUE(is_told({{kSecond, 1}}));
  EXPECT_THAT(keys(), ElementsAre("b"));
  following->follow({});
  append(kSecond, "c");
  EXPECT_EQ(following->positions(), Positions{});
  EXPECT_THAT(keys(), ElementsAre("b"));
}

// What is being taken in while others are added is not taken in twice.
TEST_F(TopicFollowerTest, GoesOnWhereItIsWhenOthersAreAddedAndRemoved) {
  std::promise<void> entered;
  std::promise<void> may_go_on;
  const auto following =
      std::make_unique<TopicFollower>(kOptions, log_, [&](auto records, const auto& at) {
        if (!records.empty() && keys().empty()) {
          entered.set_value();
          may_go_on.get_future().wait();
        }
        const std::lock_guard lock(mutex_);
        for (const RecordView& record : records) keys_.emplace_back(record.key);
        told_ = at;
      });
  following->follow({{kFirst, 0}});
  append(kFirst, "a");
  entered.get_future().wait();
  append(kSecond, "b");
  auto added = std::async(std::launch::async, [&] { following->add({{kFirst, 0}, {kSecond, 0}}); });
  EXPECT_EQ(added.wait_for(kOptions.poll_wait), std::future_status::timeout);
  may_go_on.set_value();
  added.get();
  EXPECT_TRUE(is_told({{kFirst, 1}, {kSecond, 1}}));
  following->remove({0});
  append(kFirst, "not followed");
  append(kSecond, "c");
  EXPECT_TRUE(is_told({{kSecond, 2}}));
  EXPECT_THAT(keys(), ElementsAre("a", "b", "c"));
}

TEST_F(TopicFollowerTest, GoesOnWhenTheLogCanBeReadAgain) {
  log_.fail_with(base::Error{base::ErrorCode::kUnavailable, "the broker is away"});
  const auto following = follower();
  following->follow({{kFirst, 0}});
  append(kFirst, "a");
  log_.fail_with(std::nullopt);
  EXPECT_TRUE(is_told({{kFirst, 1}}));
  EXPECT_THAT(keys(), ElementsAre("a"));
}

}  // namespace
}  // namespace armada_cache::eventlog
