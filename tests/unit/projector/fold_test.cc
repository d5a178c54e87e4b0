// Folding a batch, without any database.
#include "projector/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "armada/api/submit.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/topics/codecs.h"
#include "tests/unit/projector/events.h"

namespace armada_cache::projector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::job_id;
using ::testing::Pair;
using testing::Stream;

// What was before, as a test says it.
class FakeSource final : public StateSource {
 public:
  base::Status jobs(std::span<const std::string_view> ids, std::vector<StoredJob>& into) override {
    into.assign(ids.size(), {});
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto found = stored.find(std::string(ids[i]));
      if (found != stored.end()) into[i] = {true, found->second.first, found->second.second};
    }
    if (fails) return base::fail(base::ErrorCode::kUnavailable, "cannot read");
    return {};
  }
  const JobSetEntry* job_set(JobSetView name) const override {
    for (const JobSetEntry& entry : entries) {
      if (JobSetView(entry.name) == name) return &entry;
    }
    return nullptr;
  }
  const JobSetEntry* job_set(JobSetNumber number) const override {
    for (const JobSetEntry& entry : entries) {
      if (entry.state.number == number) return &entry;
    }
    return nullptr;
  }
  JobSetNumber next_number() const override {
    return 100 + static_cast<JobSetNumber>(entries.size());
  }
  std::int64_t relay_generation(const base::JobSet&) const override { return generation; }
  Positions positions() const override { return at; }

  // As a projection does after a batch.
  void take(const ChangeSet& changes) {
    at = changes.positions;
    for (const JobChange& job : changes.jobs) {
      stored[std::string(job.id)] = {job.status, std::string(job.record)};
    }
    for (const JobSetEntry& entry : changes.job_sets) {
      std::erase_if(entries, [&](const auto& old) { return old.name == entry.name; });
      entries.push_back(entry);
    }
  }

  std::map<std::string, std::pair<JobStatus, std::string>> stored;
  std::vector<JobSetEntry> entries;
  std::int64_t generation = 0;
  Positions at;
  bool fails = false;
};

class FoldTest : public ::testing::Test {
 protected:
  // Folds the records as they would come from the log, at the next offsets.
  base::Result<ChangeSet> fold(std::vector<eventlog::Record> records) {
    records_ = std::move(records);
    headers_.clear();
    views_.clear();
    for (const eventlog::Record& record : records_) {
      std::vector<eventlog::HeaderView>& headers = headers_.emplace_back();
      for (const auto& header : record.headers) headers.push_back({header.name, header.value});
    }
    for (std::size_t i = 0; i < records_.size(); ++i) {
      eventlog::RecordView view;
      view.topic = topic_;
      view.offset = offset_++;
      view.key = records_[i].key;
      if (records_[i].value) view.value = *records_[i].value;
      view.headers = headers_[i];
      views_.push_back(view);
    }
    std::vector<const eventlog::RecordView*> pointers;
    for (const auto& view : views_) pointers.push_back(&view);
    return fold_.run(pointers, source_);
  }

  static internal::v1::JobRecord decoded(const JobChange& change) {
    internal::v1::JobRecord record;
    EXPECT_TRUE(
        record.ParseFromArray(change.record.data(), static_cast<int>(change.record.size())));
    return record;
  }

  FakeSource source_;
  Fold fold_{1000};
  Stream stream_{{"q", "set"}};
  std::string_view topic_ = topics::kEvents;
  eventlog::Offset offset_ = 0;

 private:
  std::vector<eventlog::Record> records_;
  std::vector<std::vector<eventlog::HeaderView>> headers_;
  std::vector<eventlog::RecordView> views_;
};

TEST_F(FoldTest, AJobsEventsBecomeOneChange) {
  const auto changes = fold({stream_.submitted(job_id(1), "uri"), stream_.leased(job_id(1), "gpu"),
                             stream_.event("running", job_id(1))});
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->jobs.size(), 1U);
  const JobChange& job = changes->jobs[0];
  EXPECT_EQ(job.id, job_id(1));
  EXPECT_FALSE(job.before.known);
  EXPECT_TRUE(job.after.live());
  EXPECT_EQ(job.after.state, api::RUNNING);
  EXPECT_EQ(job.after.external_uri, "uri");
  EXPECT_EQ(job.status.job_set, 100U);
  EXPECT_TRUE(job.spec);
  EXPECT_EQ(decoded(job).queue(), "") << "the job set's number stands for its names";
  EXPECT_EQ(decoded(job).runs_size(), 1);
  EXPECT_EQ(changes->positions, (Positions{3, 0}));
  EXPECT_EQ(changes->tally.applied, 3U);
  EXPECT_EQ(changes->created.size(), 3U);
  EXPECT_THAT(changes->active, ElementsAre(Pair(Pair("gpu", "q"), 1)));
  ASSERT_EQ(changes->job_sets.size(), 1U);
  EXPECT_EQ(changes->job_sets[0].state.jobs_by_state[api::RUNNING], 1);
  EXPECT_EQ(changes->job_sets[0].state.last_id.millis, stream_.millis());
}

