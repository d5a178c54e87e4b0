// Lookups through the router over real connections, while projectors die, hang, or lack what the
// directory promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "armada/api/submit.pb.h"
#include "core/rpc/calls/client_queue.h"
#include "core/topics/partitioner.h"
#include "query/routing/routing_reader.h"
#include "query/routing/static_directory.h"
#include "tests/contract/served_projector.h"
#include "tests/support/eventually.h"

namespace armada_cache::query {
namespace {

using base::ErrorCode;
using contract::ProjectedLog;
using contract::ServedProjector;
using contract::statuses;
using projector::testing::job_id;
using testing::HasSubstr;

const base::JobSet kSet{"q-a", "set"};

// Takes questions for statuses and never answers.
class SilentReader final : public lookup::JobReader {
 public:
  void statuses(std::span<const std::string_view>, bool, Done<lookup::StatusAnswer> done) override {
    keep(std::move(done));
  }
  void details(std::vector<std::string>, bool, Done<lookup::DetailsAnswer> done) override {
    keep(std::move(done));
  }
  void list(lookup::ListRequest, Done<lookup::ListAnswer> done) override { keep(std::move(done)); }
  void summarize(base::JobSet, Done<lookup::JobSetSummary> done) override { keep(std::move(done)); }
  void relays(std::vector<base::JobSet>, Done<lookup::RelaysAnswer> done) override {
    keep(std::move(done));
  }
  void asked(lookup::AskedRequest, Done<lookup::AskedAnswer> done) override {
    keep(std::move(done));
  }
  void active_queues(Done<lookup::ActiveQueuesAnswer> done) override { keep(std::move(done)); }

  std::atomic<int> kept = 0;

 private:
  template <typename Answer>
  void keep(Done<Answer>) {
    ++kept;
  }
};

class LookupRpcTest : public testing::Test {
 protected:
  ~LookupRpcTest() override { queue_.stop(); }

  // Ids that belong to each partition, known to the projectors.
  void append_jobs() {
    projector::testing::Stream stream(kSet);
    for (std::uint64_t i = 0; i < 40; ++i) {
      ids_.push_back(job_id(i));
      log_.append(stream.submitted(ids_.back()));
    }
    log_.append_relay(kSet, internal::v1::RELAY_STATE_FOLLOWING);
  }

  void route(const std::string& list) {
    directory_ = StaticDirectory::parse(list, ProjectedLog::kPartitions).value();
    router_ = std::make_unique<RoutingReader>(
        routing_, *directory_,
        [this](const std::string& target) { return contract::connect(target, remote_, queue_); },
        metrics_);
  }

  bool all_found() {
    const auto answer = statuses(*router_, ids_);
    return answer && contract::states(answer) == std::vector<int>(ids_.size(), api::QUEUED);
  }
  void settle() {
    ASSERT_TRUE(test_support::eventually(contract::kDeadline, [&] { return all_found(); }));
  }

  ProjectedLog log_;
  std::vector<std::string> ids_;
  RemoteOptions remote_;
  RoutingOptions routing_;
  rpc::ClientQueue queue_;
  base::Metrics metrics_;
  std::unique_ptr<StaticDirectory> directory_;
  std::unique_ptr<RoutingReader> router_;
};

TEST_F(LookupRpcTest, NoLookupFailsWhileOneGroupLives) {
  append_jobs();
  ServedProjector a1(log_, {0, 1});
  ServedProjector a2(log_, {2, 3});
  ServedProjector b1(log_, {0, 2});
  ServedProjector b2(log_, {1, 3});
  route("a:" + a1.address() + "=0-1,a:" + a2.address() + "=2-3,b:" + b1.address() +
        "=0+2,b:" + b2.address() + "=1+3");
  settle();
  std::atomic<bool> ended = false;
  std::atomic<int> answered = 0;
  std::vector<std::string> wrong;
  std::thread asking([&] {
    for (std::size_t i = 0; !ended; ++i) {
      const auto answer = statuses(*router_, {ids_[i % ids_.size()]});
      if (!answer) {
        wrong.push_back(answer.error().message);
      } else if (answer->statuses.at(0).state != api::QUEUED) {
        wrong.push_back("unknown");
      }
      ++answered;
    }
  });
  const auto goes_on = [&](int calls) {
    const int before = answered;
    EXPECT_TRUE(
        test_support::eventually(contract::kDeadline, [&] { return answered >= before + calls; }));
  };
  goes_on(50);
  a1.kill();
  goes_on(50);
  a2.kill();
  goes_on(50);
  ended = true;
  asking.join();
  EXPECT_THAT(wrong, testing::IsEmpty());
  const auto summary = contract::summary(*router_, kSet);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->jobs_by_state.at(api::QUEUED), 40);
}

TEST_F(LookupRpcTest, WithoutAnyReplicaItSaysWhoFailed) {
  append_jobs();
  ServedProjector only(log_, {0, 1, 2, 3});
  route("a:" + only.address() + "=0-3");
  settle();
  only.kill();
  const auto answer = statuses(*router_, ids_);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("projector " + only.address()));
}

