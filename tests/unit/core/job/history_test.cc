// Properties that hold for every history, whatever is repeated, late, foreign or missing.
#include "tests/unit/core/job/history.h"

#include <gtest/gtest.h>

#include "core/job/states.h"
#include "tests/unit/core/job/story.h"

namespace armada_cache::job {
namespace {

constexpr std::uint64_t kSeeds = 3000;

std::string told(const std::vector<api::EventMessage>& events) {
  std::string text;
  for (const auto& event : events) text += event.ShortDebugString() + "\n";
  return text;
}

template <typename Check>
void for_each_history(Check check) {
  for (std::uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed) {
    Random random(seed);
    const History history = random_history(random);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + told(history.events));
    check(history, random);
  }
}

TEST(Invariant1, NoEventHasEffectTwice_ReplayOfAnyPrefixIsDropped) {
  for_each_history([](const History& history, Random& random) {
    Projection projection;
    projection.apply_all(history.events);
    const std::string before = projection.record().SerializeAsString();
    const std::size_t prefix = random() % (history.events.size() + 1);
    for (std::size_t i = 0; i < prefix; ++i) {
      EXPECT_EQ(projection.apply_as({i + 1, 0, 0}, history.events[i]), Outcome::kStraggler);
    }
    EXPECT_EQ(projection.record().SerializeAsString(), before);
  });
}

TEST(Invariant1, NoEventHasEffectTwice_RepeatsUnderNewIdsChangeNothing) {
  for_each_history([](const History& history, Random& random) {
    const auto repeated = with_repeats(history.events, random);
    const Projection once = Projection().apply_all(history.events);
    const Projection twice = Projection().apply_all(repeated);
    EXPECT_EQ(once.content(), twice.content())
        << "with repeats:\n"
        << told(repeated) << once.record().DebugString() << "\n---\n"
        << twice.record().DebugString();
  });
}

TEST(Invariant2, ATerminalStateNeverChangesButToPreempted) {
  for_each_history([](const History& history, Random& random) {
    Projection projection;
    for (const auto& event : with_repeats(history.events, random)) {
      const int before = projection.known() ? projection.record().state() : api::UNKNOWN;
      projection.apply(event);
      const int after = projection.record().state();
      if (!is_terminal(before) || before == after) continue;
      EXPECT_EQ(after, api::PREEMPTED);
      EXPECT_NE(before, api::REJECTED);
    }
    EXPECT_TRUE(is_terminal(projection.record().state()));
  });
}

TEST(Invariant3, ARecordKeptOnDiskBetweenEventsEqualsOneKeptInMemory) {
  for_each_history([](const History& history, Random&) {
    const Projection in_memory = Projection().apply_all(history.events);
    JobRecord record;
    std::uint64_t id = 1;
    for (const auto& message : history.events) {
      api::EventStreamMessage stream;
      stream.set_id(std::to_string(id) + ":0:0:0");
      *stream.mutable_message() = message;
      const auto opened = open(stream);
      ASSERT_TRUE(opened.has_value());
      apply(opened->event, opened->id, id > 1, record);
      JobRecord reread;
      ASSERT_TRUE(reread.ParseFromString(record.SerializeAsString()));
      record = reread;
      ++id;
    }
    EXPECT_EQ(record.SerializeAsString(), in_memory.record().SerializeAsString());
  });
}

TEST(Histories, ForeignEventsBetweenChangeNothing) {
  for_each_history([](const History& history, Random& random) {
    const Story foreign = Story("another queue", "another job set")
                              .tell("cancelling preempting reprioritizing cancelled succeeded");
    const Projection alone = Projection().apply_all(history.events);
    Projection mixed;
    for (const auto& event : history.events) {
      mixed.apply(event);
      EXPECT_EQ(mixed.apply(foreign.events()[random() % foreign.events().size()]),
                Outcome::kForeign);
    }
    EXPECT_EQ(mixed.content(), alone.content());
  });
}

TEST(Histories, AStreamThatBeginsInMidLifeComesToTheSameState) {
  for_each_history([](const History& history, Random& random) {
    const Projection whole = Projection().apply_all(history.events);
    const std::size_t begin = random() % (history.end + 1);
    const bool splits_pair = begin > 0 && history.events[begin - 1].has_preempted();
    if (splits_pair) return;
    const Projection part = Projection().apply_all(
        {history.events.begin() + static_cast<std::ptrdiff_t>(begin), history.events.end()});
    EXPECT_EQ(api::JobState_Name(part.record().state()), api::JobState_Name(whole.record().state()))
        << "from event " << begin;
    EXPECT_EQ(part.record().last_transition_us(), whole.record().last_transition_us());
  });
}

TEST(Histories, EveryRunOfAJobThatIsOverHasEnded) {
  for_each_history([](const History& history, Random&) {
    const Projection projection = Projection().apply_all(history.events);
    for (const auto& run : projection.record().runs()) EXPECT_TRUE(run_has_ended(run.state()));
  });
}

}  // namespace
}  // namespace armada_cache::job
