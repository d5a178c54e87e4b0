// What GetJobSetEvents of the simulated Armada does, seen by a real client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/simulator/events.h"
#include "tests/simulator/simulator.h"
#include "tests/support/eventually.h"
#include "tests/unit/simulator/client.h"

namespace armada_cache::simulator {
namespace {

using std::chrono::seconds;
using test_support::eventually;
using testing::HasSubstr;

const base::JobSet kJobSet{"q-a", "set:1/ä"};

class StreamsTest : public testing::Test {
 protected:
  void start(Options options = {}) {
    options.listen = "127.0.0.1:0";
    sim_ = std::make_unique<Simulator>(std::move(options));
    address_ = sim_->start().value();
    client_ = std::make_unique<Client>(address_);
  }

  // Emits so many succeeded jobs, one upstream message each.
  void emit_jobs(int count, const base::JobSet& job_set = kJobSet) {
    for (int i = 0; i < count; ++i) {
      const std::string id = "job-" + std::to_string(next_job_++);
      const EventSubject subject{id, job_set, 1};
      const base::Time now = base::SystemClock().now();
      sim_->emit(
          job_set,
          {make_submitted(subject, now, make_job(200)), make_event(Step::kQueued, subject, now),
           make_event(Step::kLeased, subject, now), make_event(Step::kSucceeded, subject, now)});
    }
  }

  StreamEnd read(const std::string& from = "", bool watch = false, std::size_t most = 0) {
    return client_->read(request_for(kJobSet.queue, kJobSet.name, from, watch), most);
  }

