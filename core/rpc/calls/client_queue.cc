#include "core/rpc/calls/client_queue.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>

#include "core/rpc/status.h"

namespace armada_cache::rpc {

struct ClientQueue::Calls {
  struct UnderWay {
    explicit UnderWay(Done its_done) : done(std::move(its_done)) {}

    Done done;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
  };

  void poll() {
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
      const std::unique_ptr<UnderWay> call(static_cast<UnderWay*>(tag));
      {
        const std::lock_guard lock(mutex);
        under_way.erase(call.get());
      }
      if (call->status.ok()) {
        call->done(std::move(call->answer));
      } else {
        call->done(tl::unexpected(from_grpc(call->status)));
      }
    }
  }

  grpc::CompletionQueue queue;
  std::mutex mutex;
  std::unordered_set<UnderWay*> under_way;
  bool stopped = false;
  std::thread thread;
};

ClientQueue::ClientQueue() : calls_(std::make_unique<Calls>()) {
  calls_->thread = std::thread([this] { calls_->poll(); });
}

ClientQueue::~ClientQueue() {
  stop();
}

void ClientQueue::call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                       const grpc::ByteBuffer& request, std::chrono::milliseconds timeout,
                       Done done) {
  auto made = std::make_unique<Calls::UnderWay>(std::move(done));
  made->context.set_deadline(std::chrono::system_clock::now() + timeout);
  {
    const std::lock_guard lock(calls_->mutex);
    if (!calls_->stopped) {
      Calls::UnderWay* const started = made.release();
      calls_->under_way.insert(started);
      // Within the lock, so that stop() finds only calls that it can cancel.
      started->reader = grpc::GenericStub(channel).PrepareUnaryCall(&started->context, method,
                                                                    request, &calls_->queue);
      started->reader->StartCall();
      started->reader->Finish(&started->answer, &started->status, started);
      return;
    }
  }
  made->done(base::fail(base::ErrorCode::kUnavailable, "this process stops"));
}

void ClientQueue::stop() {
  {
    const std::lock_guard lock(calls_->mutex);
    if (std::exchange(calls_->stopped, true)) return;
    for (Calls::UnderWay* call : calls_->under_way) call->context.TryCancel();
    // What is started already is still given out.
    calls_->queue.Shutdown();
  }
  calls_->thread.join();
}

}  // namespace armada_cache::rpc
