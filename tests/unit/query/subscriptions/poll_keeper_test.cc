#include "query/subscriptions/poll_keeper.h"

#include <gmock/gmock.h>

#include "tests/unit/query/fake_reader.h"
#include "tests/unit/query/later_queue.h"

namespace armada_cache::query {
namespace {

using testing::ElementsAre;

const base::JobSet kA{"q", "a"};
const base::JobSet kB{"q", "b"};
const base::JobSet kC{"q", "c"};

class NotedReader final : public FakeReader {
 public:
  void asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) override {
    requests.push_back(request);
    FakeReader::asked(std::move(request), std::move(done));
  }
  std::vector<lookup::AskedRequest> requests;
};

class PollKeeperTest : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds kInterval{5000};

  PollKeeperTest() {
    reader_.set_asked({kA, kB, kC});
    keeper_->start();
  }

  // Until it waits for the next time.
  void run_pages() {
    do later_.run_one();
    while (!later_.empty() && later_.next_delay() != kInterval);
  }

  NotedReader reader_;
  LaterQueue later_;
  std::vector<base::JobSet> kept_;
  const base::Time start_{std::chrono::seconds(1000)};
  const std::shared_ptr<PollKeeper> keeper_ = std::make_shared<PollKeeper>(
      PollKeeper::Options{kInterval, 1}, reader_, start_, later_.later(),
      [this](const base::JobSet& job_set) { kept_.push_back(job_set); });
};

TEST_F(PollKeeperTest, KeepsWhatWasAskedForPageByPageAndGoesOnFromThen) {
  run_pages();
  EXPECT_THAT(kept_, ElementsAre(kA, kB, kC));
  EXPECT_EQ(reader_.requests.front().since, start_);
  const auto as_of = reader_.requests.size();
  run_pages();
  EXPECT_GT(reader_.requests.at(as_of).since, start_);
  EXPECT_EQ(reader_.requests.at(as_of).after, base::JobSet{});
}

// An answer within the question, as the projection in this process gives it.
TEST_F(PollKeeperTest, AsksForOnePageAtATimeHoweverManyThereAre) {
  later_.run_one();
  EXPECT_THAT(kept_, ElementsAre(kA));
  EXPECT_EQ(reader_.requests.size(), 1U);
  ASSERT_FALSE(later_.empty());
  EXPECT_EQ(later_.next_delay(), std::chrono::milliseconds(0));
}

TEST_F(PollKeeperTest, StopsInMidPage) {
  later_.run_one();
  keeper_->stop();
  later_.run_one();
  EXPECT_THAT(kept_, ElementsAre(kA));
  EXPECT_TRUE(later_.empty());
}

TEST_F(PollKeeperTest, AnErrorInMidPageHasItAskForAllOfItAgain) {
  later_.run_one();
  reader_.set_error(base::Error{base::ErrorCode::kUnavailable, "away"});
  run_pages();
  reader_.set_error(std::nullopt);
  kept_.clear();
  const auto asked_before = reader_.requests.size();
  run_pages();
  EXPECT_THAT(kept_, ElementsAre(kA, kB, kC));
  EXPECT_EQ(reader_.requests.at(asked_before).since, start_);
}

}  // namespace
}  // namespace armada_cache::query
