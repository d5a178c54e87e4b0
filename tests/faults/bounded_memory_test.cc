// Invariant 6: memory is bounded however much Armada sends and however slow the rest is.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <set>
#include <utility>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/metrics.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "ingest/ingest.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::chrono::minutes;
using test_support::CacheProcess;
using test_support::eventually;
using test_support::Process;

constexpr int kJobSets = 100;
constexpr std::uint64_t kEventsInEach = 10'000;
constexpr int kJobsInEach = 1400;
constexpr eventlog::Partition kPartitions = 4;
constexpr std::uint64_t kMegabyte = 1 << 20;
constexpr std::uint64_t kIngestLimit = 256 * kMegabyte;
constexpr std::uint64_t kWholeLimit = 512 * kMegabyte;

std::uint64_t resident_now(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

// Whether a number has stayed the same for so long: what sends more often than that has ended.
class Settling {
 public:
  explicit Settling(std::chrono::seconds quiet) : quiet_(quiet) {}

  bool settled(std::uint64_t number) {
    const auto now = std::chrono::steady_clock::now();
    if (std::exchange(number_, number) != number) since_ = now;
    return now - since_ >= quiet_;
  }

 private:
  const std::chrono::seconds quiet_;
  std::uint64_t number_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

std::string name_of(int job_set) {
  return "load-" + std::to_string(job_set);
}

class BoundedMemory : public test_support::EndToEnd {
 protected:
  void SetUp() override {
    const auto ready = armada_.wait_for_line("ready", kLong);
    ASSERT_TRUE(ready) << armada_.standard_error();
    address_ = test_support::addresses_in(*ready).at(0);
  }

  // What Armada sent, once it has ended.
  std::uint64_t messages_sent() {
    armada_.send(SIGTERM);
    EXPECT_TRUE(armada_.wait_for_exit(kLong));
    std::ifstream account(folder_.path() / "account");
    std::string line;
    std::getline(account, line);
    const std::string name = "\"messages\":";
    const auto found = line.find(name);
    return found == std::string::npos ? 0 : std::stoull(line.substr(found + name.size()));
  }

  // 1400 jobs with about seven events each make a bit more than 10k events a job set.
  Process armada_{{test_support::program("armada-sim"),
                   {"--listen=127.0.0.1:0", "--queues=q-a", "--job-sets=100",
                    "--jobs=" + std::to_string(kJobsInEach), "--spec-bytes=300",
                    "--account=" + (folder_.path() / "account").string()},
                   {}},
                  folder_.path()};
  std::string address_;
};

// The log with the three topics and a live subscription for each job set, and nobody who reads it.
class StandingStill {
 public:
  StandingStill(const std::filesystem::path& folder, const std::string& armada) {
    auto opened = eventlog::embedded::open_embedded_log({.directory = folder, .clock = clock_});
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
    for (const auto& spec : topics::topic_specs(kPartitions, std::chrono::hours(24))) {
      if (auto made = log_->ensure_topic(spec); !made)
        throw std::runtime_error(made.error().message);
    }
    for (int i = 0; i < kJobSets; ++i) subscribe({"q-a", name_of(i)});
    ingest::Options options;
    options.armada.target = armada;
    options.relay.cluster = "sim";
    options.relay.partitions = kPartitions;
    options.buffer_bytes_total = 64 * kMegabyte;
    ingest_.emplace(options, *log_, clock_, metrics_, 1);
  }

  base::Status start() {
    if (auto started = ingest_->start(); !started) return started;
    return ingest_->assign({0, 1, 2, 3});
  }
  bool follows_all() const {
    for (int i = 0; i < kJobSets; ++i) {
      const auto status = ingest_->status_of({"q-a", name_of(i)});
      if (!status || status->state != ingest::RelayState::kFollowing) return false;
    }
    return true;
  }
  std::uint64_t events() const {
    std::uint64_t sum = 0;
    for (eventlog::Partition p = 0; p < kPartitions; ++p) {
      sum += static_cast<std::uint64_t>(
          log_->end_offset({std::string(topics::kEvents), p}).value_or(0));
    }
    return sum;
  }

 private:
  void subscribe(const JobSet& job_set) {
    internal::v1::SubscriptionRecord record;
    record.set_lease_expires_us(base::to_unix_micros(clock_.now() + std::chrono::hours(1)));
    std::promise<base::Result<eventlog::Offset>> done;
    const auto appender = log_->appender();
    appender->append(
        {std::string(topics::kSubscriptions), topics::partition_of_job_set(job_set, kPartitions)},
        {topics::subscription_record({job_set, "test"}, record)},
        [&](base::Result<eventlog::Offset> result) { done.set_value(result); });
    if (const auto result = done.get_future().get(); !result) {
      throw std::runtime_error(result.error().message);
    }
  }

  base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::optional<ingest::Ingest> ingest_;
};

std::int64_t ended_jobs(const test_support::CacheClient& client) {
  static const std::set<int> kEnded{api::SUCCEEDED, api::FAILED, api::CANCELLED, api::PREEMPTED,
                                    api::REJECTED};
  std::int64_t sum = 0;
  for (int i = 0; i < kJobSets; ++i) {
    const auto summary = client.summary({"q-a", name_of(i)});
    for (const auto& count : summary.message.counts()) {
      if (kEnded.contains(count.state())) sum += count.jobs();
    }
  }
  return sum;
}

TEST_F(BoundedMemory, Invariant6FollowingAHundredJobSetsWithoutAProjector) {
  StandingStill cache(data_dir(), address_);
  ASSERT_TRUE(cache.start());
  std::uint64_t peak = 0;
  Settling all{std::chrono::seconds(3)};
  ASSERT_TRUE(eventually(minutes(3),
                         [&] {
                           peak = std::max(peak, resident_now("self"));
                           return all.settled(cache.events()) &&
                                  cache.events() >= kJobSets * kEventsInEach && cache.follows_all();
                         }))
      << cache.events() << " events";
  std::cout << cache.events() << " events, at most " << peak / kMegabyte << " MB\n";
  EXPECT_LT(peak, kIngestLimit);
  EXPECT_EQ(cache.events(), messages_sent());
}

TEST_F(BoundedMemory, Invariant6TheWholeCacheUnderTheSameLoad) {
  CacheProcess cache(options(address_, {"--partitions=4"}));
  const test_support::CacheClient client(cache.grpc_address());
  for (int i = 0; i < kJobSets; ++i) {
    ASSERT_TRUE(client.subscribe({"q-a", name_of(i)}, "test", 3600).ok());
  }
  std::int64_t ended = 0;
  ASSERT_TRUE(eventually(minutes(3),
                         [&] {
                           ended = ended_jobs(client);
                           return ended == kJobSets * kJobsInEach;
                         }))
      << ended << " jobs";
  const std::uint64_t peak = cache.process().peak_resident_bytes();
  std::cout << "at most " << peak / kMegabyte << " MB\n";
  EXPECT_LT(peak, kWholeLimit);
  EXPECT_EQ(cache.stop(), (test_support::ExitStatus{0, 0}));
}

}  // namespace
}  // namespace armada_cache
