#include "core/rpc/calls/client_queue.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "armada/api/job.grpc.pb.h"
#include "core/rpc/calls/call_server.h"
#include "core/rpc/calls/raw_method.h"
#include "core/rpc/channel.h"

namespace armada_cache::rpc {
namespace {

constexpr char kMethod[] = "/api.Jobs/GetJobStatus";
constexpr std::chrono::seconds kLong{20};

// Answers its only method as it is told, on its polling thread.
class OneMethod {
 public:
  explicit OneMethod(Method::Handler handler) {
    Method method = raw_method("api.Jobs/GetJobStatus", service_, &Raw::RequestGetJobStatus,
                               std::move(handler));
    method.on_polling_thread = true;
    server_.calls().add(std::move(method));
    server_.add(service_);
  }
  ~OneMethod() { stop(); }

  void start() {
    ChannelOptions options;
    options.target = server_.start().value();
    channel_ = make_channel(options).value();
  }
  void stop() { server_.stop(std::chrono::steady_clock::now() + kLong); }

  CallQueue& calls() { return server_.calls(); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  using Raw = api::Jobs::WithRawMethod_GetJobStatus<api::Jobs::Service>;

  static CallServerOptions options() {
    CallServerOptions made;
    made.transport.listen = "127.0.0.1:0";
    return made;
  }

  const CallServerOptions options_ = options();
  base::Metrics metrics_;
  base::TaskPool pool_{{.threads = 1, .queue_max = 1}};
  Raw service_;
  CallServer server_{options_,
                     {.services = {"api.Jobs"}, .waiting_metric = "waiting"},
                     [] { return true; },
                     pool_,
                     metrics_};
  std::shared_ptr<grpc::Channel> channel_;
};

grpc::ByteBuffer bytes(std::size_t count) {
  const grpc::Slice slice(std::string(count, 'x'));
  return {&slice, 1};
}

Method::Handler answers(std::size_t count, std::thread::id* on = nullptr) {
  return [count, on](const std::shared_ptr<Call>& call) {
    if (on != nullptr) *on = std::this_thread::get_id();
    call->answer(bytes(count), {});
  };
}

struct Came {
  base::Result<grpc::ByteBuffer> answer;
  std::thread::id on;
};

std::future<Came> ask(ClientQueue& queue, const OneMethod& server) {
  auto came = std::make_shared<std::promise<Came>>();
  queue.call(server.channel(), kMethod, bytes(1), kLong, [came](auto answer) {
    came->set_value({std::move(answer), std::this_thread::get_id()});
  });
  return came->get_future();
}

TEST(ClientQueue, ComesBackOnTheThreadOfTheServerThatItSharesTheQueueOf) {
  std::thread::id polling;
  ClientQueue queue(ClientQueue::PolledBy::kServer);
  OneMethod server(answers(10, &polling));
  queue.share(server.calls());
  server.start();
  const Came came = ask(queue, server).get();
  EXPECT_EQ(came.answer.value().Length(), 10U);
  EXPECT_EQ(came.on, polling);
}

TEST(ClientQueue, LargeAnswersHoldNothingUp) {
  ClientQueue queue(ClientQueue::PolledBy::kServer);
  OneMethod large(answers(1 << 20));
  large.start();
  OneMethod server(answers(10));
  queue.share(server.calls());
  server.start();
  std::promise<void> here, go_on;
  std::promise<std::size_t> taken;
  queue.call(large.channel(), kMethod, bytes(1), kLong, [&](auto answer) {
    here.set_value();
    go_on.get_future().wait();
    taken.set_value(answer.value().Length());
  });
  here.get_future().wait();
  auto small = ask(queue, server);
  EXPECT_EQ(small.wait_for(kLong), std::future_status::ready);
  go_on.set_value();
  EXPECT_EQ(taken.get_future().get(), std::size_t{1} << 20);
}

TEST(ClientQueue, WhatIsUnderWayEndsWithTheServerThatItSharesTheQueueOf) {
  std::promise<std::shared_ptr<Call>> accepted;
  ClientQueue queue(ClientQueue::PolledBy::kServer);
  OneMethod silent([&](const std::shared_ptr<Call>& call) { accepted.set_value(call); });
  silent.start();
  OneMethod server(answers(10));
  queue.share(server.calls());
  server.start();
  auto waiting = ask(queue, silent);
  const auto held = accepted.get_future().get();
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_FALSE(waiting.get().answer);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLong / 2);
  EXPECT_EQ(ask(queue, silent).get().answer.error().code, base::ErrorCode::kUnavailable);
  held->fail({base::ErrorCode::kUnavailable, "the test is over"});
}

TEST(ClientQueue, NobodyIsAskedBeforeTheServerStarts) {
  ClientQueue queue(ClientQueue::PolledBy::kServer);
  OneMethod server(answers(10));
  EXPECT_EQ(ask(queue, server).get().answer.error().code, base::ErrorCode::kUnavailable);
  queue.share(server.calls());
  EXPECT_EQ(ask(queue, server).get().answer.error().code, base::ErrorCode::kUnavailable);
}

TEST(ClientQueue, HasAThreadOfItsOwnOtherwise) {
  std::thread::id polling;
  ClientQueue queue;
  OneMethod server(answers(10, &polling));
  server.start();
  const Came came = ask(queue, server).get();
  EXPECT_EQ(came.answer.value().Length(), 10U);
  EXPECT_NE(came.on, polling);
  EXPECT_NE(came.on, std::this_thread::get_id());
  queue.stop();
  EXPECT_EQ(ask(queue, server).get().answer.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace armada_cache::rpc
