#include "app/job_set_table.h"

#include <gtest/gtest.h>

namespace armada_cache::app {
namespace {

TEST(JobSetTable, ShowsCountsByStateTheAgeAndTheRelay) {
  const base::Time now = base::from_unix_micros(1'000'000'000);
  const std::string text = render(
      {{"q-a/one", {{2, 12}, {3, 345}}, "following", now - std::chrono::milliseconds(40), ""},
       {"q-a/two", {}, "", {}, "connection refused"}},
      now);
  EXPECT_EQ(
      text,
      "JOB SET      QUEUED    LEASED   PENDING   RUNNING SUCCEEDED    FAILED CANCELLED "
      "PREEMPTED  REJECTED       AGE  RELAY\n"
      "q-a/one           0         0         0        12       345         0         0        "
      " 0         0     40 ms  following\n"
      "q-a/two    connection refused\n");
}

TEST(JobSetTable, NamesCannotSpeakToTheTerminal) {
  const std::string text = render({{"q/\x1b[2J", {}, "retrying: \n\x07", {}, ""}}, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

}  // namespace
}  // namespace armada_cache::app
