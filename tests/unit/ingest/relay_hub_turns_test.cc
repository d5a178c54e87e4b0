#include <map>

#include "tests/unit/ingest/relay_hub_fixture.h"

namespace armada_cache::ingest {
namespace {

const JobSet kC{"q", "c"};
const JobSet kD{"q", "d"};
constexpr base::Duration kLook = RelayTimes{}.missing_queue_retry;

class RelayHubTurnsTest : public RelayHubTest {
 protected:
  RelayHubTurnsTest() { go(); }

  // Armada answers every question for what it holds of a job set: there is none such. Those of
  // them that were asked for are counted.
  void answer_that_there_is_none() {
    for (; answered_ < armada_.count(); ++answered_) {
      const auto call = armada_.call(answered_);
      if (!call->open || call->request.watch) continue;
      ++asked_[call->request.job_set.name];
      call->callbacks.end(base::fail(base::ErrorCode::kNotFound, "Jobset x does not exist"));
      thread_.run_all();
    }
  }
  void want_what_is_missing(const JobSet& job_set) {
    lease(job_set, "x", 1000h);
    answer_that_there_is_none();
  }
  // Armada has sent all that it holds, of the job set asked for last.
  void want_and_follow(const JobSet& job_set) {
    lease(job_set, "x", 1000h);
    ASSERT_EQ(armada_.last().request.job_set, job_set);
    armada_.end();
    thread_.run_all();
    answered_ = armada_.count();
    ASSERT_EQ(state(job_set), RelayState::kFollowing);
  }
  std::size_t open_streams() {
    std::size_t open = 0;
    for (std::size_t i = 0; i < armada_.count(); ++i) open += armada_.call(i)->open ? 1U : 0U;
    return open;
  }
  // Of kA and kB.
  JobSet what_gave_way() {
    for (std::size_t i = 0; i < armada_.count(); ++i) {
      const auto call = armada_.call(i);
      if (call->open && call->request.job_set == kA) return kB;
    }
    return kA;
  }
  bool tells(const std::string& metric) {
    return registry_.text().find("armada_cache_" + metric + "\n") != std::string::npos;
  }

  std::size_t answered_ = 0;
  std::map<std::string, int> asked_;
};

// Job sets that Armada does not have would otherwise keep those that it has from being followed.
TEST_F(RelayHubTurnsTest, WhatArmadaDoesNotHaveGivesItsPlaceToOneThatWaits) {
  want_what_is_missing(kA);
  want_what_is_missing(kB);
  EXPECT_EQ(open_streams(), 2U) << "as long as nobody waits, they are told of at once";
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kD));
  EXPECT_EQ(open_streams(), 2U);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kGone) << "that is still certain";
  EXPECT_TRUE(tells("relays{state=\"gone\"} 2"));
  EXPECT_TRUE(tells("relays{state=\"following\"} 2"));
  EXPECT_TRUE(tells("ingest_job_sets_waiting 0"));
}

TEST_F(RelayHubTurnsTest, WhatGaveWayIsLookedAtInTurnsAndNeverInDoubt) {
  for (const JobSet& job_set : {kA, kB, kC, kD}) want_what_is_missing(job_set);
  const std::size_t told = log_.records(topics::kRelays).size();
  for (int i = 0; i < 80; ++i) {
    pass(kLook / 4);
    answer_that_there_is_none();
  }
  for (const auto* name : {"a", "b", "c", "d"}) EXPECT_GE(asked_[name], 3) << name;
  const auto records = log_.records(topics::kRelays);
  for (std::size_t i = told; i < records.size(); ++i) {
    EXPECT_EQ(decode_relay(records[i].value.value())->status.state, RelayState::kGone);
  }
}

// Nobody looks any more whether Armada has it by now, so it is not said that it has not.
TEST_F(RelayHubTurnsTest, WhatFindsNoPlaceForItsLookIsInDoubtAndHasItsTurnInTheEnd) {
  want_what_is_missing(kA);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  pass(kLook);
  EXPECT_EQ(state(kA), RelayState::kGone);
  pass(kLook);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRetrying);
  EXPECT_NE(last_record(kA).status.last_error.find("max-job-sets"), std::string::npos);
  EXPECT_TRUE(tells("ingest_job_sets_waiting 1"));
  EXPECT_TRUE(tells("relays{state=\"retrying\"} 1"));
  lease(kD, "x", 1000h);
  EXPECT_TRUE(tells("relays{state=\"retrying\"} 2"));
  end(kB, "x");
  EXPECT_EQ(state(kA), RelayState::kCatchingUp) << "before what came later";
  EXPECT_EQ(state(kD), RelayState::kRetrying);
  end(kC, "x");
  EXPECT_EQ(state(kD), RelayState::kCatchingUp);
  EXPECT_TRUE(tells("ingest_job_sets_waiting 0"));
}