TEST_F(LookupRpcTest, OneThatDiesInMidCallIsReplaced) {
  append_jobs();
  SilentReader silent;
  base::Metrics metrics;
  contract::ServedReader dying(silent, contract::nothing_of({0, 1, 2, 3}), metrics);
  ServedProjector other(log_, {0, 1, 2, 3});
  routing_.hedge_after = std::chrono::hours(1);
  route("b:" + other.address() + "=0-3,a:" + dying.address() + "=0-3");
  std::promise<base::Result<lookup::JobSetSummary>> promise;
  router_->summarize(kSet, [&](auto answer) { promise.set_value(std::move(answer)); });
  ASSERT_TRUE(test_support::eventually(contract::kDeadline, [&] { return silent.kept == 1; }));
  dying.kill();
  auto future = promise.get_future();
  ASSERT_EQ(future.wait_for(contract::kDeadline), std::future_status::ready);
  const auto summary = future.get();
  EXPECT_TRUE(summary) << summary.error().message;
}

TEST_F(LookupRpcTest, ASlowOneIsReplacedLongBeforeItsTimeOut) {
  append_jobs();
  SilentReader silent;
  base::Metrics metrics;
  contract::ServedReader slow(silent, contract::nothing_of({0, 1, 2, 3}), metrics);
  ServedProjector other(log_, {0, 1, 2, 3});
  remote_.call_timeout = std::chrono::hours(1);
  routing_.give_up_after = std::chrono::hours(1);
  routing_.hedge_after = std::chrono::milliseconds(20);
  route("a:" + slow.address() + "=0-3,b:" + other.address() + "=0-3");
  settle();
  EXPECT_GT(silent.kept, 0);
}

TEST_F(LookupRpcTest, ACallEndsAtItsTimeOut) {
  SilentReader silent;
  base::Metrics metrics;
  contract::ServedReader slow(silent, contract::nothing_of({0, 1, 2, 3}), metrics);
  remote_.call_timeout = std::chrono::milliseconds(50);
  const auto reader = contract::connect(slow.address(), remote_, queue_).value();
  const auto answer = contract::summary(*reader, kSet);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr(slow.address() + " gave no answer within 50 ms"));
}

TEST_F(LookupRpcTest, CallsUnderWayAreBounded) {
  SilentReader silent;
  base::Metrics metrics;
  contract::ServedReader slow(silent, contract::nothing_of({0, 1, 2, 3}), metrics);
  remote_.calls_max = 2;
  const auto reader = contract::connect(slow.address(), remote_, queue_).value();
  std::atomic<int> ended = 0;
  for (int i = 0; i < 2; ++i) reader->summarize(kSet, [&](const auto&) { ++ended; });
  const auto answer = contract::summary(*reader, kSet);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kResourceExhausted);
  queue_.stop();
  EXPECT_EQ(ended, 2);
}

TEST_F(LookupRpcTest, OneWithoutThePartitionIsPassedOver) {
  append_jobs();
  ServedProjector lacking(log_, {0, 1});
  ServedProjector whole(log_, {0, 1, 2, 3});
  route("a:" + lacking.address() + "=0-3,b:" + whole.address() + "=0-3");
  settle();
  const auto summary = contract::summary(*router_, kSet);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->jobs_by_state.at(api::QUEUED), 40);
  const auto relays = contract::answer_of<lookup::RelaysAnswer>(
      [&](auto done) { router_->relays({kSet}, std::move(done)); });
  ASSERT_TRUE(relays) << relays.error().message;
  EXPECT_TRUE(relays->relays.at(0));
}

// Each copy follows a log of its own here, so that one can be held back.
TEST_F(LookupRpcTest, NoAnswerGoesBackWhenTheCopyThatWasAheadDies) {
  ProjectedLog held_back;
  std::uint64_t number = 0;  // of a job whose partition prefers the group a
  while (topics::partition_of_job(job_id(number), ProjectedLog::kPartitions) != 0) ++number;
  const std::string id = job_id(number);
  projector::testing::Stream stream(kSet);
  const auto submitted = stream.submitted(id);
  const auto leased = stream.leased(id, "pool");
  for (ProjectedLog* log : {&log_, &held_back}) {
    log->append(submitted);
    log->append_relay(kSet, internal::v1::RELAY_STATE_FOLLOWING);
  }
  log_.append(leased);
  ServedProjector ahead(log_, {0, 1, 2, 3});
  ServedProjector behind(held_back, {0, 1, 2, 3});
  routing_.give_up_after = std::chrono::milliseconds(200);
  routing_.hedge_after = std::chrono::milliseconds(100);
  route("a:" + ahead.address() + "=0-3,b:" + behind.address() + "=0-3");
  const auto state = [&] {
    const auto answer = statuses(*router_, {id});
    return answer ? answer->statuses.at(0).state : -2;
  };
  ASSERT_TRUE(
      test_support::eventually(contract::kDeadline, [&] { return state() == api::LEASED; }));
  ahead.kill();
  const auto refused = statuses(*router_, {id});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  held_back.append(leased);
  EXPECT_TRUE(test_support::eventually(contract::kDeadline, [&] {
    const int now = state();
    EXPECT_NE(now, api::QUEUED);
    return now == api::LEASED;
  }));
}

}  // namespace
}  // namespace armada_cache::query
