#include "projector/end_watch.h"

#include <gtest/gtest.h>

#include "tests/support/eventually.h"
#include "tests/support/memory_log.h"

namespace armada_cache::projector {
namespace {

const std::vector<eventlog::TopicPartition> kOf{{"topic", 0}};

struct Watched {
  explicit Watched(std::chrono::milliseconds interval) : watch(ends, base::kSystemClock, interval) {
    EXPECT_TRUE(log.ensure_topic({.name = "topic", .partitions = 1}));
  }
  eventlog::Offset told() const { return watch.newest()->ends.at(kOf[0]); }
  void append() { log.append(kOf[0], {"key", "value", {}}); }

  test_support::MemoryLog log{base::kSystemClock};
  LogEnds ends{log};
  EndWatch watch;
};

TEST(EndWatch, AsksNotMoreOftenThanAtItsInterval) {
  Watched watched(std::chrono::hours(1));
  watched.watch.ask(kOf);
  EXPECT_EQ(watched.told(), 0);
  watched.append();
  watched.watch.ask(kOf);
  EXPECT_EQ(watched.told(), 0);
}

TEST(EndWatch, AsksAgainAfterIt) {
  Watched watched(std::chrono::milliseconds(1));
  watched.watch.ask(kOf);
  watched.append();
  EXPECT_TRUE(test_support::eventually(std::chrono::seconds(10), [&] {
    watched.watch.ask(kOf);
    return watched.told() == 1;
  }));
}

}  // namespace
}  // namespace armada_cache::projector
