#include "core/job/run_id.h"

#include <gtest/gtest.h>

namespace armada_cache::job {
namespace {

TEST(RunId, LeadsBackToItsJob) {
  for (const int number : {0, 1, 10, 2147483647}) {
    const std::string id = run_id("01m819qydmb49hw1c65g7w579j", number);
    const auto name = parse_run_id(id);
    ASSERT_TRUE(name.has_value()) << id;
    EXPECT_EQ(name->job_id, "01m819qydmb49hw1c65g7w579j");
    EXPECT_EQ(name->number, number);
  }
}

TEST(RunId, AJobIdMayLookLikeARunId) {
  EXPECT_EQ(parse_run_id("a-run-1-run-2")->job_id, "a-run-1");
  EXPECT_EQ(parse_run_id("a-run-1-run-2")->number, 2);
}

TEST(RunId, RefusesWhatItDidNotMake) {
  for (const char* text : {"", "-run-0", "job", "job-run-", "job-run-x", "job-run-01", "job-run--1",
                           "job-run-+1", "job-run-1x", "job-run-99999999999", "job-run-1 ",
                           "6705f5fd-5d64-4375-904c-c784e5d57986"}) {
    EXPECT_FALSE(parse_run_id(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace armada_cache::job
