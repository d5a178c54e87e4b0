#include "core/eventlog/kafka/end_questions.h"

#include <gtest/gtest.h>

namespace armada_cache::eventlog::kafka {
namespace {

using base::ErrorCode;

const TopicPartition kOne{"topic", 1};
const TopicPartition kTwo{"topic", 2};
constexpr EndQuestions::Time kNow{};
constexpr std::chrono::seconds kTimeout{10};

class EndQuestionsTest : public testing::Test {
 protected:
  // Its answer comes into told_[number].
  bool add(int number, const std::vector<TopicPartition>& of) {
    EndsTold done = [this, number](const base::Result<Positions>& ends) {
      EXPECT_TRUE(told_.emplace(number, ends).second) << "told twice";
    };
    return questions_.add(of, done, kNow + kTimeout);
  }
  void end_round(const EndQuestions::Answers& answers, EndQuestions::Time now = kNow) {
    for (auto& [done, ends] : questions_.end_round(answers, now)) done(ends);
  }

  EndQuestions questions_{3};
  std::map<int, base::Result<Positions>> told_;
};

TEST_F(EndQuestionsTest, ARoundAsksForEachPartitionOnceAndTellsAll) {
  add(1, {kOne});
  add(2, {kTwo, kOne});
  EXPECT_EQ(questions_.begin_round(), (std::set<TopicPartition>{kOne, kTwo}));
  end_round({{kOne, 10}, {kTwo, 20}});
  EXPECT_EQ(told_.at(1).value(), (Positions{{kOne, 10}}));
  EXPECT_EQ(told_.at(2).value(), (Positions{{kOne, 10}, {kTwo, 20}}));
  EXPECT_TRUE(questions_.empty());
}

TEST_F(EndQuestionsTest, WhatComesDuringARoundWaitsForTheNext) {
  add(1, {kOne});
  questions_.begin_round();
  add(2, {kOne});
  end_round({{kOne, 10}});
  EXPECT_FALSE(told_.contains(2));  // its answer may be older than the question
  EXPECT_EQ(questions_.begin_round(), std::set<TopicPartition>{kOne});
  end_round({{kOne, 11}});
  EXPECT_EQ(told_.at(1).value().at(kOne), 10);
  EXPECT_EQ(told_.at(2).value().at(kOne), 11);
}

TEST_F(EndQuestionsTest, WhatIsNotAnsweredIsAskedAgainUntilItsDeadline) {
  add(1, {kOne, kTwo});
  add(2, {kTwo});
  questions_.begin_round();
  end_round({{kTwo, 20}});
  EXPECT_EQ(told_.at(2).value().at(kTwo), 20);
  EXPECT_FALSE(told_.contains(1));
  EXPECT_EQ(questions_.begin_round(), (std::set<TopicPartition>{kOne, kTwo}));
  end_round({{kTwo, 21}}, kNow + kTimeout);
  EXPECT_EQ(told_.at(1).error().code, ErrorCode::kUnavailable);
}

TEST_F(EndQuestionsTest, ARefusalEndsThoseAloneThatAskedForIt) {
  add(1, {kOne, kTwo});
  add(2, {kTwo});
  questions_.begin_round();
  end_round({{kOne, base::fail(ErrorCode::kPermissionDenied, "no")}, {kTwo, 20}});
  EXPECT_EQ(told_.at(1).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(told_.at(2).value().at(kTwo), 20);
}

TEST_F(EndQuestionsTest, NoMoreThanTheLimitWait) {
  EXPECT_TRUE(add(1, {kOne}));
  EXPECT_TRUE(add(2, {kOne}));
  EXPECT_TRUE(add(3, {kOne}));
  EXPECT_FALSE(add(4, {kOne}));
  questions_.begin_round();
  EXPECT_FALSE(add(5, {kOne}));
  end_round({{kOne, 1}});
  EXPECT_TRUE(add(6, {kOne}));
}

TEST_F(EndQuestionsTest, CancellingEndsAll) {
  add(1, {kOne});
  questions_.begin_round();
  add(2, {kTwo});
  for (auto& [done, ends] : questions_.cancel()) done(ends);
  EXPECT_EQ(told_.at(1).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(told_.at(2).error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(questions_.empty());
}

}  // namespace
}  // namespace armada_cache::eventlog::kafka
