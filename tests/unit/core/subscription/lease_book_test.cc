#include "core/subscription/lease_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "armada_cache/internal/v1/records.pb.h"

namespace armada_cache::subscription {
namespace {

using base::JobSet;
using base::Time;
using testing::ElementsAre;
using testing::IsEmpty;

const JobSet kA{"q", "a"};
const JobSet kB{"q", "b"};

Time at(int seconds) {
  return Time(std::chrono::seconds(1000 + seconds));
}

class LeaseBookTest : public testing::Test {
 protected:
  void lease(const JobSet& job_set, const std::string& subscriber, int until) {
    internal::v1::SubscriptionRecord record;
    record.set_lease_expires_us(base::to_unix_micros(at(until)));
    record.set_created_us(7);
    record.set_origin("subscribe");
    book_.apply({job_set, subscriber}, record);
  }
  void end(const JobSet& job_set, const std::string& subscriber) {
    book_.apply({job_set, subscriber}, std::nullopt);
  }

  LeaseBook book_;
};

TEST_F(LeaseBookTest, ARemovalTakesALeaseThatWasNotRenewed) {
  lease(kA, "x", 10);
  EXPECT_FALSE(book_.remove_ended({kA, "y"}, at(10)));
  EXPECT_TRUE(book_.remove_ended({kA, "x"}, at(9)));
  EXPECT_TRUE(book_.find({kA, "x"}));
  EXPECT_FALSE(book_.remove_ended({kA, "x"}, at(10)));
  EXPECT_FALSE(book_.find({kA, "x"}));
}

TEST_F(LeaseBookTest, JobSetIsLiveWhileOneLeaseIs) {
  lease(kA, "x", 10);
  lease(kA, "y", 20);
  EXPECT_TRUE(book_.is_live(kA, at(19)));
  EXPECT_FALSE(book_.is_live(kA, at(20)));
  EXPECT_FALSE(book_.is_live(kB, at(0)));
}

TEST_F(LeaseBookTest, EndingOneSubscriptionLeavesTheOthers) {
  lease(kA, "x", 10);
  lease(kA, "y", 10);
  end(kA, "x");
  EXPECT_TRUE(book_.is_live(kA, at(0)));
  EXPECT_FALSE(book_.is_live({kA, "x"}, at(0)));
  end(kA, "y");
  EXPECT_FALSE(book_.is_live(kA, at(0)));
  EXPECT_THAT(book_.leases_of(kA), IsEmpty());
}

TEST_F(LeaseBookTest, EndingWhatIsNotThereDoesNothing) {
  end(kA, "x");
  lease(kA, "x", 10);
  end(kA, "y");
  EXPECT_TRUE(book_.is_live(kA, at(0)));
}

TEST_F(LeaseBookTest, ARenewalReplacesTheLease) {
  lease(kA, "x", 10);
  lease(kA, "x", 30);
  EXPECT_TRUE(book_.is_live(kA, at(29)));
  EXPECT_EQ(book_.find({kA, "x"})->expires_at, at(30));
  EXPECT_EQ(book_.find({kA, "x"})->origin, "subscribe");
}

TEST_F(LeaseBookTest, ListsLiveJobSetsInOrder) {
  lease(kB, "x", 10);
  lease(kA, "x", 20);
  EXPECT_THAT(book_.live_job_sets(at(0)), ElementsAre(kA, kB));
  EXPECT_THAT(book_.live_job_sets(at(10)), ElementsAre(kA));
}

TEST_F(LeaseBookTest, TellsTheNextExpiry) {
  EXPECT_EQ(book_.next_expiry(at(0)), std::nullopt);
  lease(kA, "x", 20);
  lease(kB, "x", 10);
  EXPECT_EQ(book_.next_expiry(at(0)), at(10));
  EXPECT_EQ(book_.next_expiry(at(10)), at(20));
  EXPECT_EQ(book_.next_expiry(at(20)), std::nullopt);
}

TEST_F(LeaseBookTest, NamesWhatEndedLongAgo) {
  lease(kA, "x", 1);
  lease(kA, "y", 2);
  lease(kB, "x", 30);
  EXPECT_THAT(book_.ended_before(at(10), 5),
              ElementsAre(topics::SubscriptionName{kA, "x"}, topics::SubscriptionName{kA, "y"}));
  EXPECT_EQ(book_.ended_before(at(10), 1).size(), 1U);
}

TEST_F(LeaseBookTest, ForgetsChosenJobSets) {
  lease(kA, "x", 10);
  lease(kB, "x", 10);
  book_.forget_job_sets([](const JobSet& job_set) { return job_set == kA; });
  EXPECT_THAT(book_.live_job_sets(at(0)), ElementsAre(kB));
}

}  // namespace
}  // namespace armada_cache::subscription
