#include "tests/contract/job_reader_contract.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "armada/api/submit.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "tests/support/eventually.h"

namespace armada_cache::lookup {

using contract::answer_of;
using contract::states;
using contract::statuses;
using contract::summary;
using projector::testing::job_id;
using projector::testing::Stream;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

const base::JobSet kSet{"q-a", "set"};
const base::JobSet kOther{"q-b", "other: set/é"};

std::vector<std::string> ids(std::uint64_t first, std::uint64_t count) {
  std::vector<std::string> made;
  for (std::uint64_t i = 0; i < count; ++i) made.push_back(job_id(first + i));
  return made;
}

}  // namespace

void JobReaderContract::settle() {
  EXPECT_TRUE(test_support::eventually(contract::kDeadline, [this] {
    const auto told = summary(reader(), {"no", "such"});
    const auto active =
        answer_of<ActiveQueuesAnswer>([&](auto done) { reader().active_queues(std::move(done)); });
    return told && told->freshness.certain && active && active->freshness.certain;
  }));
}

TEST_P(JobReaderContract, StatusesComeInTheOrderOfTheIds) {
  Stream stream(kSet);
  Stream other(kOther);
  for (const std::string& id : ids(1, 20)) log().append(stream.submitted(id));
  for (const std::string& id : ids(11, 10)) log().append(stream.leased(id, "pool"));
  log().append(other.submitted(job_id(30)));
  settle();
  std::vector<std::string> asked = ids(1, 20);
  asked.insert(asked.begin() + 5, job_id(404));
  asked.push_back(job_id(30));
  asked.push_back(job_id(1));
  const auto answer = statuses(reader(), asked, true);
  std::vector<int> expected(20, api::QUEUED);
  std::fill(expected.begin() + 10, expected.end(), api::LEASED);
  expected.insert(expected.begin() + 5, JobStatus::kNone);
  expected.insert(expected.end(), {api::QUEUED, api::QUEUED});
  EXPECT_EQ(states(answer), expected);
  ASSERT_THAT(answer->queues, SizeIs(23));
  EXPECT_EQ(answer->queues[0], "q-a");
  EXPECT_EQ(answer->queues[5], "");
  EXPECT_EQ(answer->queues[21], "q-b");
  EXPECT_THAT(statuses(reader(), {job_id(1)})->queues, IsEmpty());
}

TEST_P(JobReaderContract, NothingAskedIsAnswered) {
  settle();
  EXPECT_THAT(states(statuses(reader(), {})), IsEmpty());
  const auto relays =
      answer_of<RelaysAnswer>([&](auto done) { reader().relays({}, std::move(done)); });
  ASSERT_TRUE(relays);
  EXPECT_TRUE(relays->freshness.certain);
}

TEST_P(JobReaderContract, Invariant4UnknownIsCertainOnlyWithEveryRelaySettled) {
  settle();
  log().append_relay(kSet, internal::v1::RELAY_STATE_FOLLOWING);
  settle();
  for (const std::string& id : ids(400, 12)) {
    const auto answer = statuses(reader(), {id});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->freshness.certain) << answer->freshness.doubt;
  }
  log().append_relay(kSet, internal::v1::RELAY_STATE_PARKED);
  settle();
  // Whichever partition they belong to.
  for (const std::string& id : ids(400, 12)) {
    const auto answer = statuses(reader(), {id});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_FALSE(answer->freshness.certain);
    EXPECT_THAT(answer->freshness.doubt, HasSubstr("queue q-a, job set set"));
    EXPECT_THAT(answer->freshness.resting, ElementsAre(kSet));
    const auto details = answer_of<DetailsAnswer>(
        [&](auto done) { reader().details({id}, false, std::move(done)); });
    ASSERT_TRUE(details);
    EXPECT_FALSE(details->freshness.certain);
  }
}

