// Invariant 1: whatever dies at whatever moment, no event is lost and none has effect twice.
#include <csignal>
#include <random>

#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::chrono::seconds;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using testing::IsEmpty;

constexpr std::uint64_t kSeed = 20;
constexpr int kKills = 20;
constexpr std::size_t kJobSets = 25;
constexpr std::size_t kJobsInEach = 600;
constexpr std::uint64_t kLeastMessages = 100'000;

class Restart : public test_support::EndToEnd {
 protected:
  static simulator::Options load() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.seed = kSeed;
    options.load = {.queues = {"q-a", "q-b"},
                    .prefix = "set-",
                    .job_sets = kJobSets,
                    .jobs = kJobsInEach,
                    .live_jobs = 50,
                    .rate = 10'000,
                    .batch = 50};
    options.faults.duplicate_probability = 0.01;
    options.faults.late_probability = 0.01;
    options.faults.foreign_probability = 0.01;
    return options;
  }

  // As the simulator names and deals them.
  static std::vector<JobSet> job_sets() {
    std::vector<JobSet> all;
    for (std::size_t i = 0; i < kJobSets; ++i) {
      all.push_back({i % 2 == 0 ? "q-a" : "q-b", "set-" + std::to_string(i)});
    }
    return all;
  }

  // Messages that the simulator has sent to whoever asked, repeats included.
  std::uint64_t sent(const std::vector<JobSet>& all) const {
    std::uint64_t sum = 0;
    for (const JobSet& job_set : all) sum += sim_.readers(job_set).sent;
    return sum;
  }

  test_support::CacheOptions cache_options() const { return options(address_, {"--partitions=4"}); }

  static void subscribe_all(const CacheProcess& cache, const std::vector<JobSet>& all) {
    const CacheClient client(cache.grpc_address());
    for (const JobSet& job_set : all) {
      const auto answer = client.subscribe(job_set, "restart-test", 3600);
      ASSERT_TRUE(answer.ok()) << answer.error;
    }
  }

  // Lets the cache take some thousand messages, then kills it in the middle of the next ones.
  void live_and_die(const std::vector<JobSet>& all, bool first) {
    CacheProcess cache(cache_options());
    if (first) subscribe_all(cache, all);
    const std::uint64_t enough =
        sent(all) + std::uniform_int_distribution<std::uint64_t>(1, 4000)(random_);
    ASSERT_TRUE(eventually(kLong, [&] { return sent(all) >= enough; }))
        << "the cache takes no messages: " << cache.process().standard_error();
    cache.kill();
  }

  static bool all_caught_up(const CacheClient& client, const std::vector<JobSet>& all) {
    return std::all_of(all.begin(), all.end(),
                       [&](const JobSet& job_set) { return client.caught_up(job_set); });
  }

  simulator::Simulator sim_{load()};
  std::string address_ = sim_.start().value();
  std::mt19937_64 random_{kSeed};
};

TEST_F(Restart, Invariant1TwentyKillsInTheMiddleOfALoadLoseNothingAndRepeatNothing) {
  const std::vector<JobSet> all = job_sets();
  for (int kill = 0; kill < kKills; ++kill) {
    ASSERT_NO_FATAL_FAILURE(live_and_die(all, kill == 0)) << "life " << kill;
  }

  CacheProcess cache(cache_options());
  const CacheClient client(cache.grpc_address());
  ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended(); }));
  const simulator::Account account = sim_.account();
  ASSERT_GE(account.messages, kLeastMessages);
  ASSERT_TRUE(eventually(kLong, [&] { return all_caught_up(client, all); }));
  EXPECT_THAT(compare_answers_until(kLong, client, account), IsEmpty());
  ASSERT_EQ(cache.stop(), (test_support::ExitStatus{0, 0})) << cache.process().standard_error();

  const auto log = test_support::read_log(data_dir(), 4);
  EXPECT_THAT(compare_log(log, account), IsEmpty());
  EXPECT_EQ(log.unreadable, 0U);
  RecordProperty("messages", static_cast<int>(account.messages));
  RecordProperty("repeats", static_cast<int>(log.repeats));
  std::cout << account.messages << " messages, " << log.repeats << " repeats after " << kKills
            << " kills\n";
}

// Without a failure there is no repeat: the log holds each message exactly once.
TEST_F(Restart, Invariant1WithoutAFailureNothingIsRepeated) {
  const std::vector<JobSet> all = job_sets();
  {
    CacheProcess cache(cache_options());
    const CacheClient client(cache.grpc_address());
    subscribe_all(cache, all);
    ASSERT_TRUE(eventually(kLong, [&] { return sim_.ended() && all_caught_up(client, all); }));
    const auto account = sim_.account();
    ASSERT_THAT(compare_answers_until(kLong, client, account), IsEmpty());
    ASSERT_EQ(cache.stop(), (test_support::ExitStatus{0, 0}));
  }
  const auto log = test_support::read_log(data_dir(), 4);
  EXPECT_THAT(compare_log(log, sim_.account()), IsEmpty());
  EXPECT_EQ(log.repeats, 0U);
}

}  // namespace
}  // namespace armada_cache
