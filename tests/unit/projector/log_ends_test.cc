#include "projector/log_ends.h"

#include <gmock/gmock.h>

#include <deque>

namespace armada_cache::projector {
namespace {

using eventlog::Positions;
using ::testing::AllOf;
using ::testing::HasSubstr;

const eventlog::TopicPartition kAt{"topic", 3};

// Tells where it ends when it is told to, and knows nothing else.
class SlowLog final : public eventlog::EventLog {
 public:
  // The question of that number among those that wait.
  void answer(std::size_t question, eventlog::Offset end) {
    const auto asked = asked_.begin() + static_cast<std::ptrdiff_t>(question);
    const eventlog::EndsTold told = std::move(*asked);
    asked_.erase(asked);
    told(Positions{{kAt, end}});
  }

  void ends(const std::vector<eventlog::TopicPartition>&, eventlog::EndsTold done) override {
    asked_.push_back(std::move(done));
  }
  base::Status ensure_topic(const eventlog::TopicSpec&) override { return no(); }
  std::unique_ptr<eventlog::Appender> appender() override { return nullptr; }
  base::Result<std::unique_ptr<eventlog::Reader>> reader(const Positions&) override { return no(); }
  base::Status writable() override { return no(); }
  base::Result<eventlog::Offset> start_offset(const eventlog::TopicPartition&) override {
    return no();
  }

 private:
  static tl::unexpected<base::Error> no() {
    return base::fail(base::ErrorCode::kUnimplemented, "no");
  }

  std::deque<eventlog::EndsTold> asked_;
};

class LogEndsTest : public ::testing::Test {
 protected:
  void ask() {
    ends_.ask({kAt}, [this](base::Result<Positions> ends) { told_ = std::move(ends); });
  }

  SlowLog log_;
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
  EXPECT_THAT(told_.error().message, AllOf(HasSubstr("partition 3 of topic topic"),
                                           HasSubstr("ends at 9"), HasSubstr("ended at 10")));
  ask();
  log_.answer(0, 10);
  EXPECT_TRUE(told_);
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
