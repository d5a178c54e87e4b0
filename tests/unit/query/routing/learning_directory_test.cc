#include "query/routing/learning_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/eventually.h"

namespace armada_cache::query {
namespace {

using base::ErrorCode;
using test_support::eventually;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Entries = std::vector<ProjectorEntry>;

constexpr std::chrono::seconds kSoon(20);
constexpr std::chrono::hours kNever(1);

class LearningDirectoryTest : public testing::Test {
 protected:
  ~LearningDirectoryTest() override {
    if (directory_) directory_->stop();
  }

  LearningDirectory& start(std::chrono::milliseconds interval,
                           std::chrono::milliseconds pause = std::chrono::milliseconds(0)) {
    directory_.emplace(
        LearningOptions{2, interval, pause}, [this] { return look(); }, metrics_);
    directory_->start();
    return *directory_;
  }

  void say(base::Result<Entries> found) {
    const std::lock_guard lock(mutex_);
    found_ = std::move(found);
  }

  // Until a look that began after this call has ended.
  bool looked_again() {
    const int before = looks_;
    return eventually(kSoon, [&] { return looks_ >= before + 2; });
  }

  std::vector<std::string> targets() const {
    std::vector<std::string> names;
    const auto map = directory_->map();
    for (const auto& entry : map->projectors) names.push_back(entry.target);
    return names;
  }
  bool becomes(const std::vector<std::string>& expected) {
    return eventually(kSoon, [&] { return targets() == expected; });
  }

  std::atomic<int> looks_ = 0;
  base::Metrics metrics_;

 private:
  base::Result<Entries> look() {
    ++looks_;
    const std::lock_guard lock(mutex_);
    return found_;
  }

  std::mutex mutex_;
  base::Result<Entries> found_ = Entries{};
  std::optional<LearningDirectory> directory_;
};

TEST_F(LearningDirectoryTest, LearnsAtAnInterval) {
  start(std::chrono::milliseconds(1));
  say(Entries{{"a", "one:1", {0, 1}}});
  EXPECT_TRUE(becomes({"one:1"}));
  say(Entries{{"a", "one:1", {0}}, {"a", "two:2", {1}}});
  EXPECT_TRUE(becomes({"one:1", "two:2"}));
}

TEST_F(LearningDirectoryTest, KeepsWhatItKnowsWhileALookFailsOrTheGroupIsNotWhole) {
  start(std::chrono::milliseconds(1));
  say(Entries{{"a", "one:1", {0, 1}}});
  ASSERT_TRUE(becomes({"one:1"}));
  say(base::fail(ErrorCode::kUnavailable, "away"));
  ASSERT_TRUE(looked_again());
  EXPECT_THAT(targets(), ElementsAre("one:1"));
  say(Entries{{"a", "one:1", {}}, {"a", "two:2", {}}});
  ASSERT_TRUE(looked_again());
  EXPECT_THAT(targets(), ElementsAre("one:1"));
  say(Entries{{"a", "one:1", {0, 7}}});  // there is no such partition
  ASSERT_TRUE(looked_again());
  EXPECT_THAT(targets(), ElementsAre("one:1"));
  EXPECT_THAT(metrics_.text(),
              HasSubstr("armada_cache_query_directory_looks_total{result=\"failed\"}"));
}

TEST_F(LearningDirectoryTest, ADoubtBringsTheNextLookForward) {
  LearningDirectory& directory = start(kNever);
  ASSERT_TRUE(eventually(kSoon, [&] { return looks_ == 1; }));
  say(Entries{{"a", "one:1", {0, 1}}});
  ASSERT_TRUE(eventually(kSoon, [&] {
    directory.doubt();
    return looks_ >= 2;
  }));
  EXPECT_TRUE(becomes({"one:1"}));
}

TEST_F(LearningDirectoryTest, DoubtsDoNotMakeMoreLooksThanThePauseAllows) {
  LearningDirectory& directory = start(kNever, kNever);
  ASSERT_TRUE(eventually(kSoon, [&] { return looks_ == 1; }));
  for (int i = 0; i < 1000; ++i) directory.doubt();
  directory.stop();
  EXPECT_EQ(looks_, 1);
}

TEST_F(LearningDirectoryTest, AProjectorThatIsAMemberTwiceIsOne) {
  start(std::chrono::milliseconds(1));
  say(Entries{{"a", "one:1", {0}}, {"a", "one:1", {}}, {"a", "one:1", {1}}, {"b", "none:9", {}}});
  EXPECT_TRUE(becomes({"one:1"}));
}

TEST_F(LearningDirectoryTest, MetricsTellWhoHasHowMany) {
  start(std::chrono::milliseconds(1));
  say(Entries{{"a", "one:1", {0, 1}}});
  EXPECT_TRUE(eventually(kSoon, [&] {
    return metrics_.text().find(
               "armada_cache_query_directory_partitions{group=\"a\",projector=\"one:1\"} 2") !=
           std::string::npos;
  }));
  say(Entries{{"a", "two:2", {0, 1}}});
  EXPECT_TRUE(eventually(
      kSoon, [&] { return metrics_.text().find("projector=\"one:1\"") == std::string::npos; }));
}

}  // namespace
}  // namespace armada_cache::query