TEST_P(JobReaderContract, KnownJobsAreAsOfTheirRelayWhereverItIs) {
  Stream stream(kSet);
  const base::Time before = log().clock.now();
  for (const std::string& id : ids(1, 12)) log().append(stream.submitted(id));
  log().append_relay(kSet, internal::v1::RELAY_STATE_FOLLOWING);
  settle();
  for (const std::string& id : ids(1, 12)) {
    EXPECT_TRUE(test_support::eventually(contract::kDeadline, [&] {
      const auto answer = statuses(reader(), {id});
      return answer && answer->freshness.as_of >= before;
    }));
  }
}

TEST_P(JobReaderContract, DetailsHaveRecordAndSpec) {
  Stream stream(kSet);
  for (const std::string& id : ids(1, 9)) log().append(stream.submitted(id, "uri-" + id));
  settle();
  std::vector<std::string> asked = ids(1, 9);
  asked.push_back(job_id(404));
  for (const bool with_spec : {true, false}) {
    const auto answer = answer_of<DetailsAnswer>(
        [&](auto done) { reader().details(asked, with_spec, std::move(done)); });
    ASSERT_TRUE(answer) << answer.error().message;
    std::set<std::string> found;
    for (const FoundJob& job : answer->jobs) {
      internal::v1::JobRecord record;
      ASSERT_TRUE(record.ParseFromString(job.record));
      EXPECT_EQ(record.queue(), "q-a");
      EXPECT_EQ(job.spec.empty(), !with_spec);
      found.insert(job.job_id);
    }
    EXPECT_EQ(found, std::set<std::string>(asked.begin(), asked.end() - 1));
  }
}

TEST_P(JobReaderContract, PagesHaveEachJobOnceInOrder) {
  Stream stream(kSet);
  for (const std::string& id : ids(1, 23)) log().append(stream.submitted(id, "uri"));
  for (const std::string& id : ids(3, 7)) log().append(stream.event("running", id));
  settle();
  for (const bool running : {false, true}) {
    std::vector<std::string> listed;
    ListRequest request{kSet, {}, "uri", "", 4};
    if (running) request.states = {api::RUNNING};
    for (bool more = true; more;) {
      const auto page =
          answer_of<ListAnswer>([&](auto done) { reader().list(request, std::move(done)); });
      ASSERT_TRUE(page) << page.error().message;
      EXPECT_LE(page->jobs.size(), 4);
      for (const ListedJob& job : page->jobs) {
        EXPECT_EQ(job.state,
                  job.job_id >= job_id(3) && job.job_id < job_id(10) ? api::RUNNING : api::QUEUED);
        EXPECT_GT(job.submitted, base::Time{});
        listed.push_back(job.job_id);
      }
      more = page->more;
      request.after_job_id = page->go_on_after;
    }
    EXPECT_EQ(listed, running ? ids(3, 7) : ids(1, 23));
  }
}

TEST_P(JobReaderContract, SummariesCountEachJobOnceAndKnowTheRelay) {
  Stream stream(kSet);
  for (const std::string& id : ids(1, 23)) log().append(stream.submitted(id));
  for (const std::string& id : ids(3, 7)) log().append(stream.event("running", id));
  log().append_relay(kSet, internal::v1::RELAY_STATE_FOLLOWING);
  settle();
  const auto known = summary(reader(), kSet);
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->jobs_by_state.at(api::QUEUED), 16);
  EXPECT_EQ(known->jobs_by_state.at(api::RUNNING), 7);
  ASSERT_TRUE(known->relay);
  EXPECT_EQ(known->relay->job_set, kSet);
  EXPECT_EQ(known->relay->state, internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_TRUE(known->freshness.certain) << known->freshness.doubt;
  EXPECT_TRUE(known->freshness.followed);
  EXPECT_GT(known->freshness.as_of, base::Time{});
  const auto unknown = summary(reader(), {"no", "such"});
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->relay);
  EXPECT_FALSE(unknown->freshness.followed);
}

