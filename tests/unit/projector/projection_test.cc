// Events in, answers out: what the projection makes of the log.
#include "armada/api/submit.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/topics/codecs.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ProjectorTest, FollowsAJobFromSubmittedToSucceeded) {
  start();
  Stream stream(kSet);
  const std::string id = job_id(1);
  append({stream.submitted(id), stream.event("queued", id)});
  settle();
  EXPECT_EQ(status(id), api::QUEUED);
  append(stream.leased(id, "pool"));
  settle();
  EXPECT_EQ(status(id), api::LEASED);
  append({stream.event("pending", id), stream.event("running", id)});
  settle();
  EXPECT_EQ(status(id), api::RUNNING);
  append(stream.event("succeeded", id));
  settle();
  EXPECT_EQ(status(id), api::SUCCEEDED);
}

TEST_F(ProjectorTest, TellsTheOwnersQueue) {
  start();
  Stream stream(kSet);
  append({stream.submitted(job_id(1)), stream.submitted(job_id(2)),
          stream.event("succeeded", job_id(2))});
  settle();
  const auto answer = statuses({job_id(2), job_id(1), job_id(3)}, true);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->queues, ElementsAre("q-a", "q-a", ""));
}

TEST_F(ProjectorTest, DetailsHoldTheWholeRecordAndTheSpec) {
  start();
  Stream stream(kSet);
  const std::string live = job_id(1);
  const std::string finished = job_id(2);
  append({stream.submitted(live, "uri"), stream.submitted(finished),
          stream.event("cancelled", finished)});
  settle();
  const auto answer = details({finished, job_id(99), live}, true);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->jobs.size(), 2U);
  EXPECT_TRUE(answer->freshness.certain);
  internal::v1::JobRecord record;
  ASSERT_TRUE(record.ParseFromString(answer->jobs[0].record));
  EXPECT_EQ(record.state(), api::CANCELLED);
  EXPECT_EQ(record.queue(), "q-a");
  EXPECT_EQ(record.job_set(), "set");
  ASSERT_TRUE(record.ParseFromString(answer->jobs[1].record));
  EXPECT_EQ(record.external_job_uri(), "uri");
  api::Job spec;
  ASSERT_TRUE(spec.ParseFromString(answer->jobs[1].spec));
  EXPECT_EQ(spec.id(), live);
  EXPECT_EQ(spec.labels().at("tier"), "one");
}

TEST_F(ProjectorTest, RepeatsAndStragglersHaveNoEffect) {
  start();
  Stream stream(kSet);
  const std::string id = job_id(1);
  const std::vector<eventlog::Record> events = {stream.submitted(id), stream.leased(id, "pool"),
                                                stream.event("running", id)};
  append(events);
  settle();
  append(events);
  append(stream.event("succeeded", id));
  append(stream.event("pending", id));  // late, under an id of its own
  append(events);
  settle();
  EXPECT_EQ(status(id), api::SUCCEEDED);
  EXPECT_EQ(metric("armada_cache_projector_events_total{outcome=\"repeated\"}"), 6);
  const auto summary = summarize(kSet);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->jobs_by_state[api::SUCCEEDED], 1);
  EXPECT_EQ(summary->jobs_by_state[api::RUNNING], 0);
}

TEST_F(ProjectorTest, ForeignRequestsChangeAndCreateNothing) {
  start();
  Stream owner(kSet);
  Stream attacker(kOther);
  append({owner.submitted(job_id(1)), attacker.event("cancelling", job_id(1)),
          attacker.event("cancelling", job_id(2)), attacker.event("cancelled", job_id(1))});
  settle();
  EXPECT_EQ(status(job_id(1)), api::QUEUED);
  EXPECT_EQ(status(job_id(2)), lookup::JobStatus::kNone);
  EXPECT_EQ(metric("armada_cache_projector_events_total{outcome=\"foreign\"}"), 2);
  EXPECT_EQ(metric("armada_cache_projector_events_total{outcome=\"unknown_job\"}"), 1);
  EXPECT_THAT(listed_ids(all_of(kOther)), IsEmpty());
}

