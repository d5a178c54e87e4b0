// A projector that is killed at any moment goes on as if nothing had happened. In a binary of its
// own, since it forks: nothing may run in the parent by then.
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "core/topics/codecs.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class CrashTest : public ProjectorTest {
 protected:
  static constexpr std::uint64_t kJobs = 6000;
  static constexpr std::uint64_t kJobSets = 40;

  // The same in every process.
  void fill() {
    std::vector<Stream> streams;
    for (std::uint64_t i = 0; i < kJobSets; ++i) {
      streams.emplace_back(base::JobSet{"q-" + std::to_string(i % 4), std::to_string(i)});
    }
    for (const char* kind : {"submitted", "leased", "running", "succeeded", "pending"}) {
      for (std::uint64_t i = 0; i < kJobs; ++i) {
        Stream& stream = streams[i % kJobSets];
        if (std::string(kind) == "submitted") {
          append(stream.submitted(job_id(i), i % 10 == 0 ? "uri" : ""));
        } else if (i % 3 != 0 || std::string(kind) == "leased") {
          append(stream.event(kind, job_id(i)));
        }
      }
    }
    for (const Stream& stream : streams) {
      append_relay(stream.job_set(), relay(stream.job_set(), internal::v1::RELAY_STATE_FOLLOWING));
    }
  }

  // Applies until it is killed.
  [[noreturn]] void run_until_killed() {
    fill();
    if (open() && projector_->start()) {
      while (true) pause();
    }
    _exit(1);
  }

  static void kill_after(pid_t child, std::chrono::microseconds time) {
    std::this_thread::sleep_for(time);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
  }

  std::string rebuilt() {
    options_.data_dir = folder_.path() / "rebuilt";
    start();
    settle();
    return dump();
  }
};

TEST_F(CrashTest, Invariant1StateAndPositionAgreeAfterKill9) {
  options_.batch_max_records = 200;
  options_.write_buffer_bytes = 4 << 20;
  std::mt19937 random(7);
  for (int round = 0; round < 12; ++round) {
    const pid_t child = fork();
    if (child == 0) run_until_killed();
    ASSERT_GT(child, 0);
    kill_after(child, std::chrono::milliseconds(200 + random() % 1500));
  }
  fill();
  start();
  settle();
  const std::string after_kills = dump();
  EXPECT_THAT(after_kills, Not(HasSubstr("DIFFERS")));
  EXPECT_THAT(after_kills, HasSubstr(job_id(kJobs - 1)));
  EXPECT_TRUE(after_kills == rebuilt()) << "a rebuilt projection differs";
}

TEST_F(CrashTest, AFolderHeldByAnotherProcessIsRefused) {
  const pid_t child = fork();
  if (child == 0) run_until_killed();
  ASSERT_GT(child, 0);
  base::Error error;
  const bool refused = test_support::eventually(std::chrono::seconds(20), [&] {
    if (!fs::exists(folder_.path() / "projection" / "2" / "CURRENT")) return false;
    const base::Status opened = open();
    if (!opened) error = opened.error();
    return !opened;
  });
  EXPECT_TRUE(refused);
  EXPECT_EQ(error.code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error.message, HasSubstr("another process holds this folder"));
  kill_after(child, std::chrono::microseconds(0));
  EXPECT_TRUE(open()) << "a dead process holds nothing";
}

}  // namespace
}  // namespace armada_cache::projector::testing
