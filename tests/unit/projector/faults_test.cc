// Disks, folders and logs that fail.
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "armada/api/submit.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "projector/layout.h"
#include "tests/support/raw_rocksdb.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const std::string kReadFailures = "armada_cache_projector_failures_total{doing=\"read the log\"}";

// Files cannot grow beyond a size while it lives: writes fail as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

int lines_with(const std::string& part, const std::string& text) {
  std::istringstream lines(text);
  int found = 0;
  for (std::string line; std::getline(lines, line);) found += line.find(part) != std::string::npos;
  return found;
}

class FaultsTest : public ProjectorTest {
 protected:
  fs::path folder(eventlog::Partition partition) {
    return folder_.path() / "projection" / std::to_string(partition);
  }
  eventlog::TopicPartition events_of(const std::string& id) {
    return {std::string(topics::kEvents), topics::partition_of_job(id, kPartitions)};
  }
  static eventlog::TopicPartition relays_of(const base::JobSet& set) {
    return {std::string(topics::kRelays), topics::partition_of_job_set(set, kPartitions)};
  }
  // Another job set with its relay in the same partition.
  static base::JobSet relayed_beside(const base::JobSet& set) {
    base::JobSet other{"q-x", ""};
    for (int i = 0; other.name.empty() || relays_of(other) != relays_of(set); ++i) {
      other.name = "set-" + std::to_string(i);
    }
    return other;
  }
  static void ensure_topics(eventlog::EventLog& log) {
    for (const auto& spec : topics::topic_specs(kPartitions, std::chrono::hours(1))) {
      ASSERT_TRUE(log.ensure_topic(spec));
    }
  }
  // On another log than the fixture's.
  void start_on(eventlog::EventLog& log) {
    metrics_ = std::make_unique<base::Metrics>();
    auto opened = Projector::open(options_, log, clock_, *metrics_);
    ASSERT_TRUE(opened);
    projector_ = *std::move(opened);
    ASSERT_TRUE(projector_->start());
  }
  void project_some() {
    start();
    Stream stream(kSet);
    for (std::uint64_t i = 0; i < 50; ++i) {
      append({stream.submitted(job_id(i)), stream.event("succeeded", job_id(i))});
    }
    settle();
    stop();
  }
};

TEST_F(FaultsTest, AFolderInUseIsRefused) {
  start();
  base::Metrics metrics;
  const auto second = Projector::open(options_, log_, clock_, metrics);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(second.error().message, HasSubstr("another process holds this folder"));
  EXPECT_THAT(second.error().message, HasSubstr("projection"));
}

TEST_F(FaultsTest, ANewerFormatIsRefused) {
  project_some();
  {
    test_support::RawRocksdb database(folder(1));
    database.put("default", std::string(kFormatKey), pack_format(kFormatVersion + 1));
    database.add_family("future");
  }
  const base::Status opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kFailedPrecondition);
  EXPECT_THAT(opened.error().message, HasSubstr("its format is 2, this program knows 1"));
}

TEST_F(FaultsTest, ADamagedDatabaseNamesItsFolderAndTheRemedy) {
  project_some();
  int damaged = 0;
  for (const auto& file : fs::directory_iterator(folder(1))) {
    if (file.path().extension() != ".sst" &&
        !file.path().filename().string().starts_with("MANIF")) {
      continue;
    }
    fs::resize_file(file.path(), fs::file_size(file.path()) / 2);
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  const base::Status opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kDataLoss);
  EXPECT_THAT(opened.error().message, HasSubstr(folder(1).string()));
  EXPECT_THAT(opened.error().message, HasSubstr("delete this folder: it is rebuilt from the log"));
  fs::remove_all(folder(1));
  start();
  settle();
  for (std::uint64_t i = 0; i < 50; ++i) EXPECT_EQ(status(job_id(i)), api::SUCCEEDED);
}