TEST_P(JobReaderContract, RelaysComeInTheOrderAskedFor) {
  std::vector<base::JobSet> asked;
  for (int i = 0; i < 9; ++i) {
    asked.push_back({"q", "set-" + std::to_string(i)});
    if (i != 4) log().append_relay(asked.back(), internal::v1::RELAY_STATE_FOLLOWING);
  }
  settle();
  const auto answer =
      answer_of<RelaysAnswer>([&](auto done) { reader().relays(asked, std::move(done)); });
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_THAT(answer->relays, SizeIs(9));
  for (std::size_t i = 0; i < 9; ++i) {
    ASSERT_EQ(answer->relays[i].has_value(), i != 4);
    if (i == 4) continue;
    EXPECT_EQ(answer->relays[i]->job_set, asked[i]);
  }
}

TEST_P(JobReaderContract, AskedNamesEachJobSetOnceAPartAtATime) {
  std::vector<base::JobSet> expected;
  std::vector<std::string> jobs;
  for (std::uint64_t i = 0; i < 7; ++i) {
    expected.push_back({"q", "set-" + std::to_string(i)});
    Stream stream(expected.back());
    for (std::uint64_t j = 0; j < 5; ++j) {
      jobs.push_back(job_id(10 * i + j));
      log().append(stream.submitted(jobs.back()));
    }
  }
  log().append(Stream(kOther).submitted(job_id(900)));
  settle();
  const base::Time before = log().clock.now() - std::chrono::seconds(2);
  ASSERT_TRUE(statuses(reader(), jobs));
  std::vector<base::JobSet> found;
  AskedRequest request{before, {}, 2};
  for (bool more = true; more;) {
    const auto part =
        answer_of<AskedAnswer>([&](auto done) { reader().asked(request, std::move(done)); });
    ASSERT_TRUE(part) << part.error().message;
    EXPECT_LE(part->job_sets.size(), 2);
    EXPECT_GE(part->as_of, before);
    found.insert(found.end(), part->job_sets.begin(), part->job_sets.end());
    more = part->next.has_value();
    if (more) request.after = *part->next;
  }
  EXPECT_EQ(found, expected);
}

TEST_P(JobReaderContract, ActiveQueuesAreThoseOfAllPartitions) {
  Stream stream(kSet);
  Stream other(kOther);
  for (const std::string& id : ids(1, 9)) log().append(stream.leased(id, "pool"));
  log().append(other.leased(job_id(20), "pool"));
  settle();
  const auto answer =
      answer_of<ActiveQueuesAnswer>([&](auto done) { reader().active_queues(std::move(done)); });
  ASSERT_TRUE(answer) << answer.error().message;
  std::set<std::string> queues;
  for (const ActiveQueue& queue : answer->queues) queues.insert(queue.pool + "/" + queue.queue);
  EXPECT_EQ(queues, (std::set<std::string>{"pool/q-a", "pool/q-b"}));
  EXPECT_THAT(answer->queues, SizeIs(2));
}

TEST_P(JobReaderContract, ManyAtOnceAreEachAnsweredOnce) {
  Stream stream(kSet);
  for (const std::string& id : ids(1, 50)) log().append(stream.submitted(id));
  settle();
  constexpr int kQuestions = 2000;
  std::atomic<int> right = 0;
  std::atomic<int> answered = 0;
  for (int i = 0; i < kQuestions; ++i) {
    const bool known = i % 10 != 0;
    const std::string id = job_id(known ? 1 + static_cast<std::uint64_t>(i) % 50 : 404);
    const std::string_view view(id);
    reader().statuses({&view, 1}, false, [&, known](base::Result<StatusAnswer> answer) {
      const bool shed = !answer && answer.error().code == base::ErrorCode::kResourceExhausted;
      const int expected = known ? api::QUEUED : JobStatus::kNone;
      if (shed || (answer && answer->statuses.at(0).state == expected)) ++right;
      ++answered;
    });
  }
  EXPECT_TRUE(
      test_support::eventually(contract::kDeadline, [&] { return answered == kQuestions; }));
  EXPECT_EQ(right, kQuestions);
}

}  // namespace armada_cache::lookup
