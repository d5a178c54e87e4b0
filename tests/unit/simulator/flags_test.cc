#include "tests/simulator/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::simulator {
namespace {

using testing::HasSubstr;

TEST(FlagsTest, SayWhatTheLoadIs) {
  const auto line = parse_flags({"--listen=127.0.0.1:1234", "--queues=q-a,q-b", "--job-sets=10",
                                 "--jobs=1000", "--rate=500", "--outcomes=failed=1,retried=3"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->options.listen, "127.0.0.1:1234");
  EXPECT_THAT(line->options.load.queues, testing::ElementsAre("q-a", "q-b"));
  EXPECT_EQ(line->options.load.job_sets, 10U);
  EXPECT_EQ(line->options.load.rate, 500);
  EXPECT_THAT(line->options.life.outcome_shares, testing::ElementsAre(0, 1, 0, 0, 0, 3, 0, 0));
}

TEST(FlagsTest, SayWhoMayWatch) {
  const auto line = parse_flags({"--queue=q-a=alice,bob/eve", "--queue=q-b", "--user=alice:a:b",
                                 "--token=alice:t", "--refuse=q-b"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_THAT(line->options.queues[0].owners, testing::ElementsAre("alice", "bob"));
  EXPECT_THAT(line->options.queues[0].watchers, testing::ElementsAre("eve"));
  EXPECT_EQ(line->options.queues[1].name, "q-b");
  ASSERT_THAT(line->options.users, testing::SizeIs(1));
  EXPECT_EQ(line->options.users[0].password, "a:b");
  EXPECT_EQ(line->options.users[0].token, "t");
  EXPECT_THAT(line->options.faults.refused_queues, testing::ElementsAre("q-b"));
}

TEST(FlagsTest, TheDemoKeepsWhatIsSaid) {
  const auto line = parse_flags({"--demo", "--rate=7"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->options.load.rate, 7);
  EXPECT_EQ(line->options.load.jobs, 0U);
  EXPECT_EQ(line->options.max_jobs, 50'000U);
}

TEST(FlagsTest, WrongOnesAreNamed) {
  for (const char* wrong :
       {"--outcomes=nosuch=1", "--outcomes=failed", "--duplicate-chance=2", "--live-jobs=0",
        "--user=nobody", "--rate=-1", "--nosuch=1", "extra", "--job-sets=many"}) {
    const auto line = parse_flags({wrong});
    ASSERT_FALSE(line) << wrong;
    EXPECT_EQ(line.error().code, base::ErrorCode::kInvalidArgument);
  }
  EXPECT_THAT(parse_flags({"--user=eve-secret"}).error().message, Not(HasSubstr("secret=")));
}

TEST(FlagsTest, HelpIsForPeople) {
  const auto line = parse_flags({"--help"});
  ASSERT_TRUE(line);
  EXPECT_THAT(line->help, HasSubstr("--play"));
}

}  // namespace
}  // namespace armada_cache::simulator
