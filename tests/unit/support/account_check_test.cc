// The comparison that the fault tests stand on finds what is wrong.
#include "tests/support/account_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armada_cache::test_support {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const base::JobSet kJobSet{"q-a", "set"};

simulator::Account sent() {
  simulator::Account account;
  simulator::JobSetAccount& one = account.job_sets.emplace_back();
  one.job_set = kJobSet;
  one.ids = {{{5, 0, 0}, false}, {{5, 0, 1}, true}};
  return account;
}

LogContents logged(std::map<std::string, int> messages) {
  LogContents log;
  log.messages[kJobSet] = std::move(messages);
  return log;
}

TEST(AccountCheck, AWholeLogIsRightAndRepeatsAreAllowed) {
  EXPECT_THAT(compare_log(logged({{"5:0:0:0", 1}, {"5:0:1:1", 3}}), sent()), IsEmpty());
}

TEST(AccountCheck, AMissingMessageIsFound) {
  EXPECT_THAT(compare_log(logged({{"5:0:0:0", 1}}), sent()),
              ElementsAre(HasSubstr("lacks message 5:0:1:1")));
  EXPECT_EQ(compare_log({}, sent()).size(), 2U);
}

TEST(AccountCheck, AMessageThatWasNeverSentIsFound) {
  EXPECT_THAT(compare_log(logged({{"5:0:0:0", 1}, {"5:0:1:1", 1}, {"6:0:0:1", 1}}), sent()),
              ElementsAre(HasSubstr("never sent")));
}

TEST(AccountCheck, FaultsOfTheLogAreTold) {
  LogContents log = logged({{"5:0:0:0", 1}, {"5:0:1:1", 1}});
  log.faults.push_back("out of order");
  EXPECT_THAT(compare_log(log, sent()), ElementsAre("out of order"));
}

}  // namespace
}  // namespace armada_cache::test_support