  std::unique_ptr<Simulator> sim_;
  std::string address_;
  std::unique_ptr<Client> client_;
  int next_job_ = 0;
};

TEST_F(StreamsTest, WithoutWatchTheStreamEndsAtWhatThereIs) {
  start();
  emit_jobs(3);
  const StreamEnd end = read();
  EXPECT_TRUE(end.status.ok()) << end.status.error_message();
  ASSERT_EQ(end.messages.size(), 12U);
  EXPECT_EQ(end.messages[0].message().submitted().job_id(), "job-0");
  EXPECT_THAT(end.messages[0].id(), testing::EndsWith(":0:0:0"));
  EXPECT_THAT(end.messages[3].id(), testing::EndsWith(":3:1"));
}

TEST_F(StreamsTest, ResumingIsExclusiveOfTheIdGiven) {
  start();
  emit_jobs(5);
  const StreamEnd all = read();
  for (std::size_t i = 0; i < all.messages.size(); ++i) {
    const StreamEnd rest = read(all.messages[i].id());
    ASSERT_EQ(rest.messages.size(), all.messages.size() - i - 1) << all.messages[i].id();
    if (!rest.messages.empty()) {
      EXPECT_EQ(rest.messages[0].id(), all.messages[i + 1].id());
    }
  }
}

TEST_F(StreamsTest, AChangedLastFlagSkipsEvents) {
  start();
  emit_jobs(2);
  std::string id = read().messages[1].id();
  id.back() = '1';
  EXPECT_EQ(read(id).messages.size(), 4U);
}

TEST_F(StreamsTest, WatchingGoesOnWithWhatComes) {
  start();
  emit_jobs(1);
  StreamEnd end;
  std::thread reader([&] { end = read("", true, 8); });
  EXPECT_TRUE(eventually(seconds(10), [&] { return sim_->readers(kJobSet).sent == 4; }));
  EXPECT_EQ(sim_->readers(kJobSet).open, 1U);
  emit_jobs(1);
  reader.join();
  EXPECT_EQ(end.messages.size(), 8U);
  EXPECT_TRUE(eventually(seconds(10), [&] { return sim_->readers(kJobSet).open == 0; }));
  EXPECT_EQ(sim_->readers(kJobSet).most_open, 1U);
}

TEST_F(StreamsTest, WatchingAMissingJobSetIsSilentUntilItExists) {
  start();
  sim_->add_queue({kJobSet.queue});
  StreamEnd end;
  std::thread reader([&] { end = read("", true, 4); });
  EXPECT_TRUE(eventually(seconds(10), [&] { return sim_->readers(kJobSet).open == 1; }));
  emit_jobs(1);
  reader.join();
  EXPECT_EQ(end.messages.size(), 4U);
}

TEST_F(StreamsTest, AnswersAsARealServerDoes) {
  start();
  emit_jobs(1);
  const auto status_of = [&](const api::JobSetRequest& request) {
    return client_->read(request).status;
  };
  const grpc::Status no_queue = status_of(request_for("nosuch", "x"));
  EXPECT_EQ(no_queue.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(no_queue.error_message(), "[GetJobSetEvents] Queue nosuch does not exist");
  api::JobSetRequest strict = request_for("q-a", "nosuch");
  strict.set_errorifmissing(true);
  EXPECT_EQ(status_of(strict).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status_of(strict).error_message(),
            "[GetJobSetEvents] Jobset nosuch for queue q-a does not exist");
  EXPECT_TRUE(status_of(request_for("q-a", "nosuch")).ok());
  for (const char* malformed : {"garbage", "0", "$", "1:2:3"}) {
    const grpc::Status status = read(malformed).status;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN) << malformed;
    EXPECT_THAT(status.error_message(), HasSubstr("Could not convert legacy message id"));
  }
  EXPECT_EQ(read("-1:0:0:1").status.error_code(), grpc::StatusCode::UNAVAILABLE);
  const StreamEnd future = read("9999999999999:0:0:1");
  EXPECT_TRUE(future.status.ok());
  EXPECT_TRUE(future.messages.empty());
}

TEST_F(StreamsTest, RefusesThoseWhoMayNotWatch) {
  Options options;
  options.users = {{"alice", "secret"}, {"bob", "b", "token-of-bob"}, {"eve", "e"}};
  options.queues = {{"q-a", {"alice"}, {"bob"}}};
  start(std::move(options));
  const auto code_for = [&](const std::string& authorization) {
    return client_->read(request_for("q-a", "x"), 0, authorization).status.error_code();
  };
  EXPECT_EQ(code_for(""), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code_for("basic bm9ib2R5Og=="), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code_for("basic YWxpY2U6c2VjcmV0"), grpc::StatusCode::OK);  // alice:secret
  EXPECT_EQ(code_for("Bearer token-of-bob"), grpc::StatusCode::OK);
  EXPECT_EQ(code_for("Basic ZXZlOmU="), grpc::StatusCode::PERMISSION_DENIED);  // eve:e
}

TEST_F(StreamsTest, AStaleIdIsAnsweredWithWhatRemains) {
  start();
  emit_jobs(10);
  const std::string stale = read().messages[0].id();
  sim_->trim(kJobSet, 5);
  EXPECT_EQ(read(stale).messages.size(), 5U);
  sim_->trim(kJobSet, 0);
  api::JobSetRequest strict = request_for(kJobSet.queue, kJobSet.name);
  strict.set_errorifmissing(true);
  EXPECT_EQ(client_->read(strict).status.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(StreamsTest, ARestartEndsStreamsAndKeepsWhatIsKnown) {
  start();
  emit_jobs(2);
  StreamEnd end;
  std::thread reader([&] { end = read("", true); });
  EXPECT_TRUE(eventually(seconds(10), [&] { return sim_->readers(kJobSet).sent == 8; }));
  EXPECT_EQ(sim_->restart().value(), address_);
  reader.join();
  EXPECT_EQ(end.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(eventually(seconds(10), [&] { return read().messages.size() == 8; }));
}

TEST_F(StreamsTest, AReaderThatDoesNotReadHoldsTheStreamBack) {
  start();
  std::vector<api::EventMessage> events;
  events.reserve(500);
  const std::string id = "job";
  for (int i = 0; i < 500; ++i) {
    events.push_back(make_submitted({id, kJobSet}, base::Time(), make_job(20'000)));
  }
  for (int i = 0; i < 20; ++i) sim_->emit(kJobSet, events);  // 200 MB
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + seconds(60));
  const auto reader = client_->events->GetJobSetEvents(
      &context, request_for(kJobSet.queue, kJobSet.name, "", true));
  api::EventStreamMessage message;
  ASSERT_TRUE(reader->Read(&message));
  std::uint64_t before = 0;
  // It comes to rest, far from the end.
  EXPECT_TRUE(eventually(seconds(10), [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return std::exchange(before, sim_->readers(kJobSet).sent) == sim_->readers(kJobSet).sent;
  }));
  EXPECT_LT(sim_->readers(kJobSet).sent, 5'000U);
  for (int i = 1; i < 10'000; ++i) ASSERT_TRUE(reader->Read(&message)) << i;
  context.TryCancel();
}

TEST_F(StreamsTest, ServesHundredsOfStreamsAtOnce) {
  start();
  constexpr std::size_t kStreams = 300;
  struct Watch : grpc::ClientReadReactor<api::EventStreamMessage> {
    grpc::ClientContext context;
    api::EventStreamMessage message;
    std::atomic<int> seen = 0;
    std::atomic<bool> done = false;
    void OnReadDone(bool ok) override {
      if (!ok) return;
      ++seen;
      StartRead(&message);
    }
    void OnDone(const grpc::Status& /*status*/) override { done = true; }
  };
  std::vector<std::unique_ptr<Watch>> watches;
  sim_->add_queue({"q-a"});
  for (std::size_t i = 0; i < kStreams; ++i) {
    Watch& watch = *watches.emplace_back(std::make_unique<Watch>());
    const api::JobSetRequest request =
        request_for("q-a", "set-" + std::to_string(i % 100), "", true);
    client_->events->async()->GetJobSetEvents(&watch.context, &request, &watch);
    watch.StartRead(&watch.message);
    watch.StartCall();
  }
  for (int i = 0; i < 100; ++i) emit_jobs(2, {"q-a", "set-" + std::to_string(i)});
  for (const auto& watch : watches) {
    EXPECT_TRUE(eventually(seconds(20), [&] { return watch->seen == 8; })) << watch->seen;
    watch->context.TryCancel();
  }
  for (const auto& watch : watches) {
    EXPECT_TRUE(eventually(seconds(20), [&] { return watch->done.load(); }));
  }
  EXPECT_EQ(sim_->readers({"q-a", "set-0"}).most_open, 3U);
}

}  // namespace
}  // namespace armada_cache::simulator
