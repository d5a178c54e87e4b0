#include "ingest/record_writer.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/manual_clock.h"
#include "tests/unit/ingest/fakes.h"

namespace armada_cache::ingest {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class RecordWriterTest : public testing::Test {
 protected:
  void write(const std::string& key, const std::string& value, eventlog::Partition partition = 0) {
    writer_->write({"topic", partition}, {key, value, {}});
  }
  void fail_all() {
    while (!log_.waiting.empty()) log_.fail(0);
    thread_.run_all();
  }
  void acknowledge_all() {
    log_.acknowledge_all();
    thread_.run_all();
  }
  void pass(base::Duration time) {
    clock_.advance(time);
    writer_->on_time();
  }
  std::vector<std::string> waiting() const {
    std::vector<std::string> values;
    for (const auto& append : log_.waiting) values.push_back(*append.batch[0].value);
    return values;
  }
  std::vector<std::string> stored() const {
    std::vector<std::string> values;
    for (const auto& record : log_.records("topic")) values.push_back(*record.value);
    return values;
  }

  static constexpr RecordWriterOptions kOptions{.backoff = {.base = 1s, .max = 4s}, .in_flight = 2};
  FakeThread thread_;
  FakeAppender log_;
  test_support::ManualClock clock_;
  std::unique_ptr<RecordWriter> writer_ =
      std::make_unique<RecordWriter>(kOptions, log_, clock_, thread_.post(), 1);
};

TEST_F(RecordWriterTest, OfEachKeyOneIsUnderWayAndTheNewestFollows) {
  log_.cork();
  for (const char* value : {"1", "2", "3"}) write("a", value);
  EXPECT_THAT(waiting(), ElementsAre("1"));
  acknowledge_all();
  acknowledge_all();
  EXPECT_THAT(stored(), ElementsAre("1", "3"));
  EXPECT_TRUE(writer_->is_idle());
}

TEST_F(RecordWriterTest, NoMoreThanTheBoundAreUnderWay) {
  log_.cork();
  for (const char* key : {"a", "b", "c"}) write(key, key);
  EXPECT_THAT(waiting(), ElementsAre("a", "b"));
  acknowledge_all();
  EXPECT_THAT(waiting(), ElementsAre("c"));
}

TEST_F(RecordWriterTest, WhatWasRefusedIsTriedAgainAfterAPauseThatGrowsToItsBound) {
  log_.cork();
  write("a", "1");
  for (int i = 0; i < 20; ++i) {
    fail_all();
    EXPECT_THAT(waiting(), IsEmpty());
    ASSERT_TRUE(writer_->next_wake());
    EXPECT_LE(*writer_->next_wake(), clock_.now() + kOptions.backoff.max);
    pass(kOptions.backoff.max);
    EXPECT_THAT(waiting(), ElementsAre("1"));
  }
  acknowledge_all();
  EXPECT_TRUE(writer_->is_idle());
  EXPECT_FALSE(writer_->next_wake());
}

TEST_F(RecordWriterTest, ALogThatRefusesForLongIsToldOnce) {
  log_.cork();
  for (const char* key : {"a", "b", "c"}) write(key, key);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 20; ++i) {
    fail_all();
    pass(kOptions.backoff.max);
  }
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
}

TEST_F(RecordWriterTest, WhileTheLogRefusesAllWait) {
  log_.cork();
  write("a", "1");
  fail_all();
  write("a", "2");
  write("b", "3");
  EXPECT_THAT(waiting(), IsEmpty());
  pass(kOptions.backoff.base);
  EXPECT_THAT(waiting(), testing::UnorderedElementsAre("2", "3"));
}

TEST_F(RecordWriterTest, ARecordThatCameMeanwhileTakesThePlaceOfARefusedOne) {
  log_.cork();
  write("a", "1");
  write("a", "2");
  fail_all();
  pass(kOptions.backoff.base);
  EXPECT_THAT(waiting(), ElementsAre("2"));
}

TEST_F(RecordWriterTest, AKeyThatWasLeftIsNotTriedAgain) {
  log_.cork();
  write("a", "1");
  writer_->leave("topic", "a");
  write("a", "2");
  EXPECT_THAT(waiting(), ElementsAre("1", "2"));
  log_.fail(0);
  acknowledge_all();
  pass(kOptions.backoff.max);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(stored(), ElementsAre("2"));
}

TEST_F(RecordWriterTest, PartitionsCanBeLeftToo) {
  log_.cork();
  write("a", "1", 0);
  write("b", "2", 1);
  fail_all();
  writer_->leave_if([](eventlog::Partition of) { return of == 0; });
  pass(kOptions.backoff.max);
  EXPECT_THAT(waiting(), ElementsAre("2"));
}

TEST_F(RecordWriterTest, MayBeGoneWhenItsAcknowledgementsCome) {
  log_.cork();
  write("a", "1");
  writer_.reset();
  acknowledge_all();
  EXPECT_THAT(stored(), ElementsAre("1"));
}

}  // namespace
}  // namespace armada_cache::ingest