TEST_F(FaultsTest, AFullDiskStopsAPartitionAndLosesNothing) {
  options_.certainty_wait = std::chrono::milliseconds(10);
  start();
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  settle();
  {
    const FullDisk full(4096);
    for (std::uint64_t i = 2; i < 100; ++i) append(stream.submitted(job_id(i)));
    EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20), [this] {
      const auto answer = statuses({job_id(999)});
      return answer && answer->freshness.doubt.find("takes no writes") != std::string::npos;
    }));
    EXPECT_EQ(status(job_id(1)), api::QUEUED) << "what is known stays readable";
  }
  settle();
  for (std::uint64_t i = 1; i < 100; ++i) EXPECT_EQ(status(job_id(i)), api::QUEUED) << i;
  restart();
  settle();
  EXPECT_THAT(dump(), ::testing::Not(HasSubstr("DIFFERS")));
}

TEST_F(FaultsTest, ALogThatCannotBeReadIsTriedAgain) {
  start();
  settle();
  log_.fail_with(base::Error{base::ErrorCode::kUnavailable, "the broker is away"});
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20), [this] {
    return metric("armada_cache_projector_failures_total{doing=\"read the log\"}") > 0;
  }));
  const auto unknown = statuses({job_id(1)});
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->freshness.certain);
  EXPECT_THAT(unknown->freshness.doubt, HasSubstr("the broker is away"));
  log_.fail_with(std::nullopt);
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  settle();
  EXPECT_EQ(status(job_id(1)), api::QUEUED);
}

TEST_F(FaultsTest, APartitionThatStandsStillIsToldOnceAndShownWhileItDoes) {
  options_.retry_max = std::chrono::milliseconds(10);
  start();
  settle();
  EXPECT_TRUE(projector_->advances());
  const auto broken = events_of(job_id(1));
  ::testing::internal::CaptureStderr();
  log_.damage(broken, base::Error{base::ErrorCode::kDataLoss, "a torn chunk"});
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return metric(kReadFailures) > 20; }));
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(lines_with("a partition stands still", told), 1) << told;
  const std::string gauge =
      "armada_cache_projector_stalled{partition=\"" + std::to_string(broken.partition) + "\"}";
  const base::Status status = projector_->advances();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "partition " + std::to_string(broken.partition) +
                                        " of the projection stands still: a torn chunk");
  for (const lookup::Extent& extent : projector_->extents().partitions) {
    EXPECT_EQ(extent.lags, extent.partition == broken.partition) << extent.partition;
  }
  EXPECT_TRUE(
      test_support::eventually(std::chrono::seconds(20), [&] { return metric(gauge) == 1; }));
  log_.damage(broken, std::nullopt);
  EXPECT_TRUE(test_support::eventually(
      std::chrono::seconds(20), [&] { return projector_->advances() && metric(gauge) == 0; }));
}

TEST_F(FaultsTest, APartitionHasRecoveredOnlyOnceItHasGoneOnForAWhile) {
  options_.retry_first = options_.retry_max = std::chrono::seconds(3);
  start();
  settle();
  log_.damage(events_of(job_id(1)), base::Error{base::ErrorCode::kDataLoss, "a torn chunk"});
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return metric(kReadFailures) > 0; }));
  log_.damage(events_of(job_id(1)), std::nullopt);
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return status(job_id(1)) == api::QUEUED; }));
  EXPECT_FALSE(projector_->advances());
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return projector_->advances().has_value(); }));
}

TEST_F(FaultsTest, ADamagedPartitionOfTheLogHoldsUpNoOther) {
  options_.worker_threads = 1;
  options_.certainty_wait = std::chrono::milliseconds(10);
  start();
  settle();
  std::uint64_t elsewhere = 2;
  while (events_of(job_id(elsewhere)) == events_of(job_id(1))) ++elsewhere;
  log_.damage(events_of(job_id(1)), base::Error{base::ErrorCode::kDataLoss, "a torn chunk"});
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  append(stream.submitted(job_id(elsewhere)));
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return status(job_id(elsewhere)) == api::QUEUED; }));
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20), [&] {
    const auto unknown = statuses({job_id(1)});
    return unknown && unknown->freshness.doubt.find("a torn chunk") != std::string::npos;
  }));
  // While the damaged one is tried again and again, the other goes on.
  for (int i = 0; i < 3; ++i) {
    const double failures = metric(kReadFailures);
    EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                         [&] { return metric(kReadFailures) > failures; }));
    append(stream.event(i % 2 == 0 ? "running" : "pending", job_id(elsewhere)));
    EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20), [&] {
      return status(job_id(elsewhere)) == (i % 2 == 0 ? api::RUNNING : api::PENDING);
    }));
  }
  log_.damage(events_of(job_id(1)), std::nullopt);
  settle();
  EXPECT_EQ(status(job_id(1)), api::QUEUED);
}

