#include "core/eventlog/topic_follower.h"

#include <gmock/gmock.h>

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
    return replay(kOptions, log_, "topic", {0, 1},
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
