#include "projector/log_ends.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/unit/projector/slow_log.h"

namespace armada_cache::projector {
namespace {

using eventlog::Positions;
using ::testing::AllOf;
using ::testing::HasSubstr;

const eventlog::TopicPartition kAt{"topic", 3};

class LogEndsTest : public ::testing::Test {
 protected:
  void ask() {
    ends_.ask({kAt}, [this](base::Result<Positions> ends) { told_ = std::move(ends); });
  }

  testing::SlowLog log_;
  LogEnds ends_{log_};
  base::Result<Positions> told_ = Positions{};
};

TEST_F(LogEndsTest, Invariant4ALogThatWasMadeAnewTellsNoEnds) {
  ask();
  log_.answer(0, 10);
  EXPECT_EQ(told_, (Positions{{kAt, 10}}));
  ask();
  log_.answer(0, 9);
  ASSERT_FALSE(told_);
  EXPECT_EQ(told_.error().code, base::ErrorCode::kDataLoss);
  EXPECT_THAT(told_.error().message,
              AllOf(HasSubstr("partition 3 of topic topic"), HasSubstr("ends at 9"),
                    HasSubstr("ended at 10"), HasSubstr("restart projectors")));
  ask();
  log_.answer(0, 10);
  EXPECT_TRUE(told_);
}

TEST_F(LogEndsTest, WhoDoesNotWaitSoLongIsToldThatItIsLate) {
  const auto told = std::make_shared<std::promise<base::Result<Positions>>>();
  const auto tell = [told](base::Result<Positions> ends) { told->set_value(std::move(ends)); };
  ask();  // waits as long as the log
  ends_.ask({kAt}, tell, std::chrono::steady_clock::now() + std::chrono::milliseconds(30));
  auto answer = told->get_future();
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  const auto late = answer.get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(late.error().message, HasSubstr("does not tell in time where it ends"));
  log_.answer(1, 10);  // to nobody
  log_.answer(0, 10);
  EXPECT_EQ(told_, (Positions{{kAt, 10}}));
}

TEST_F(LogEndsTest, AnAnswerToAnOlderQuestionMayBeLower) {
  ask();
  ask();
  log_.answer(1, 10);
  log_.answer(0, 9);
  EXPECT_EQ(told_, (Positions{{kAt, 9}}));
}

}  // namespace
}  // namespace armada_cache::projector