TEST_F(RelayHubTurnsTest, WhatGaveWayAndIsThereByNowIsFollowedWhenItsLookIsDue) {
  want_what_is_missing(kA);
  want_what_is_missing(kB);
  want_what_is_missing(kC);
  const JobSet gave_way = what_gave_way();
  pass(kLook);
  ASSERT_EQ(armada_.last().request.job_set, gave_way);
  EXPECT_EQ(state(gave_way), RelayState::kGone);
  armada_.end();
  thread_.run_all();
  EXPECT_EQ(state(gave_way), RelayState::kFollowing);
}

TEST_F(RelayHubTurnsTest, ARenewalBringsTheLookForward) {
  want_what_is_missing(kA);
  want_what_is_missing(kB);
  want_what_is_missing(kC);
  const JobSet gave_way = what_gave_way();
  asked_.clear();
  want_what_is_missing(gave_way);
  EXPECT_EQ(asked_[gave_way.name], 1);
}

TEST_F(RelayHubTurnsTest, WhatIsRefusedGivesWayAndIsTriedAgain) {
  lease(kA, "x", 1000h);
  armada_.end(base::ErrorCode::kPermissionDenied, "no");
  thread_.run_all();
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRefused);
  end(kC, "x");
  pass(RelayTimes{}.refused_retry);
  ASSERT_EQ(armada_.last().request.job_set, kA);
  EXPECT_EQ(state(kA), RelayState::kRefused);
  armada_.end();
  thread_.run_all();
  EXPECT_EQ(state(kA), RelayState::kFollowing);
}

TEST_F(RelayHubTurnsTest, WhatRestsGivesWayAndIsWokenBeforeOthersHaveTheirLooks) {
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kA));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  pass(RelayTimes{}.park_unsure_after);
  ASSERT_EQ(state(kA), RelayState::kParked);
  ASSERT_EQ(state(kB), RelayState::kParked);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kD));
  EXPECT_EQ(last_record(kA).status.state, RelayState::kParked);
  const std::size_t told = log_.records(topics::kRelays).size();
  end(kA, "");  // a wake
  EXPECT_EQ(log_.records(topics::kRelays).size(), told + 1) << "who asks is answered";
  end(kD, "x");
  EXPECT_EQ(armada_.last().request.job_set, kA);
  EXPECT_EQ(last_record(kA).status.state, RelayState::kCatchingUp);
  end(kC, "x");
  pass(RelayTimes{}.parked_look);
  EXPECT_EQ(armada_.last().request.job_set, kB);
  EXPECT_EQ(state(kB), RelayState::kParked);
  armada_.end();
  thread_.run_all();
  EXPECT_EQ(state(kB), RelayState::kParked) << "nothing new";
}

TEST_F(RelayHubTurnsTest, WhatGaveWayOrIsAboutToIsStoppedWithItsLastLease) {
  want_what_is_missing(kA);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  log_.cork();
  lease(kC, "x", 1000h);
  end(kA, "x");
  log_.uncork();
  thread_.run_all();
  EXPECT_EQ(last_record(kA).status.state, RelayState::kStopped);
  EXPECT_EQ(state(kC), RelayState::kCatchingUp);
  end(kC, "x");
  want_what_is_missing(kA);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  end(kA, "x");
  EXPECT_EQ(last_record(kA).status.state, RelayState::kStopped);
  EXPECT_TRUE(tells("relays{state=\"gone\"} 0"));
}

TEST_F(RelayHubTurnsTest, LettingGoLeavesWordOfWhatGaveWay) {
  want_what_is_missing(kA);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  log_.cork();
  hub_.release_all();
  thread_.run_all();
  EXPECT_FALSE(hub_.is_idle());
  log_.uncork();
  thread_.run_all();
  EXPECT_TRUE(hub_.is_idle());
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRetrying);
  EXPECT_FALSE(hub_.next_wake());
}

TEST_F(RelayHubTurnsTest, ARevokedPartitionTakesWhatGaveWayWithIt) {
  want_what_is_missing(kA);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  hub_.revoke({0, 1, 2, 3});
  thread_.run_all();
  EXPECT_EQ(last_record(kA).status.state, RelayState::kRetrying);
  const std::size_t asked = armada_.count();
  pass(10 * kLook);
  EXPECT_EQ(armada_.count(), asked);
  EXPECT_TRUE(tells("relays{state=\"gone\"} 0"));
}

TEST_F(RelayHubTurnsTest, OfALostPartitionNothingIsWrittenThatGaveWay) {
  want_what_is_missing(kA);
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kB));
  ASSERT_NO_FATAL_FAILURE(want_and_follow(kC));
  const std::size_t written = log_.records(topics::kRelays).size();
  hub_.revoke({0, 1, 2, 3}, true);
  thread_.run_all();
  EXPECT_EQ(log_.records(topics::kRelays).size(), written);
  EXPECT_TRUE(tells("relays{state=\"gone\"} 0"));
}

}  // namespace
}  // namespace armada_cache::ingest
