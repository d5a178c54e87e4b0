// What is kept aside, what is forgotten, and what does not fit into memory.
#include <future>
#include <thread>

#include "armada/api/submit.pb.h"
#include "core/topics/codecs.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BoundsTest : public ProjectorTest {
 protected:
  double rejected(const std::string& reason) {
    return metric("armada_cache_projector_rejected_records_total{reason=\"" + reason + "\"}");
  }
  bool forgotten_come_to(double jobs) {
    return test_support::eventually(std::chrono::seconds(20), [&] {
      clock_.advance(std::chrono::seconds(1));
      return metric("armada_cache_projector_forgotten_jobs_total") == jobs;
    });
  }
};

TEST_F(BoundsTest, Invariant6WhatCannotBeAppliedIsKeptAsideWithItsReason) {
  start();
  Stream stream(kSet);
  Stream other(kOther);
  append(eventlog::Record{job_id(1), std::nullopt, {}});
  append(eventlog::Record{job_id(1), "no message", {}});
  append(stream.custom(job_id(1), [](auto& message, const auto&) { message.set_id("1:2"); }));
  append(stream.custom(job_id(1), [](auto&, const auto&) {}));
  eventlog::Record keyless = stream.event("running", "");
  append(keyless);
  eventlog::Record wrong_key = stream.event("running", job_id(1));
  wrong_key.key = job_id(2);
  append(wrong_key);
  eventlog::Record wrong_stream = other.event("running", job_id(1));
  wrong_stream.headers = stream.event("running", job_id(1)).headers;
  append(wrong_stream);
  append_relay(kSet, eventlog::Record{"no key", "no relay", {}});
  append(stream.submitted(job_id(1)));
  settle();
  EXPECT_EQ(status(job_id(1)), api::QUEUED);
  EXPECT_THAT(listed_ids(all_of(kOther)), IsEmpty());
  for (const char* reason :
       {"no_value", "malformed_id", "unknown_kind", "no_job_id", "wrong_key", "wrong_job_set"}) {
    EXPECT_EQ(rejected(reason), 1) << reason;
  }
  EXPECT_EQ(rejected("undecodable"), 2);
  EXPECT_THAT(dump(), HasSubstr("wrong_job_set"));
}

TEST_F(BoundsTest, Invariant6TheOldestRejectedRecordsAreDropped) {
  options_.rejected_records_max = 3;
  options_.rejected_payload_max_bytes = 100;
  start();
  for (int i = 0; i < 10; ++i) {
    append(eventlog::Record{"key", std::string(1'000'000, '\xff'), {}});
    if (i % 4 == 0) settle();
  }
  settle();
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(10),
                                       [this] { return rejected("undecodable") == 10; }));
  const std::string kept = dump();
  EXPECT_THAT(kept, Not(HasSubstr("armada.events 6 ")));
  for (const char* offset : {"events 7 ", "events 8 ", "events 9 "}) {
    EXPECT_THAT(kept, HasSubstr(std::string("rejected armada.") + offset));
  }
}

TEST_F(BoundsTest, Invariant6ValuesOfTheFutureAreCarried) {
  start();
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  append(stream.custom(job_id(1), [](auto& message, const base::JobSet& set) {
    auto& failed = *message.mutable_message()->mutable_failed();
    failed.set_job_id(job_id(1));
    failed.set_queue(set.queue);
    failed.set_job_set_id(set.name);
    failed.set_cause(static_cast<api::Cause>(77));
    message.GetReflection()->MutableUnknownFields(&message)->AddVarint(900, 1);
  }));
  settle();
  EXPECT_EQ(status(job_id(1)), api::FAILED);
}

TEST_F(BoundsTest, TerminalJobsAreForgottenAfterTheirTime) {
  options_.retention = std::chrono::hours(1);
  options_.sweep_interval = std::chrono::seconds(1);
  options_.sweep_scan_max = 3;
  options_.sweep_delete_max = 2;
  const auto now = static_cast<std::uint64_t>(base::to_unix_millis(clock_.now()));
  Stream stream(kSet, now);
  start();
  for (std::uint64_t i = 0; i < 20; ++i) {
    append({stream.submitted(job_id(i), "uri"), stream.event("succeeded", job_id(i))});
  }
  append(stream.submitted(job_id(50), "uri"));
  settle();
  clock_.advance(std::chrono::minutes(50));
  EXPECT_EQ(status(job_id(3)), api::SUCCEEDED);
  clock_.advance(std::chrono::minutes(20));
  EXPECT_EQ(status(job_id(3)), lookup::JobStatus::kNone) << "hidden at once";
  EXPECT_TRUE(forgotten_come_to(20));
  EXPECT_EQ(status(job_id(50)), api::QUEUED);
  EXPECT_THAT(listed_ids(all_of(kSet)), ElementsAre(job_id(50)));
  EXPECT_EQ(summarize(kSet)->jobs_by_state[api::SUCCEEDED], 0);
  EXPECT_THAT(details({job_id(3)}, true)->jobs, IsEmpty());
  const std::string left = dump();
  EXPECT_THAT(left, Not(HasSubstr(job_id(3))));
  EXPECT_THAT(left, HasSubstr(job_id(50)));
  EXPECT_THAT(left, Not(HasSubstr("DIFFERS")));
}