TEST_F(FaultsTest, ADamagedPartitionOfTheLogStopsNoOtherForAMoment) {
  options_.worker_threads = 1;
  options_.retry_first = options_.retry_max = std::chrono::hours(1);
  start();
  settle();
  std::uint64_t elsewhere = 2;
  while (events_of(job_id(elsewhere)) == events_of(job_id(1))) ++elsewhere;
  log_.damage(events_of(job_id(1)), base::Error{base::ErrorCode::kDataLoss, "a torn chunk"});
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return metric(kReadFailures) > 0; }));
  Stream stream(kSet);
  append(stream.submitted(job_id(elsewhere)));
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(20),
                                       [&] { return status(job_id(elsewhere)) == api::QUEUED; }));
}

TEST_F(FaultsTest, OnlyThePartitionWhoseEndIsNotToldStopsBeingFresh) {
  options_.worker_threads = 1;
  start();
  std::uint64_t elsewhere = 2;
  while (events_of(job_id(elsewhere)) == events_of(job_id(1))) ++elsewhere;
  Stream stream(kSet);
  append({stream.submitted(job_id(1)), stream.submitted(job_id(elsewhere))});
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  settle();
  const auto comes_to_now = [this](std::uint64_t job) {
    return test_support::eventually(std::chrono::seconds(20), [&] {
      return statuses({job_id(job)})->freshness.as_of == clock_.now();
    });
  };
  log_.hide_end(events_of(job_id(1)), base::Error{base::ErrorCode::kUnavailable, "not told"});
  const base::Time before = clock_.now();
  clock_.advance(std::chrono::minutes(1));
  EXPECT_TRUE(comes_to_now(elsewhere));
  EXPECT_LE(statuses({job_id(1)})->freshness.as_of, before);
  log_.hide_end(events_of(job_id(1)), std::nullopt);
  EXPECT_TRUE(comes_to_now(1));
}

TEST_F(FaultsTest, WhatRetentionTookBeforeItWasAppliedIsCounted) {
  start();
  settle();
  Stream stream(kSet);
  log_.hold(events_of(job_id(1)), 0);
  for (int i = 0; i < 10; ++i) append(stream.submitted(job_id(1)));
  log_.trim(events_of(job_id(1)), 4);
  ::testing::internal::CaptureStderr();
  log_.release(events_of(job_id(1)));
  settle();
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, HasSubstr("the log no longer keeps events that were not applied yet"));
  EXPECT_THAT(told, HasSubstr("\"events\":4,\"from_offset\":0"));
  EXPECT_THAT(told, HasSubstr("event-retention must be longer"));
  EXPECT_EQ(metric("armada_cache_projector_trimmed_events_total"), 4);
  EXPECT_EQ(status(job_id(1)), api::QUEUED);
}

TEST_F(FaultsTest, WhatRetentionTookIsSkipped) {
  Stream stream(kSet);
  for (int i = 0; i < 10; ++i) append(stream.submitted(job_id(1)));
  log_.trim(events_of(job_id(1)), 10);
  start();
  settle();
  EXPECT_EQ(metric("armada_cache_projector_trimmed_events_total"), 10);
  EXPECT_EQ(status(job_id(1)), lookup::JobStatus::kNone);
  append(stream.event("running", job_id(1)));
  settle();
  EXPECT_EQ(status(job_id(1)), api::RUNNING);
}

