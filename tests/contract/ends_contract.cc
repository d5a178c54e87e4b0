#include <atomic>
#include <future>
#include <thread>

#include "tests/contract/event_log_contract.h"
#include "tests/support/eventually.h"

namespace armada_cache::eventlog {
namespace {

using Told = std::future<base::Result<Positions>>;

Told ask(EventLog& log, const std::vector<TopicPartition>& of) {
  const auto told = std::make_shared<std::promise<base::Result<Positions>>>();
  log.ends(of, [told](base::Result<Positions> ends) { told->set_value(std::move(ends)); });
  return told->get_future();
}

TEST_P(EventLogContract, EndsOfManyPartitionsAreToldTogether) {
  constexpr Partition kPartitions = 8;
  std::vector<TopicPartition> all;
  Positions last;
  for (const char* name : {"ends-a", "ends-b"}) {
    const std::string topic = make_topic({.name = name, .partitions = kPartitions});
    for (Partition p = 0; p < kPartitions; ++p) {
      all.push_back({topic, p});
      for (int i = 0; i < p; ++i) last[{topic, p}] = append({topic, p}, {record("k", "v")}).value();
    }
  }
  const auto ends = log().end_offsets(all);
  ASSERT_TRUE(ends) << ends.error().message;
  ASSERT_EQ(ends->size(), all.size());
  for (const TopicPartition& each : all) {
    EXPECT_EQ(ends->at(each), last.contains(each) ? last[each] + 1 : 0);
  }
}

TEST_P(EventLogContract, WhatWasAcknowledgedBeforeTheQuestionLiesBelowTheEnd) {
  const TopicPartition at{make_topic({.name = "ends-meanwhile"}), 0};
  std::atomic<Offset> acknowledged = -1;
  std::atomic<bool> enough = false;
  std::jthread appending([&] {
    while (!enough) acknowledged = append(at, {record("k", "v")}).value();
  });
  std::atomic<int> answers = 0;
  std::atomic<int> wrong = 0;
  constexpr int kQuestions = 2000;
  for (int i = 0; i < kQuestions; ++i) {
    if (i % 100 == 0) {
      const Offset before = acknowledged;
      EXPECT_TRUE(test_support::eventually(kDeadline, [&] { return acknowledged > before; }));
    }
    log().ends({at}, [&, before = acknowledged.load()](const base::Result<Positions>& ends) {
      if (!ends || ends->at(at) <= before) ++wrong;
      ++answers;
    });
  }
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] { return answers == kQuestions; }));
  enough = true;
  EXPECT_EQ(wrong, 0);
}

TEST_P(EventLogContract, AQuestionForWhatIsNotThereFailsAlone) {
  const std::string topic = make_topic({.name = "ends-present", .partitions = 2});
  auto first = ask(log(), {{topic, 0}});
  auto absent = ask(log(), {{topic, 0}, {"ends-absent", 0}});
  auto beyond = ask(log(), {{topic, 1}, {topic, 2}});
  auto last = ask(log(), {{topic, 0}, {topic, 1}});
  EXPECT_EQ(first.get().value(), (Positions{{{topic, 0}, 0}}));
  EXPECT_EQ(absent.get().error().code, base::ErrorCode::kNotFound);
  EXPECT_EQ(beyond.get().error().code, base::ErrorCode::kNotFound);
  EXPECT_EQ(last.get().value(), (Positions{{{topic, 0}, 0}, {{topic, 1}, 0}}));
  EXPECT_EQ(log().end_offsets({}).value(), Positions());
}

TEST_P(EventLogContract, EveryQuestionIsAnsweredBeforeTheLogIsGone) {
  const std::string topic = make_topic({.name = "ends-closing", .partitions = 3});
  std::atomic<int> answers = 0;
  for (int i = 0; i < 100; ++i) {
    log().ends({{topic, i % 3}}, [&](const base::Result<Positions>& ends) {
      if (!ends) {
        EXPECT_EQ(ends.error().code, base::ErrorCode::kCancelled);
      }
      ++answers;
    });
  }
  harness_->reopen();
  EXPECT_EQ(answers, 100);
}

}  // namespace
}  // namespace armada_cache::eventlog
