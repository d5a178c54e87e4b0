#include "ingest/grpc_armada.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <mutex>
#include <optional>
#include <utility>

#include "armada/api/event.pb.h"
#include "core/rpc/status.h"

namespace armada_cache::ingest {
namespace {

using grpc::ByteBuffer;

constexpr const char* kMethod = "/api.Event/GetJobSetEvents";

ByteBuffer encode(const StreamRequest& request) {
  api::JobSetRequest message;
  message.set_id(request.job_set.name);
  message.set_queue(request.job_set.queue);
  message.set_watch(request.watch);
  message.set_from_message_id(request.from);
  message.set_errorifmissing(request.error_if_missing);
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

std::string bytes_of(const ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// One call as gRPC sees it. Keeps itself alive until gRPC is done with it, which may be after its
// owner has dropped it. What it brings collects under the mutex, and at most one task that hands it
// over is posted at a time.
class Call final : public grpc::ClientBidiReactor<ByteBuffer, ByteBuffer>,
                   public std::enable_shared_from_this<Call> {
 public:
  Call(ChannelPool::Place place, const GrpcArmada::Post& post, StreamCallbacks callbacks)
      : place_(std::move(place)), post_(post), callbacks_(std::move(callbacks)) {}

  void start(const std::string& authorization, const StreamRequest& request) {
    if (!authorization.empty()) context_.AddMetadata("authorization", authorization);
    self_ = shared_from_this();
    request_ = encode(request);
    grpc::TemplatedGenericStub<ByteBuffer, ByteBuffer> stub(place_.channel);
    stub.PrepareBidiStreamingCall(&context_, kMethod, {}, this);
    AddHold();  // for the reads that grant() starts
    StartWriteLast(&request_, grpc::WriteOptions());
    StartCall();
  }

  void grant(std::size_t cost) {
    {
      const std::lock_guard lock(mutex_);
      credit_ += static_cast<std::int64_t>(cost);
      if (credit_ <= 0 || reading_ || !held_) return;
      reading_ = true;
    }
    StartRead(&message_);
  }

  void drop() {
    bool release = false;
    {
      const std::lock_guard lock(mutex_);
      dropped_ = true;
      if (!reading_) release = std::exchange(held_, false);
    }
    context_.TryCancel();
    if (release) RemoveHold();
  }

  void OnReadDone(bool ok) override {
    bool read_on = false;
    bool release = false;
    {
      const std::lock_guard lock(mutex_);
      if (ok && !dropped_) {
        messages_.push_back(bytes_of(message_));
        credit_ -= static_cast<std::int64_t>(cost_of(messages_.back()));
        read_on = credit_ > 0;
        hand_over();
      }
      message_.Clear();  // before grant() can start the next read
      reading_ = read_on;
      if (!ok || dropped_) release = std::exchange(held_, false);
    }
    if (read_on) StartRead(&message_);
    if (release) RemoveHold();
  }

  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<Call> self = std::move(self_);
    const std::lock_guard lock(mutex_);
    end_.emplace();
    if (!status.ok()) *end_ = tl::unexpected(rpc::from_grpc(status));
    hand_over();
  }

 private:
  void hand_over() {
    if (dropped_ || posted_) return;
    posted_ = true;
    post_([self = shared_from_this()] { self->deliver(); });
  }

  void deliver() {
    std::vector<std::string> messages;
    std::optional<base::Status> end;
    {
      const std::lock_guard lock(mutex_);
      posted_ = false;
      messages.swap(messages_);
      end.swap(end_);
      if (dropped_) return;
    }
    if (!messages.empty()) callbacks_.messages(std::move(messages));
    // Only this thread drops, and it may just have done so.
    if (end && !dropped_) callbacks_.end(*end);
  }

  const ChannelPool::Place place_;
  const GrpcArmada::Post post_;
  const StreamCallbacks callbacks_;
  grpc::ClientContext context_;
  ByteBuffer request_;
  ByteBuffer message_;
  std::shared_ptr<Call> self_;

  std::mutex mutex_;
  std::vector<std::string> messages_;
  std::optional<base::Status> end_;
  std::int64_t credit_ = 0;
  bool reading_ = false;
  bool held_ = true;
  bool posted_ = false;
  bool dropped_ = false;
};

class GrpcStream final : public ArmadaStream {
 public:
  explicit GrpcStream(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  ~GrpcStream() override { call_->drop(); }
  void grant(std::size_t cost) override { call_->grant(cost); }

 private:
  std::shared_ptr<Call> call_;
};

// A stream that could not even be asked for.
class FailedStream final : public ArmadaStream {
 public:
  FailedStream(base::Error error, const GrpcArmada::Post& post, StreamCallbacks callbacks)
      : callbacks_(std::make_shared<StreamCallbacks>(std::move(callbacks))) {
    post([weak = std::weak_ptr(callbacks_), error = std::move(error)] {
      if (const auto alive = weak.lock()) alive->end(tl::unexpected(error));
    });
  }
  void grant(std::size_t) override {}

 private:
  std::shared_ptr<StreamCallbacks> callbacks_;
};

}  // namespace

GrpcArmada::GrpcArmada(rpc::ChannelOptions channel, ChannelPool::Limits limits,
                       rpc::Credentials credentials, Post post)
    : pool_(std::move(channel), limits),
      authorization_(std::move(credentials)),
      post_(std::move(post)) {}

std::unique_ptr<ArmadaStream> GrpcArmada::open(const StreamRequest& request,
                                               StreamCallbacks callbacks) {
  auto authorization = authorization_.value();
  if (!authorization) {
    return std::make_unique<FailedStream>(authorization.error(), post_, std::move(callbacks));
  }
  auto place = pool_.take();
  if (!place) return std::make_unique<FailedStream>(place.error(), post_, std::move(callbacks));
  auto call = std::make_shared<Call>(std::move(*place), post_, std::move(callbacks));
  call->start(*authorization, request);
  return std::make_unique<GrpcStream>(std::move(call));
}

}  // namespace armada_cache::ingest