TEST_F(FaultsTest, WhatCompactionTookAtTheEndIsSkipped) {
  const eventlog::TopicPartition relays = relays_of(kSet);
  log_.append(relays, topics::relay_tombstone(kSet, 1));
  log_.bury_tombstones(relays);
  start();
  settle();
  log_.append(relays, topics::relay_tombstone(kSet, 1));
  log_.bury_tombstones(relays);
  settle();
}

// Invariant 4: what the log refused may be just what is asked for.
TEST_F(FaultsTest, NothingUnknownIsCertainWhileTheLogTakesNoWrites) {
  start();
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  settle();
  log_.refuse_with(base::Error{base::ErrorCode::kUnavailable, "the disk is full; make room"});
  const auto unknown = statuses({job_id(2)});
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->freshness.certain);
  EXPECT_THAT(unknown->freshness.doubt, HasSubstr("the disk is full; make room"));
  EXPECT_EQ(status(job_id(1)), api::QUEUED) << "what is known is answered";
  log_.refuse_with(std::nullopt);
  settle();
  EXPECT_TRUE(statuses({job_id(2)})->freshness.certain);
}

TEST_F(FaultsTest, ALogThatLostItsTailIsFollowedFromItsEnd) {
  start();
  Stream stream(kSet);
  append({stream.submitted(job_id(1)), stream.leased(job_id(1), "pool")});
  const eventlog::Record last = stream.event("running", job_id(1));
  append(last);
  settle();
  stop();
  test_support::MemoryLog shorter(clock_);
  ensure_topics(shorter);
  shorter.append(events_of(job_id(1)), stream.event("queued", job_id(2)));
  start_on(shorter);
  shorter.append(events_of(job_id(1)), last);
  shorter.append(events_of(job_id(1)), stream.event("succeeded", job_id(1)));
  settle();
  EXPECT_EQ(status(job_id(1)), api::SUCCEEDED);
  EXPECT_EQ(metric("armada_cache_projector_events_total{outcome=\"repeated\"}"), 1);
  stop();
}

// Their owners write those anew that are wanted; nobody will ever say more of the others.
TEST_F(FaultsTest, RelaysOfALogThatWasReplacedAreForgotten) {
  const base::JobSet other = relayed_beside(kSet);
  start();
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  append_relay(other, relay(other, internal::v1::RELAY_STATE_RETRYING));
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  settle();
  ASSERT_FALSE(statuses({job_id(404)})->freshness.certain);
  stop();
  test_support::MemoryLog anew(clock_);
  ensure_topics(anew);
  start_on(anew);
  settle();
  EXPECT_TRUE(statuses({job_id(404)})->freshness.certain);
  EXPECT_FALSE(summarize(other)->relay);
  const auto known = statuses({job_id(1)});
  EXPECT_EQ(known->statuses.at(0).state, api::QUEUED);
  EXPECT_EQ(known->freshness.as_of, base::Time{});
  // It is for good: the log may be longer than it was by the next time.
  const auto of_relays = relays_of(other);
  while (*anew.end_offset(of_relays) < *log_.end_offset(of_relays) + 1) {
    anew.append(of_relays, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  }
  stop();
  start_on(anew);
  settle();
  EXPECT_TRUE(statuses({job_id(404)})->freshness.certain);
  EXPECT_TRUE(summarize(kSet)->relay);
  stop();
}

TEST_F(FaultsTest, WrongOptionsAreRefused) {
  const Options good = options_;
  for (const auto& spoil : std::vector<std::function<void(Options&)>>{
           [](Options& o) { o.partition_count = 0; },
           [](Options& o) {
             o.partitions = {0, 0};
           },
           [](Options& o) { o.partitions = {3}; }, [](Options& o) { o.partitions = {-1}; },
           [](Options& o) { o.worker_threads = 0; }, [](Options& o) { o.reader_threads = 0; },
           [](Options& o) { o.batch_max_records = 0; }}) {
    options_ = good;
    spoil(options_);
    const base::Status opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace armada_cache::projector::testing
