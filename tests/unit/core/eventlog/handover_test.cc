#include "core/eventlog/handover.h"

#include <gtest/gtest.h>

namespace armada_cache::eventlog {
namespace {

using std::chrono::milliseconds;
using Partitions = std::set<Partition>;

constexpr Handover::Time kNow{};
constexpr milliseconds kPatience{6'000};
constexpr milliseconds kPause{500};

class HandoverTest : public testing::Test {
 protected:
  void expect_nothing(Handover::Time now = kNow) { EXPECT_FALSE(handover_.next(now)); }
  void expect_release(const Partitions& partitions, Handover::Time now = kNow) {
    expect_gone(partitions, false, now);
  }
  void expect_lost(const Partitions& partitions, Handover::Time now = kNow) {
    expect_gone(partitions, true, now);
  }
  void expect_gone(const Partitions& partitions, bool lost, Handover::Time now) {
    const auto step = handover_.next(now);
    ASSERT_TRUE(step);
    EXPECT_FALSE(step->take);
    EXPECT_EQ(step->lost, lost);
    EXPECT_EQ(step->partitions, partitions);
  }
  Handover::Step expect_take(const Partitions& partitions, std::int64_t generation,
                             Handover::Time now = kNow) {
    const auto step = handover_.next(now);
    if (!step) {
      ADD_FAILURE() << "nothing to take";
      return {};
    }
    EXPECT_TRUE(step->take);
    EXPECT_EQ(step->partitions, partitions);
    EXPECT_EQ(step->generation, generation);
    return *step;
  }
  void hold(const Partitions& partitions, std::int64_t generation) {
    handover_.assigned(partitions, generation);
    handover_.taken(expect_take(partitions, generation), true, kNow);
    expect_nothing();
  }

  Handover handover_{{.patience = kPatience, .retry_pause = kPause}};
  Handover reading_{{.release_when_lost = false, .patience = kPatience, .retry_pause = kPause}};
};

TEST_F(HandoverTest, WhatStaysThroughASharingIsNotTouched) {
  hold({0, 1, 2, 3}, 4);
  handover_.revoked(kNow);
  expect_nothing(kNow + kPatience / 2);
  handover_.assigned({2, 3, 5}, 5);
  expect_release({0, 1});
  handover_.taken(expect_take({5}, 5), true, kNow);
  expect_nothing(kNow + 2 * kPatience);
}

TEST_F(HandoverTest, ASharingThatWasMissedForfeitsWhatIsHeld) {
  hold({0, 1}, 4);
  handover_.revoked(kNow);
  handover_.assigned({0, 1}, 6);  // somebody may have had them in 5
  expect_lost({0, 1});
  expect_take({0, 1}, 6);
}

TEST_F(HandoverTest, AnUnknownGenerationForfeitsWhatIsHeld) {
  hold({0}, 4);
  handover_.assigned({0}, 0);
  expect_lost({0});
  expect_take({0}, 0);
}

TEST_F(HandoverTest, WhatIsLostIsReleasedAtOnceAndTakenAnewOnceAssigned) {
  hold({0, 1}, 4);
  handover_.lost();
  handover_.assigned({0, 1}, 5);  // before anybody looked
  expect_lost({0, 1});
  handover_.taken(expect_take({0, 1}, 5), true, kNow);
  expect_nothing();
}

TEST_F(HandoverTest, AGroupThatGoesOnWithoutThisProcessHasWhatItHeld) {
  hold({0, 1}, 4);
  handover_.revoked(kNow);
  EXPECT_EQ(handover_.wake_at(), kNow + kPatience);
  expect_nothing(kNow + kPatience - milliseconds(1));
  expect_lost({0, 1}, kNow + kPatience);
  expect_nothing(kNow + kPatience);
  EXPECT_FALSE(handover_.wake_at());
}

TEST_F(HandoverTest, RevocationsAmongThemselvesDoNotPutOffTheEnd) {
  hold({0}, 4);
  handover_.revoked(kNow);
  handover_.revoked(kNow + kPatience / 2);
  expect_lost({0}, kNow + kPatience);
}

TEST_F(HandoverTest, ATakeGoesOnThroughASharingThatLeavesIt) {
  handover_.assigned({0, 1}, 4);
  const auto step = expect_take({0, 1}, 4);
  handover_.revoked(kNow);
  EXPECT_FALSE(handover_.is_stale(step));
  handover_.assigned({0, 1, 2}, 5);
  EXPECT_FALSE(handover_.is_stale(step));
  handover_.taken(step, true, kNow);
  expect_take({2}, 5);
}

TEST_F(HandoverTest, ATakeIsStaleOnceAnyOfItIsNotWanted) {
  handover_.assigned({0, 1}, 4);
  const auto step = expect_take({0, 1}, 4);
  handover_.assigned({1}, 5);
  EXPECT_TRUE(handover_.is_stale(step));
  handover_.taken(step, false, kNow);
  expect_take({1}, 5);  // at once: it did not fail by itself
}

TEST_F(HandoverTest, WhatWasTakenInVainIsReleased) {
  handover_.assigned({0, 1}, 4);
  const auto step = expect_take({0, 1}, 4);
  handover_.assigned({1}, 5);
  handover_.taken(step, true, kNow);
  expect_release({0});
  expect_nothing();
}

TEST_F(HandoverTest, ATakeThroughALossIsStaleThoughItIsWantedAgain) {
  handover_.assigned({0}, 4);
  const auto step = expect_take({0}, 4);
  handover_.lost();
  handover_.assigned({0}, 6);
  EXPECT_TRUE(handover_.is_stale(step));
  handover_.taken(step, true, kNow);  // with a generation that is too old
  expect_lost({0});
  expect_take({0}, 6);
}

TEST_F(HandoverTest, WhatCouldNotBeTakenIsTriedAgainAfterAPause) {
  handover_.assigned({0}, 4);
  handover_.taken(expect_take({0}, 4), false, kNow);
  EXPECT_EQ(handover_.wake_at(), kNow + kPause);
  expect_nothing(kNow + kPause - milliseconds(1));
  expect_take({0}, 4, kNow + kPause);
}

TEST_F(HandoverTest, ANewSharingIsNotPutOffByWhatCouldNotBeTakenBefore) {
  handover_.assigned({0}, 4);
  handover_.taken(expect_take({0}, 4), false, kNow);
  handover_.revoked(kNow);
  handover_.assigned({0, 1}, 5);
  expect_take({0, 1}, 5);
}

TEST_F(HandoverTest, NothingIsTakenWhileItIsSharedAnewNorIsItWaitedForInVain) {
  handover_.assigned({0}, 4);
  handover_.taken(expect_take({0}, 4), false, kNow);
  handover_.revoked(kNow);
  expect_nothing(kNow + kPause);
  EXPECT_EQ(handover_.wake_at(), kNow + kPatience);
  handover_.assigned({0}, 5);
  expect_take({0}, 5);
}

TEST_F(HandoverTest, AReaderKeepsWhatItHasUntilItIsSaidToBeAnothers) {
  reading_.assigned({0, 1}, 4);
  reading_.taken(*reading_.next(kNow), true, kNow);
  reading_.lost();
  EXPECT_FALSE(reading_.next(kNow + 2 * kPatience));
  EXPECT_FALSE(reading_.wake_at());
  reading_.assigned({1, 2}, 9);
  const auto released = reading_.next(kNow);
  ASSERT_TRUE(released);
  EXPECT_FALSE(released->take);
  EXPECT_EQ(released->partitions, Partitions{0});
  const auto taken = reading_.next(kNow);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->partitions, Partitions{2});
}

}  // namespace
}  // namespace armada_cache::eventlog
