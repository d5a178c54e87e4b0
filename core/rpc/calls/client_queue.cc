#include "core/rpc/calls/client_queue.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>

#include "core/base/task_pool.h"
#include "core/rpc/calls/call_queue.h"
#include "core/rpc/status.h"

namespace armada_cache::rpc {
namespace {

constexpr std::size_t kLargeBytes = 16 << 10;  // what takes longer to read than a caller may wait

base::TaskPool::Options beside() {
  return {.threads = 1, .queue_max = 4096, .at_stop = base::TaskPool::AtStop::kFinish};
}

}  // namespace

struct ClientQueue::Calls {
  struct UnderWay final : Event {
    UnderWay(Calls& its_calls, Done its_done) : calls(its_calls), done(std::move(its_done)) {}

    void on_event(bool) override { calls.ended(*this); }

    Calls& calls;
    Done done;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
  };

  void poll() {
    void* tag = nullptr;
    bool ok = false;
    while (own->Next(&tag, &ok)) static_cast<Event*>(tag)->on_event(ok);
  }

  // With the lock. Null where nobody polls.
  grpc::CompletionQueue* begin() {
    if (stopped) return nullptr;
    if (own) return own.get();
    return server != nullptr ? server->lend() : nullptr;
  }

  void ended(UnderWay& ended_call) {
    if (!ended_call.status.ok()) {
      ended_call.done(tl::unexpected(from_grpc(ended_call.status)));
    } else if (own || ended_call.answer.Length() < kLargeBytes || !hand_over(ended_call)) {
      ended_call.done(std::move(ended_call.answer));
    }
    const std::unique_ptr<UnderWay> call(&ended_call);
    if (!own) server->give_back();
    const std::lock_guard lock(mutex);
    under_way.erase(&ended_call);
    if (under_way.empty()) idle.notify_all();
  }

  bool hand_over(UnderWay& call) {
    return large.try_post(
        [done = call.done, answer = call.answer]() mutable { done(std::move(answer)); });
  }

  void cancel() {
    const std::lock_guard lock(mutex);
    stopped = true;
    for (UnderWay* call : under_way) call->context.TryCancel();
  }

  std::unique_ptr<grpc::CompletionQueue> own;  // or else the server's
  CallQueue* server = nullptr;
  std::mutex mutex;
  std::condition_variable idle;
  std::unordered_set<UnderWay*> under_way;
  bool stopped = false;
  base::TaskPool large{beside()};
  std::thread thread;
};

ClientQueue::ClientQueue(PolledBy polled_by) : calls_(std::make_unique<Calls>()) {
  if (polled_by == PolledBy::kServer) return;
  calls_->own = std::make_unique<grpc::CompletionQueue>();
  calls_->thread = std::thread([this] { calls_->poll(); });
}

ClientQueue::~ClientQueue() {
  stop();
}

void ClientQueue::share(CallQueue& server) {
  calls_->server = &server;
  server.when_finishing([calls = calls_.get()] { calls->cancel(); });
}

void ClientQueue::call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                       const grpc::ByteBuffer& request, std::chrono::milliseconds timeout,
                       Done done) {
  auto made = std::make_unique<Calls::UnderWay>(*calls_, std::move(done));
  made->context.set_deadline(std::chrono::system_clock::now() + timeout);
  {
    const std::lock_guard lock(calls_->mutex);
    if (grpc::CompletionQueue* const queue = calls_->begin(); queue != nullptr) {
      Calls::UnderWay* const started = made.release();
      calls_->under_way.insert(started);
      // Within the lock, so that stop() finds only calls that it can cancel.
      started->reader =
          grpc::GenericStub(channel).PrepareUnaryCall(&started->context, method, request, queue);
      started->reader->StartCall();
      started->reader->Finish(&started->answer, &started->status, static_cast<Event*>(started));
      return;
    }
  }
  made->done(base::fail(base::ErrorCode::kUnavailable, "this process starts or stops"));
}

void ClientQueue::stop() {
  calls_->cancel();
  {
    std::unique_lock lock(calls_->mutex);
    calls_->idle.wait(lock, [this] { return calls_->under_way.empty(); });
  }
  calls_->large.stop();
  if (!calls_->thread.joinable()) return;
  calls_->own->Shutdown();
  calls_->thread.join();
}

}  // namespace armada_cache::rpc
