// Invariant 3: a RocksDB rebuilt from position 0 equals the live one, field for field.
#include <algorithm>
#include <future>
#include <sstream>

#include "core/base/metrics.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "projector/projector.h"
#include "tests/simulator/simulator.h"
#include "tests/support/account_check.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using testing::IsEmpty;

constexpr eventlog::Partition kPartitions = 4;

class Rebuild : public test_support::EndToEnd {
 protected:
  static simulator::Options world() {
    simulator::Options options;
    options.listen = "127.0.0.1:0";
    options.seed = 3;
    options.load = {
        .queues = {"q-a", "q-b"}, .prefix = "set-", .job_sets = 8, .jobs = 300, .rate = 8000};
    options.life.outcome_shares = {40, 10, 10, 10, 5, 10, 10, 5};
    options.life.reprioritized_share = 0.2;
    options.life.ingress_share = 0.3;
    auto& faults = options.faults;
    faults.duplicate_probability = faults.late_probability = faults.foreign_probability = 0.05;
    faults.garbage_probability = faults.no_job_id_probability = faults.unknown_kind_probability =
        0.01;
    return options;
  }

  void follow_with_two_kills(simulator::Simulator& sim, const std::string& address) {
    const auto cache_options = options(address, {"--partitions=4"});
    std::vector<base::JobSet> job_sets;
    for (int i = 0; i < 8; ++i) {
      job_sets.push_back({i % 2 == 0 ? "q-a" : "q-b", "set-" + std::to_string(i)});
    }
    for (int life = 0; life < 3; ++life) {
      CacheProcess cache(cache_options);
      const CacheClient client(cache.grpc_address());
      for (const auto& job_set : job_sets) {
        ASSERT_TRUE(client.subscribe(job_set, "test", 3600).ok());
      }
      const auto follows = [&](const auto& job_set) { return sim.readers(job_set).open > 0; };
      ASSERT_TRUE(eventually(
          kLong, [&] { return std::all_of(job_sets.begin(), job_sets.end(), follows); }));
      if (life < 2) {
        cache.kill();
        continue;
      }
      ASSERT_TRUE(eventually(kLong, [&] { return sim.ended(); }));
      const auto account = sim.account();
      ASSERT_THAT(compare_answers_until(kLong, client, account), IsEmpty());
      ASSERT_EQ(cache.stop(), (test_support::ExitStatus{0, 0}));
    }
  }

  // The projection in this folder as text, one line an entry, after applying what the log still
  // holds beyond it.
  static std::vector<std::string> dump(const std::filesystem::path& folder,
                                       eventlog::EventLog& log) {
    const base::SystemClock clock;
    base::Metrics metrics;
    projector::Options options;
    options.data_dir = folder;
    options.partition_count = kPartitions;
    for (eventlog::Partition p = 0; p < kPartitions; ++p) options.partitions.push_back(p);
    const auto projector = projector::Projector::open(options, log, clock, metrics);
    EXPECT_TRUE(projector) << projector.error().message;
    EXPECT_TRUE((*projector)->start());
    EXPECT_TRUE(eventually(kLong, [&] { return is_caught_up((*projector)->reader()); }));
    (*projector)->stop();
    std::stringstream text;
    EXPECT_TRUE((*projector)->dump(text));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  // Nothing follows these job sets any more, so the relays leave a doubt; a log that is not wholly
  // applied is another.
  static bool is_caught_up(lookup::JobReader& reader) {
    std::promise<bool> certain;
    reader.active_queues([&](const base::Result<lookup::ActiveQueuesAnswer>& answer) {
      certain.set_value(answer &&
                        answer->freshness.doubt.find("behind the log") == std::string::npos);
    });
    return certain.get_future().get();
  }
};

TEST_F(Rebuild, Invariant3FromPositionZeroEqualsTheLiveOneFieldForField) {
  simulator::Simulator sim(world());
  ASSERT_NO_FATAL_FAILURE(follow_with_two_kills(sim, sim.start().value()));

  const base::SystemClock clock;
  const auto log =
      eventlog::embedded::open_embedded_log({.directory = data_dir() / "log", .clock = clock});
  ASSERT_TRUE(log) << log.error().message;
  const auto live = dump(data_dir(), **log);
  const auto rebuilt = dump(folder_.path() / "rebuilt", **log);
  EXPECT_GT(live.size(), 2'000U);
  ASSERT_EQ(live.size(), rebuilt.size());
  const auto [ours, theirs] = std::mismatch(live.begin(), live.end(), rebuilt.begin());
  if (ours != live.end()) FAIL() << "live:    " << *ours << "\nrebuilt: " << *theirs;
}

TEST_F(Rebuild, Invariant3ACacheWithoutItsProjectionAnswersAsBefore) {
  simulator::Simulator sim(world());
  ASSERT_NO_FATAL_FAILURE(follow_with_two_kills(sim, sim.start().value()));
  std::filesystem::remove_all(data_dir() / "projection");
  sim.stop();
  CacheProcess cache(alone({"--partitions=4"}));
  const CacheClient client(cache.grpc_address());
  const auto account = sim.account();
  EXPECT_THAT(compare_answers_until(kLong, client, account), IsEmpty());
}

}  // namespace
}  // namespace armada_cache
