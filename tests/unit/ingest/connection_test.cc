// How a connection that died without a word is told from one that is merely quiet.
#include "ingest/connection.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "armada/api/event.grpc.pb.h"
#include "ingest/grpc_armada.h"
#include "ingest/relay_thread.h"
#include "tests/support/eventually.h"
#include "tests/support/stalling_proxy.h"

namespace armada_cache::ingest {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using testing::HasSubstr;
using testing::Not;

constexpr auto kDeadline = 30s;

// Streams stay open; health is answered, or not, as it is told.
class QuietArmada final : public api::Event::Service {
 public:
  enum class Health { kAnswered, kUnknown, kSilent };

  grpc::Status GetJobSetEvents(grpc::ServerContext* context, const api::JobSetRequest*,
                               grpc::ServerWriter<api::EventStreamMessage>* writer) override {
    {
      const std::lock_guard lock(mutex_);
      peer_ = context->peer();
    }
    writer->SendInitialMetadata();
    while (!context->IsCancelled()) {
      if (talks) writer->Write({});
      std::this_thread::sleep_for(5ms);  // the pace of its events
    }
    return grpc::Status::CANCELLED;
  }
  grpc::Status Health(grpc::ServerContext* context, const google::protobuf::Empty*,
                      api::HealthCheckResponse*) override {
    ++asked;
    if (health == Health::kUnknown) return {grpc::StatusCode::UNIMPLEMENTED, "no such call"};
    while (health == Health::kSilent && !context->IsCancelled()) std::this_thread::sleep_for(5ms);
    return grpc::Status::OK;
  }
  // Of the last stream.
  std::string peer() {
    const std::lock_guard lock(mutex_);
    return peer_;
  }

  std::atomic<enum Health> health = Health::kAnswered;
  std::atomic<bool> talks = false;
  std::atomic<int> asked = 0;

 private:
  std::mutex mutex_;
  std::string peer_;
};

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&quiet_);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~ConnectionTest() override {
    if (armada_ != nullptr) {
      thread_.run([this] { stream_.reset(); });
      thread_.stop();
      armada_.reset();
    }
    server_->Shutdown(std::chrono::system_clock::now());
  }

  void open(const std::string& address, base::Duration probe_timeout = 1s) {
    rpc::ChannelOptions channel;
    channel.target = address;
    channel.connect_timeout = 1s;
    armada_ = std::make_unique<GrpcArmada>(channel, ChannelPool::Limits{}, rpc::Credentials{},
                                           ProbeTimes{20ms, probe_timeout},
                                           [this](auto task) { thread_.post(std::move(task)); });
    thread_.start(
        clock_, [this] { return armada_->next_wake(); },
        [this] { armada_->on_time(clock_.now()); });
    open_stream();
  }
  void open_stream() {
    thread_.run([this] {
      ended_ = false;
      stream_ = armada_->open(StreamRequest{{"q", "s"}, true, false, ""},
                              {[this](auto messages) { received_ += messages.size(); },
                               [this](base::Status end) {
                                 end_ = std::move(end);
                                 ended_ = true;
                               }});
      stream_->grant(std::size_t{1} << 30);
    });
  }
  base::Time alive_at() {
    base::Time at;
    thread_.run([&] { at = stream_->alive_at(); });
    return at;
  }
  // What it ended with.
  std::string end() {
    if (!eventually(kDeadline, [this] { return ended_.load(); })) return "it did not end";
    return end_ ? "OK" : end_.error().message;
  }

  QuietArmada quiet_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  base::SystemClock clock_;
  RelayThread thread_;
  std::unique_ptr<GrpcArmada> armada_;
  std::unique_ptr<ArmadaStream> stream_;
  std::atomic<std::size_t> received_ = 0;
  std::atomic<bool> ended_ = false;
  base::Status end_;
};

TEST_F(ConnectionTest, AnyAnswerIsASignOfLife) {
  open(address_);
  for (const auto health : {QuietArmada::Health::kAnswered, QuietArmada::Health::kUnknown}) {
    quiet_.health = health;
    const base::Time from = clock_.now();
    EXPECT_TRUE(eventually(kDeadline, [&] { return alive_at() > from; }));
    EXPECT_LE(alive_at(), clock_.now());
  }
  EXPECT_FALSE(ended_);
}

TEST_F(ConnectionTest, WithoutASignOfLifeItsStreamsEndAndNewOnesTakeAnother) {
  open(address_);
  ASSERT_TRUE(eventually(kDeadline, [&] { return alive_at() != base::Time{}; }));
  const std::string first = quiet_.peer();
  quiet_.health = QuietArmada::Health::kSilent;
  EXPECT_THAT(end(), HasSubstr("gave no sign of life for 1000 ms"));
  EXPECT_EQ(end_.error().code, base::ErrorCode::kUnavailable);
  quiet_.health = QuietArmada::Health::kAnswered;
  open_stream();
  EXPECT_EQ(alive_at(), base::Time{});
  EXPECT_TRUE(eventually(kDeadline, [&] { return alive_at() != base::Time{}; }));
  EXPECT_NE(quiet_.peer(), first);
}

TEST_F(ConnectionTest, WhatBringsEventsIsNotDead) {
  quiet_.health = QuietArmada::Health::kSilent;
  quiet_.talks = true;
  open(address_, 2s);
  EXPECT_TRUE(eventually(kDeadline, [&] { return quiet_.asked >= 3; }));
  EXPECT_FALSE(ended_);
  EXPECT_GT(received_, 0U);
  EXPECT_EQ(alive_at(), base::Time{}) << "they may have been sent long ago";
}

TEST_F(ConnectionTest, IsAskedOnceMoreBeforeItCountsAsDead) {
  quiet_.health = QuietArmada::Health::kSilent;
  open(address_, 20s);
  ASSERT_TRUE(eventually(kDeadline, [&] { return quiet_.asked == 2; }));
  quiet_.health = QuietArmada::Health::kAnswered;
  EXPECT_TRUE(eventually(kDeadline, [&] { return alive_at() != base::Time{}; }));
  EXPECT_FALSE(ended_);
}

TEST_F(ConnectionTest, AConnectionThatHasNotComeAboutIsGivenItsTime) {
  test_support::StallingProxy proxy(address_);
  proxy.fall_silent();
  open(proxy.address(), 50ms);
  EXPECT_THAT(end(), Not(HasSubstr("sign of life")));
}

}  // namespace
}  // namespace armada_cache::ingest
