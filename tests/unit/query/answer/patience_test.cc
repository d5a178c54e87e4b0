#include "query/answer/patience.h"

#include <gmock/gmock.h>

#include <functional>
#include <optional>
#include <string>

#include "core/lookup/job_reader.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/query/later_queue.h"

namespace armada_cache::query {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

using Answer = lookup::StatusAnswer;

class PatienceTest : public testing::Test {
 protected:
  static constexpr milliseconds kInterval{10};
  static constexpr milliseconds kBudget{250};

  // Asks a reader that is never sure and takes so long each time.
  void ask(std::function<milliseconds()> takes) {
    Question<Answer> question;
    question.ask = [this, takes](lookup::JobReader::Done<Answer> answered) {
      ++asked_;
      clock_.advance(takes());
      Answer answer;
      answer.freshness.certain = false;
      answer.freshness.doubt = "the log is ahead";
      answered(answer);
    };
    question.complete = [](const Answer&) { return false; };
    question.doubt = [] { return std::string(); };
    ask_until_sure<Answer>(later_.later(), {kInterval, kBudget, &clock_}, std::move(question),
                           [this](base::Result<Answer> answer) { told_ = std::move(answer); });
    while (!later_.empty() && asked_ < 1000) {
      clock_.advance(later_.next_delay());
      later_.run_one();
    }
  }

  void expect_unavailable() {
    ASSERT_TRUE(told_);
    ASSERT_FALSE(*told_);
    EXPECT_EQ(told_->error().code, base::ErrorCode::kUnavailable);
    EXPECT_THAT(told_->error().message, HasSubstr("the log is ahead"));
  }

  test_support::ManualClock clock_;
  const base::Time start_ = clock_.now();
  LaterQueue later_;
  int asked_ = 0;
  std::optional<base::Result<Answer>> told_;
};

TEST_F(PatienceTest, AQuickReaderIsAskedAtEachIntervalUntilTheTimeIsSpent) {
  ask([] { return milliseconds(0); });
  expect_unavailable();
  EXPECT_EQ(asked_, 1 + kBudget / kInterval);
  EXPECT_EQ(clock_.now() - start_, kBudget);
}

TEST_F(PatienceTest, ASlowReaderIsNotAskedAnewOnceTheTimeIsSpent) {
  ask([] { return kBudget + milliseconds(10); });
  expect_unavailable();
  EXPECT_EQ(asked_, 1);
}

TEST_F(PatienceTest, ItLastsTwoAnswersOfASlowReaderAtTheMost) {
  ask([] { return kBudget - kInterval - milliseconds(1); });
  expect_unavailable();
  EXPECT_EQ(asked_, 2);
  EXPECT_LE(clock_.now() - start_, 2 * kBudget);
}

TEST_F(PatienceTest, AClockThatIsSetBackDoesNotMakeItEndless) {
  ask([] { return -2 * kInterval; });
  expect_unavailable();
  EXPECT_EQ(asked_, 1 + kBudget / kInterval);
}

}  // namespace
}  // namespace armada_cache::query