TEST_F(ProjectorTest, JobsChangeHandsWhenTheirSubmittedEventProvesIt) {
  start();
  Stream wrong(kOther);
  Stream owner(kSet);
  append(wrong.event("running", job_id(1)));
  settle();
  EXPECT_THAT(listed_ids(all_of(kOther)), ElementsAre(job_id(1)));
  append(owner.submitted(job_id(1), "uri"));
  settle();
  EXPECT_THAT(listed_ids(all_of(kOther)), IsEmpty());
  EXPECT_THAT(listed_ids(all_of(kSet)), ElementsAre(job_id(1)));
  EXPECT_EQ(summarize(kOther)->jobs_by_state[api::RUNNING], 0);
  EXPECT_THAT(active_queues(), IsEmpty());
  EXPECT_THAT(dump(), ::testing::Not(HasSubstr("DIFFERS")));
}

TEST_F(ProjectorTest, ListsByPageStateAndUri) {
  start();
  Stream stream(kSet);
  for (std::uint64_t i = 0; i < 25; ++i) {
    append(stream.submitted(job_id(i), i % 10 == 0 ? "uri" : ""));
    if (i % 5 == 0) append(stream.event("succeeded", job_id(i)));
  }
  settle();
  lookup::ListRequest request = all_of(kSet);
  request.limit = 10;
  auto page = list(request);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->more);
  ASSERT_EQ(page->jobs.size(), 10U);
  EXPECT_EQ(page->jobs[9].job_id, job_id(9));
  EXPECT_EQ(page->jobs[5].state, api::SUCCEEDED);
  EXPECT_GT(page->jobs[5].last_transition, page->jobs[5].submitted);
  request.after_job_id = job_id(19);
  page = list(request);
  EXPECT_FALSE(page->more);
  EXPECT_EQ(page->jobs.size(), 5U);

  lookup::ListRequest succeeded = all_of(kSet);
  succeeded.states = {api::SUCCEEDED};
  EXPECT_THAT(listed_ids(succeeded),
              ElementsAre(job_id(0), job_id(5), job_id(10), job_id(15), job_id(20)));
  lookup::ListRequest by_uri = all_of(kSet);
  by_uri.external_uri = "uri";
  EXPECT_THAT(listed_ids(by_uri), ElementsAre(job_id(0), job_id(10), job_id(20)));
  by_uri.external_uri = "ur";
  EXPECT_THAT(listed_ids(by_uri), IsEmpty());
}

TEST_F(ProjectorTest, APageLooksAtSoManyJobsAndTellsWhereToGoOn) {
  options_.list_scan_max = 6;  // two a partition
  start();
  Stream stream(kSet);
  for (std::uint64_t i = 0; i < 25; ++i) {
    append(stream.submitted(job_id(i)));
    if (i == 11 || i == 24) append(stream.event("succeeded", job_id(i)));
  }
  settle();
  lookup::ListRequest request = all_of(kSet);
  request.states = {api::SUCCEEDED};
  std::vector<std::string> found;
  int empty_pages = 0;
  for (;;) {
    const auto page = list(request);
    ASSERT_TRUE(page);
    for (const auto& job : page->jobs) found.push_back(job.job_id);
    if (!page->more) break;
    empty_pages += page->jobs.empty() ? 1 : 0;
    ASSERT_GT(page->go_on_after, request.after_job_id);
    request.after_job_id = page->go_on_after;
  }
  EXPECT_THAT(found, ElementsAre(job_id(11), job_id(24)));
  EXPECT_GE(empty_pages, 3);

  request = all_of(kSet);
  request.limit = 4;
  found.clear();
  for (bool more = true; more;) {
    const auto page = list(request);
    ASSERT_TRUE(page);
    EXPECT_LE(page->jobs.size(), request.limit);
    for (const auto& job : page->jobs) found.push_back(job.job_id);
    more = page->more;
    request.after_job_id = page->go_on_after;
  }
  ASSERT_EQ(found.size(), 25U);
  for (std::uint64_t i = 0; i < 25; ++i) EXPECT_EQ(found[i], job_id(i));
}