TEST_F(FoldTest, HowABatchIsCutChangesNothing) {
  std::vector<eventlog::Record> events;
  Stream other({"q-2", "set"});
  for (std::uint64_t i = 0; i < 30; ++i) {
    Stream& stream = i % 2 == 0 ? stream_ : other;
    events.push_back(stream.submitted(job_id(i % 7)));
    events.push_back(stream.leased(job_id(i % 7), "pool"));
    events.push_back(stream.event(i % 3 == 0 ? "succeeded" : "running", job_id(i % 5)));
  }
  std::map<std::size_t, std::map<std::string, std::string>> outcomes;
  for (const std::size_t size : {1U, 2U, 7U, 90U}) {
    source_ = {};
    offset_ = 0;
    for (std::size_t from = 0; from < events.size(); from += size) {
      const auto to = std::min(from + size, events.size());
      const auto changes = fold({events.begin() + static_cast<std::ptrdiff_t>(from),
                                 events.begin() + static_cast<std::ptrdiff_t>(to)});
      ASSERT_TRUE(changes);
      source_.take(*changes);
    }
    for (const auto& [id, job] : source_.stored) {
      outcomes[size][id] = std::to_string(job.first.state) + " " +
                           source_.job_set(job.first.job_set)->name.queue + " " + job.second;
    }
    for (const JobSetEntry& entry : source_.entries) {
      for (const auto count : entry.state.jobs_by_state) {
        outcomes[size][entry.name.queue] += std::to_string(count) + " ";
      }
    }
  }
  for (const auto& [size, outcome] : outcomes) EXPECT_EQ(outcome, outcomes[1]) << size;
}

TEST_F(FoldTest, RepeatsWithinABatchAndAcrossBatchesAreDropped) {
  const eventlog::Record submitted = stream_.submitted(job_id(1));
  const eventlog::Record leased = stream_.leased(job_id(1), "gpu");
  auto changes = fold({submitted, leased, submitted, leased});
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->tally.repeated, 2U);
  source_.take(*changes);
  changes = fold({submitted, leased});
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->tally.repeated, 2U);
  EXPECT_THAT(changes->jobs, IsEmpty());
  EXPECT_EQ(changes->positions.events, 6);
}

TEST_F(FoldTest, OffsetsThatAreAppliedAlreadyAreSkipped) {
  source_.at.events = 2;
  const auto changes = fold(
      {stream_.submitted(job_id(1)), stream_.submitted(job_id(2)), stream_.submitted(job_id(3))});
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->jobs.size(), 1U);
  EXPECT_EQ(changes->jobs[0].id, job_id(3));
}

TEST_F(FoldTest, ChangesComeInTheOrderOfTheIds) {
  const auto changes = fold(
      {stream_.submitted(job_id(3)), stream_.submitted(job_id(1)), stream_.submitted(job_id(2))});
  ASSERT_TRUE(changes);
  std::vector<std::string> ids;
  for (const JobChange& job : changes->jobs) ids.emplace_back(job.id);
  EXPECT_THAT(ids, ElementsAre(job_id(1), job_id(2), job_id(3)));
}

TEST_F(FoldTest, AStateThatCannotBeReadWritesNothing) {
  source_.fails = true;
  const auto changes = fold({stream_.submitted(job_id(1))});
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().code, base::ErrorCode::kUnavailable);
  source_.fails = false;
  source_.stored[job_id(1)] = {{1, 55, 0}, "no record"};
  const auto damaged = fold({stream_.submitted(job_id(1))});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, base::ErrorCode::kDataLoss);
}

TEST_F(FoldTest, TheLastRelayRecordOfTheNewestGenerationCounts) {
  topic_ = topics::kRelays;
  const base::JobSet set{"q", "set"};
  source_.generation = 2;
  const auto changes = fold({testing::relay(set, internal::v1::RELAY_STATE_RETRYING, 3, 1000),
                             testing::relay(set, internal::v1::RELAY_STATE_FOLLOWING, 3),
                             testing::relay(set, internal::v1::RELAY_STATE_GONE, 1)});
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->relays.size(), 1U);
  internal::v1::RelayRecord relay;
  ASSERT_TRUE(relay.ParseFromString(changes->relays[0].record.value()));
  EXPECT_EQ(relay.state(), internal::v1::RELAY_STATE_FOLLOWING);
  EXPECT_EQ(changes->relays[0].least_limit, 1000) << "invariant 4: it was broken in between";
  EXPECT_EQ(changes->tally.stale_relays, 1U);
  EXPECT_EQ(changes->positions, (Positions{0, 3}));
}

TEST_F(FoldTest, ATombstoneOfAFormerOwnerRemovesNothing) {
  topic_ = topics::kRelays;
  const base::JobSet set{"q", "set"};
  source_.generation = 2;
  const auto stale = fold({testing::relay(set, internal::v1::RELAY_STATE_FOLLOWING, 3),
                           topics::relay_tombstone(set, 2)});
  ASSERT_TRUE(stale);
  ASSERT_EQ(stale->relays.size(), 1U);
  EXPECT_TRUE(stale->relays[0].record);
  EXPECT_EQ(stale->tally.stale_relays, 1U);
  for (eventlog::Record tombstone :
       {topics::relay_tombstone(set, 3), eventlog::Record{topics::encode_key(set), {}, {}}}) {
    const auto removed =
        fold({testing::relay(set, internal::v1::RELAY_STATE_FOLLOWING, 3), std::move(tombstone)});
    ASSERT_TRUE(removed);
    ASSERT_EQ(removed->relays.size(), 1U);
    EXPECT_FALSE(removed->relays[0].record);
  }
}

}  // namespace
}  // namespace armada_cache::projector
