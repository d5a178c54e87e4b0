// The oracle must be right by itself: it is held against the answers of a real Armada.
#include "tests/simulator/oracle.h"

#include <gtest/gtest.h>

#include "armada/api/event.pb.h"
#include "tests/support/recordings.h"

namespace armada_cache::simulator {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TEST_DATA_DIR) / "recordings";

base::JobSet job_set_of(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  const std::size_t between = stem.find("__");
  const std::string name = stem.substr(between + 2);
  return {stem.substr(0, between), name.substr(0, name.find(".snap-"))};
}

void observe(const std::filesystem::path& file, Oracle& oracle) {
  for (const std::string& bytes : test_support::read_recording(file)) {
    api::EventStreamMessage message;
    ASSERT_TRUE(message.ParseFromString(bytes));
    oracle.observe(job_set_of(file), *base::UpstreamId::parse(message.id()), message.message());
  }
}

TEST(OracleTest, FindsTheStatesThatTheRealArmadaTold) {
  for (const auto& file : test_support::list_recordings(kFolder)) {
    Oracle oracle;
    observe(file, oracle);
    for (const auto& answer : test_support::read_answers(test_support::answers_of(file))) {
      const JobFacts* const job = oracle.find(answer.job_id);
      if (job == nullptr) continue;  // a job that the stream names but does not own
      EXPECT_EQ(static_cast<int>(job->state), answer.status) << file << ' ' << answer.job_id;
    }
  }
}

TEST(OracleTest, ForeignIdsChangeAndCreateNothing) {
  Oracle oracle;
  observe(kFolder / "q-b__victim.binpb", oracle);
  const std::size_t jobs = oracle.jobs().size();
  observe(kFolder / "q-a__attacker.binpb", oracle);
  EXPECT_EQ(oracle.jobs().size(), jobs + 1);
  for (const auto& [id, job] : oracle.jobs()) EXPECT_EQ(job.state, JobState::kSucceeded) << id;
}

}  // namespace
}  // namespace armada_cache::simulator