TEST_F(ProjectorTest, SummariesCountStatesAndShowTheRelay) {
  start();
  Stream stream(kSet);
  append({stream.submitted(job_id(1)), stream.submitted(job_id(2)),
          stream.event("cancelled", job_id(2))});
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  settle();
  const auto summary = summarize(kSet);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->jobs_by_state[api::QUEUED], 1);
  EXPECT_EQ(summary->jobs_by_state[api::CANCELLED], 1);
  ASSERT_TRUE(summary->relay);
  EXPECT_EQ(summary->relay->state, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(summary->freshness.certain);
}

TEST_F(ProjectorTest, QueuesAreActiveWhileJobsArePlaced) {
  start();
  Stream a(kSet);
  Stream b(kOther);
  append({a.submitted(job_id(1)), a.leased(job_id(1), "gpu"), b.submitted(job_id(2)),
          b.leased(job_id(2), "cpu"), b.event("running", job_id(2)), b.submitted(job_id(3))});
  settle();
  EXPECT_THAT(active_queues(), ElementsAre("cpu/q-b", "gpu/q-a"));
  append({a.event("lease_returned", job_id(1)), b.leased(job_id(3), "gpu")});
  settle();
  EXPECT_THAT(active_queues(), ElementsAre("cpu/q-b", "gpu/q-b"));
  restart();
  settle();
  EXPECT_THAT(active_queues(), ElementsAre("cpu/q-b", "gpu/q-b"));
  append({b.event("succeeded", job_id(2)), b.event("succeeded", job_id(3))});
  settle();
  EXPECT_THAT(active_queues(), IsEmpty());
}

TEST_F(ProjectorTest, Invariant3ARebuiltProjectionEqualsTheLiveOne) {
  start();
  Stream a(kSet);
  Stream b(kOther);
  for (std::uint64_t i = 0; i < 60; ++i) {
    Stream& stream = i % 2 == 0 ? a : b;
    append({stream.submitted(job_id(i), i % 7 == 0 ? "uri" : ""), stream.leased(job_id(i), "p")});
    if (i % 3 == 0) append(stream.event("running", job_id(i)));
    if (i % 4 == 0) append(stream.event("succeeded", job_id(i)));
    if (i % 5 == 0) append(stream.event("pending", job_id(i)));
    if (i % 9 == 0) settle();
    if (i == 30) restart();
  }
  append_relay(kSet, relay(kSet, internal::v1::RELAY_STATE_FOLLOWING));
  append(eventlog::Record{"nonsense", "not a message", {}});
  settle();
  const std::string live = dump();
  std::filesystem::remove_all(folder_.path() / "projection");
  restart();
  settle();
  EXPECT_EQ(dump(), live);
  EXPECT_THAT(live, ::testing::Not(HasSubstr("DIFFERS")));
  EXPECT_THAT(live, ::testing::Not(HasSubstr("COUNTS")));
}

TEST_F(ProjectorTest, GoesOnWhereItStopped) {
  start();
  Stream stream(kSet);
  append({stream.submitted(job_id(1)), stream.submitted(job_id(2)),
          stream.event("succeeded", job_id(2))});
  settle();
  restart();
  EXPECT_EQ(status(job_id(1)), api::QUEUED);
  EXPECT_EQ(status(job_id(2)), api::SUCCEEDED);
  append(stream.event("running", job_id(1)));
  settle();
  EXPECT_EQ(status(job_id(1)), api::RUNNING);
  EXPECT_EQ(metric("armada_cache_projector_events_total{outcome=\"applied\"}"), 1);
  EXPECT_EQ(metric("armada_cache_projector_events_total{outcome=\"repeated\"}"), 0);
}

}  // namespace
}  // namespace armada_cache::projector::testing