TEST_F(BoundsTest, JobSetsWithoutJobsAreDroppedUnlessARelayRuns) {
  options_.retention = std::chrono::hours(1);
  options_.sweep_interval = std::chrono::seconds(1);
  const auto now = static_cast<std::uint64_t>(base::to_unix_millis(clock_.now()));
  Stream gone(kSet, now);
  Stream kept(kOther, now);
  start();
  append({gone.submitted(job_id(1)), gone.event("succeeded", job_id(1)), kept.submitted(job_id(2)),
          kept.event("succeeded", job_id(2))});
  append_relay(kOther, relay(kOther, internal::v1::RELAY_STATE_FOLLOWING));
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_STOPPED));
  settle();
  clock_.advance(std::chrono::hours(2));
  EXPECT_TRUE(forgotten_come_to(2));
  clock_.advance(std::chrono::seconds(2));
  settle();
  restart();
  settle();
  const std::string left = dump();
  EXPECT_THAT(left, Not(HasSubstr("job_set q-a set")));
  EXPECT_THAT(left, HasSubstr("job_set q-b other"));
}

TEST_F(BoundsTest, AFullLiveTableChangesNoAnswer) {
  std::string dumps[2];
  for (const bool full : {false, true}) {
    if (full) {
      options_.live_table_max_bytes = 48 * 1024;
      options_.finished_table_max_bytes = 0;
      options_.data_dir = folder_.path() / "full";
    }
    start();
    if (!full) {
      Stream a(kSet);
      Stream b(kOther);
      for (std::uint64_t i = 0; i < 300; ++i) {
        Stream& stream = i % 2 == 0 ? a : b;
        append({stream.submitted(job_id(i)), stream.leased(job_id(i), "pool")});
      }
      for (std::uint64_t i = 0; i < 300; i += 2) append(a.event("running", job_id(i)));
      for (std::uint64_t i = 1; i < 300; i += 6) append(b.event("succeeded", job_id(i)));
    }
    settle();
    if (full) restart();
    for (std::uint64_t i = 0; i < 300; ++i) {
      const int expected = i % 2 == 0 ? api::RUNNING : i % 6 == 1 ? api::SUCCEEDED : api::LEASED;
      ASSERT_EQ(status(job_id(i)), expected) << i << (full ? " full" : "");
    }
    EXPECT_EQ(details({job_id(0), job_id(1), job_id(3)})->jobs.size(), 3U);
    EXPECT_THAT(active_queues(), ElementsAre("pool/q-a", "pool/q-b"));
    dumps[full ? 1 : 0] = dump();
  }
  EXPECT_EQ(dumps[0], dumps[1]);
}

TEST_F(BoundsTest, FinishedJobsAreFoundThatAreNotInMemory) {
  options_.finished_table_max_bytes = 0;
  start();
  Stream stream(kSet);
  constexpr std::uint64_t kJobs = 2000;
  constexpr std::uint64_t kFiles = 4;  // over the same range of ids, so that filters must tell
  for (std::uint64_t file = 0; file < kFiles; ++file) {
    for (std::uint64_t i = file; i < kJobs; i += kFiles) {
      append({stream.submitted(job_id(i)), stream.event("succeeded", job_id(i))});
    }
    settle();
    restart();
  }
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; i < kJobs; ++i) ids.push_back(job_id(i));
  for (std::size_t from = 0; from < ids.size(); from += 100) {
    const auto answer = statuses({ids.begin() + static_cast<std::ptrdiff_t>(from),
                                  ids.begin() + static_cast<std::ptrdiff_t>(from + 100)});
    ASSERT_TRUE(answer) << answer.error().message;
    for (const lookup::JobStatus& status : answer->statuses) {
      ASSERT_EQ(status.state, api::SUCCEEDED);
    }
  }
  EXPECT_EQ(details(ids, true)->jobs.size(), ids.size());
}

TEST_F(BoundsTest, LookupsWhileProjectingNeverGoBackwards) {
  options_.batch_max_records = 50;
  start();
  Stream stream(kSet);
  constexpr std::uint64_t kJobs = 200;
  for (std::uint64_t i = 0; i < kJobs; ++i) append(stream.submitted(job_id(i)));
  settle();
  std::atomic<bool> done = false;
  auto looking = std::async(std::launch::async, [&] {
    const std::map<int, int> rank = {{api::QUEUED, 0},
                                     {api::LEASED, 1},
                                     {api::PENDING, 2},
                                     {api::RUNNING, 3},
                                     {api::SUCCEEDED, 4}};
    std::vector<int> seen(kJobs, 0);
    for (std::uint64_t round = 0; !done.load(); ++round) {
      const std::uint64_t i = round * 7 % kJobs;
      const int state = status(job_id(i));
      if (!rank.contains(state) || rank.at(state) < seen[i]) return false;
      seen[i] = rank.at(state);
    }
    return true;
  });
  for (const char* kind : {"leased", "pending", "running", "succeeded"}) {
    for (std::uint64_t i = 0; i < kJobs; ++i) append(stream.event(kind, job_id(i)));
  }
  settle();
  done = true;
  EXPECT_TRUE(looking.get()) << "a job was unknown, or went back to an earlier state";
}

TEST_F(BoundsTest, TooManyWaitingLookupsAreTurnedAway) {
  options_.reader_threads = 1;
  options_.reader_queue_max = 1;
  start();
  settle();
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> refused = 0;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 10; ++i) {
    projector_->reader().summarize(kSet, [&, released](auto answer) {
      if (answer) released.wait();
      if (!answer && answer.error().code == base::ErrorCode::kResourceExhausted) ++refused;
      ++answered;
    });
  }
  EXPECT_GE(refused, 8);
  release.set_value();
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(10), [&] { return answered == 10; }));
}

}  // namespace
}  // namespace armada_cache::projector::testing
