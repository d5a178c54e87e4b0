#include "query/subscriptions/relay_checks.h"

#include <gmock/gmock.h>

#include "core/relay/state.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/query/fake_reader.h"
#include "tests/unit/query/later_queue.h"

namespace armada_cache::query {
namespace {

using std::chrono::seconds;

const base::JobSet kA{"q", "a"};
constexpr auto kFollowing = internal::v1::RELAY_STATE_FOLLOWING;

class RelayChecksTest : public testing::Test {
 protected:
  void follow_since(base::Time written) {
    reader_.set_relay(kA, kFollowing);
    reader_.set_written(kA, written);
  }

  // Looks once; true when nothing is left to look at.
  bool look() {
    later_.run_one();
    return later_.empty();
  }

  test_support::ManualClock clock_;
  FakeReader reader_;
  LaterQueue later_;
  base::Metrics metrics_;
  std::function<bool(const base::JobSet&)> wanted_ = [](const base::JobSet&) { return true; };
  std::vector<base::Time> asked_;
  bool may_ask_ = true;
  const base::Time start_ = clock_.now();
  const std::shared_ptr<RelayChecks> checks_ = std::make_shared<RelayChecks>(
      RelayChecks::Options{
          .ask_after = seconds(1), .ask_pause = seconds(2), .ask_pause_max = seconds(7)},
      reader_, clock_, later_.later(),
      [this](const base::JobSet& job_set) { return wanted_(job_set); },
      [this](const base::JobSet&) {
        if (may_ask_) asked_.push_back(clock_.now());
        return may_ask_;
      },
      metrics_);
};

TEST_F(RelayChecksTest, AreDoneOnceTheOwnerHasSaidThatItIsCaughtUp) {
  checks_->add(kA, start_);
  EXPECT_FALSE(look());
  EXPECT_TRUE(checks_->contains(kA));
  follow_since(start_);
  EXPECT_TRUE(look());
  EXPECT_EQ(checks_->any(), "");
}

TEST_F(RelayChecksTest, Invariant4ALeaseThatBeginsWhileTheLastOneIsFoundEndedStaysInDoubt) {
  checks_->add(kA, start_);
  wanted_ = [&](const base::JobSet&) {
    checks_->add(kA, start_ + seconds(5));
    return false;
  };
  look();
  ASSERT_TRUE(checks_->contains(kA));
  wanted_ = [](const base::JobSet&) { return true; };
  follow_since(start_);
  EXPECT_FALSE(look()) << "said of the life before";
  EXPECT_TRUE(checks_->contains(kA));
}

TEST_F(RelayChecksTest, Invariant4EvenOneThatCountsFromTheSameMoment) {
  checks_->add(kA, start_);
  wanted_ = [&](const base::JobSet&) {
    checks_->add(kA, start_);
    return false;
  };
  look();
  EXPECT_TRUE(checks_->contains(kA));
}

TEST_F(RelayChecksTest, Invariant4WhatWasSaidBeforeALaterLeaseDoesNotSettleIt) {
  checks_->add(kA, start_);
  checks_->add(kA, start_ + seconds(5));
  checks_->add(kA, start_ + seconds(1));
  follow_since(start_ + seconds(2));
  EXPECT_FALSE(look());
  EXPECT_TRUE(checks_->contains(kA));
}

TEST_F(RelayChecksTest, Invariant4AnAnswerUnderWayDoesNotSettleALeaseThatCameMeanwhile) {
  checks_->add(kA, start_);
  follow_since(start_);
  reader_.hold();
  later_.run_one();
  checks_->add(kA, start_ + seconds(5));
  reader_.release();
  EXPECT_TRUE(checks_->contains(kA));
}

TEST_F(RelayChecksTest, ASilentOwnerIsAskedEverMoreRarely) {
  checks_->add(kA, start_);
  for (int second = 0; second <= 30; ++second) {
    look();
    clock_.advance(seconds(1));
  }
  const std::vector<base::Time> expected{start_ + seconds(1),  start_ + seconds(3),
                                         start_ + seconds(7),  start_ + seconds(14),
                                         start_ + seconds(21), start_ + seconds(28)};
  EXPECT_EQ(asked_, expected);
  checks_->add(kA, clock_.now());
  clock_.advance(seconds(1));
  look();
  EXPECT_EQ(asked_.size(), expected.size() + 1) << "a new life is asked of soon";
}

TEST_F(RelayChecksTest, WhatCouldNotBeAskedIsTriedAgainSoon) {
  may_ask_ = false;
  checks_->add(kA, start_);
  clock_.advance(seconds(1));
  look();
  may_ask_ = true;
  look();
  EXPECT_EQ(asked_.size(), 1U);
}

}  // namespace
}  // namespace armada_cache::query
