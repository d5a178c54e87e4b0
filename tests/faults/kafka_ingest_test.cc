// Ingest over a real Kafka: what becomes of events when brokers, groups and ingests break.
#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <memory>

#include "core/lookup/job_reader.h"
#include "projector/projector.h"
#include "tests/faults/kafka_ingest_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/stalling_proxy.h"
#include "tests/support/temp_dir.h"

namespace armada_cache::ingest {
namespace {

using base::JobSet;
using std::chrono::steady_clock;
using test_support::eventually;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Until all job sets are followed again; 0.2 to 0.9 s on a quiet machine.
constexpr auto kHandoverTime = 3s;

TEST_F(KafkaIngest, WhereNothingBreaksEventsAreThereOnceVerbatimAndInOrder) {
  const Member ingest(member());
  begin_load();
  ASSERT_TRUE(eventually(kLong, [&] { return has_all(ingest); }));
  ASSERT_TRUE(goes_on(ingest));
  end_load();
  ASSERT_TRUE(comes_to_the_end({&ingest}));
  const Relayed relayed = read_events();
  EXPECT_THAT(relayed.faults, IsEmpty());
  EXPECT_EQ(relayed.repeats, 0u);
}

// Invariant 1.
TEST_F(KafkaIngest, ABrokerKilledInMidLoadLosesNothingAndRelaysGoOnFromWhatWasAcknowledged) {
  MemberOptions options = member();
  options.session = 10min;  // that it keeps its partitions, however slow the broker's start is
  const Member ingest(options);
  begin_load();
  ASSERT_TRUE(eventually(kLong, [&] { return has_all(ingest); }));
  ASSERT_TRUE(goes_on(ingest));
  const auto acknowledged = cursors(ingest);
  cluster_.kill(0);
  ASSERT_TRUE(eventually(kLong, [&] {
    return std::ranges::any_of(job_sets_, [&](const JobSet& job_set) {
      return ingest.status_of(job_set).state == RelayState::kRetrying;
    });
  }));
  cluster_.start(0);
  cluster_.wait_until_ready();
  ASSERT_TRUE(goes_on(ingest));
  end_load();
  ASSERT_TRUE(comes_to_the_end({&ingest}));
  const Relayed relayed = read_events();
  EXPECT_THAT(relayed.faults, IsEmpty());
  for (const auto& [job_set, oldest] : relayed.oldest_repeat) {
    EXPECT_GT(oldest, base::UpstreamId::parse(acknowledged.at(job_set))) << job_set.name;
  }
}

// A machine may be busy once; a hand-over that takes longer by itself always does.
TEST_F(KafkaIngest, ASecondOneTakesItsShareAndGivesItBackSoon) {
  constexpr int kAttempts = 3;
  const Member first(member());
  begin_load();
  ASSERT_TRUE(eventually(kLong, [&] { return has_all(first); }));
  auto joined = steady_clock::duration::max();
  auto left = steady_clock::duration::max();
  for (int i = 0; i < kAttempts && std::max(joined, left) > kHandoverTime; ++i) {
    std::map<JobSet, std::uint64_t> opened;
    for (const JobSet& job_set : job_sets_) opened[job_set] = armada_.readers(job_set).opened;
    const auto joining = steady_clock::now();
    auto second = std::make_unique<Member>(member());
    ASSERT_TRUE(
        eventually(kLong, [&] { return are_shared(first, *second) && each_has_one_stream(); }));
    joined = std::min(joined, steady_clock::now() - joining);
    for (const JobSet& job_set : job_sets_) {
      if (first.follows(job_set)) {
        EXPECT_EQ(armada_.readers(job_set).opened, opened[job_set]) << "stayed, and is undisturbed";
      }
    }
    const auto leaving = steady_clock::now();
    second.reset();
    ASSERT_TRUE(eventually(kLong, [&] { return has_all(first); }));
    left = std::min(left, steady_clock::now() - leaving);
  }
  EXPECT_LE(joined, kHandoverTime);
  EXPECT_LE(left, kHandoverTime);
  end_load();
  ASSERT_TRUE(comes_to_the_end({&first}));
  EXPECT_THAT(read_events().faults, IsEmpty());
  for (const JobSet& job_set : job_sets_) EXPECT_LE(armada_.readers(job_set).most_open, 2u);
}

// The states of the job sets' relays, as a projection that has these partitions knows them.
std::vector<int> projected_states(eventlog::EventLog& log, const std::vector<JobSet>& job_sets,
                                  const std::vector<eventlog::Partition>& partitions) {
  const test_support::TempDir folder;
  base::Metrics metrics;
  projector::Options options;
  options.data_dir = folder.path();
  options.partition_count = kPartitions;
  options.partitions = partitions;
  const auto opened = projector::Projector::open(options, log, base::kSystemClock, metrics);
  if (!opened || !(*opened)->start()) throw std::runtime_error("no projection");
  std::vector<int> states;
  eventually(kLong, [&] {
    std::promise<base::Result<lookup::RelaysAnswer>> told;
    (*opened)->reader().relays(job_sets, [&](auto answer) { told.set_value(std::move(answer)); });
    const auto answer = told.get_future().get();
    if (!answer || !answer->freshness.certain) return false;
    for (const auto& relay : answer->relays) states.push_back(relay ? relay->state : 0);
    return true;
  });
  return states;
}

// Whether the last record is an older owner's.
bool is_overwritten(const std::vector<StoredRelay>& records) {
  return records.back().generation <
         std::ranges::max_element(records, {}, &StoredRelay::generation)->generation;
}

// Invariant 1.
TEST_F(KafkaIngest, WhatOneStillWritesThatWasStalledBeyondItsSessionHasNoEffect) {
  test_support::StallingProxy proxy(address_);
  auto stalled = std::make_unique<Member>(MemberOptions{cluster_.servers(), proxy.address()});
  begin_load();
  ASSERT_TRUE(eventually(kLong, [&] { return has_all(*stalled); }));
  stalled->leave_unknowingly();
  Member other(member());
  const auto follows_all = [&](const Member& member) {
    return std::ranges::all_of(job_sets_, [&](const JobSet& job_set) {
      return eventually(kLong, [&] { return member.follows(job_set); });
    });
  };
  ASSERT_TRUE(follows_all(other));
  ASSERT_TRUE(goes_on(other));
  ASSERT_TRUE(goes_on(*stalled)) << "what the other one writes, too";
  proxy.fall_silent();
  ASSERT_TRUE(goes_on(other));
  end_load();
  ASSERT_TRUE(comes_to_the_end({&other}));
  const std::uint64_t repeats = read_events().repeats;
  EXPECT_GT(repeats, 0u);

  // Nothing of the other one comes after what the stalled one writes.
  const auto last = cursors(other);
  ASSERT_TRUE(eventually(kLong, [&] {
    const auto relays = read_relays();
    return std::ranges::all_of(last, [&](const auto& of) {
      return std::ranges::any_of(relays.at(of.first), [&](const StoredRelay& record) {
        return record.status.cursor == of.second;
      });
    });
  }));
  stalled.reset();  // without having learnt that it lost all
  ASSERT_TRUE(eventually(kLong, [&] {
    return std::ranges::all_of(read_relays(),
                               [](const auto& relay) { return is_overwritten(relay.second); });
  }));
  const std::vector<int> all_follow(job_sets_.size(), static_cast<int>(RelayState::kFollowing));
  EXPECT_EQ(projected_states(*log_, job_sets_, {0, 1, 2, 3}), all_follow);
  EXPECT_EQ(projected_states(*log_, job_sets_, {0}), all_follow) << "that another projector has";

  other.leave_unknowingly();  // and writes nothing more, as if it was killed
  const Member next(member());
  ASSERT_TRUE(follows_all(next));
  const Relayed relayed = read_events();
  EXPECT_THAT(relayed.faults, IsEmpty());
  EXPECT_EQ(relayed.repeats, repeats) << "went on from an older one's cursor";
}

}  // namespace
}  // namespace armada_cache::ingest
