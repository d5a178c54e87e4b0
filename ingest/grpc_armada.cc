#include "ingest/grpc_armada.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <mutex>
#include <optional>
#include <utility>

#include "armada/api/event.pb.h"
#include "core/rpc/status.h"
#include "ingest/delivery.h"

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
// owner has dropped it. What it has posted does not keep it, so that it goes when gRPC is done.
class Call final : public grpc::ClientBidiReactor<ByteBuffer, ByteBuffer>,
                   public std::enable_shared_from_this<Call> {
 public:
  Call(const Connection& connection, const GrpcArmada::Post& post, StreamCallbacks callbacks)
      : seat_(connection.seat()),
        channel_(connection.channel()),
        delivery_(std::make_shared<Delivery>(post, std::move(callbacks))) {}

  void start(const std::string& authorization, const StreamRequest& request) {
    if (!authorization.empty()) context_.AddMetadata("authorization", authorization);
    self_ = shared_from_this();
    request_ = encode(request);
    grpc::TemplatedGenericStub<ByteBuffer, ByteBuffer> stub(channel_);
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
    delivery_->drop();
    std::unique_lock lock(mutex_);
    dropped_ = true;
    cancel(std::move(lock));
  }

  // Ends with that error, unless it has ended already.
  void fail(const base::Error& why) {
    std::unique_lock lock(mutex_);
    failed_ = why;
    cancel(std::move(lock));
  }

  void OnReadDone(bool ok) override {
    if (ok) seat_.received();
    bool read_on = false;
    bool release = false;
    {
      const std::lock_guard lock(mutex_);
      if (ok && !dropped_) {
        std::string message = bytes_of(message_);
        credit_ -= static_cast<std::int64_t>(cost_of(message));
        read_on = credit_ > 0;
        delivery_->add(std::move(message));
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
    base::Status end;
    if (!status.ok()) end = tl::unexpected(failed_ ? *failed_ : rpc::from_grpc(status));
    delivery_->end(std::move(end));
  }

 private:
  void cancel(std::unique_lock<std::mutex> lock) {
    const bool release = !reading_ && std::exchange(held_, false);
    lock.unlock();
    context_.TryCancel();
    if (release) RemoveHold();
  }

  const Connection::Seat seat_;  // given up when the rest has let go of the channel
  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<Delivery> delivery_;
  grpc::ClientContext context_;
  ByteBuffer request_;
  ByteBuffer message_;
  std::shared_ptr<Call> self_;

  std::mutex mutex_;
  std::optional<base::Error> failed_;
  std::int64_t credit_ = 0;
  bool reading_ = false;
  bool held_ = true;
  bool dropped_ = false;
};

class GrpcStream final : public ArmadaStream, private Passenger {
 public:
  GrpcStream(std::shared_ptr<Connection> connection, std::shared_ptr<Call> call)
      : connection_(std::move(connection)), call_(std::move(call)) {
    connection_->enter(*this);
  }
  ~GrpcStream() override {
    connection_->leave(*this);
    call_->drop();
  }
  void grant(std::size_t cost) override { call_->grant(cost); }
  base::Time alive_at() const override { return connection_->alive_at(); }

 private:
  void on_dead(const base::Error& why) override { call_->fail(why); }

  const std::shared_ptr<Connection> connection_;  // destroyed after the call is let go
  const std::shared_ptr<Call> call_;
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
  base::Time alive_at() const override { return {}; }

 private:
  std::shared_ptr<StreamCallbacks> callbacks_;
};

}  // namespace

GrpcArmada::GrpcArmada(rpc::ChannelOptions channel, ChannelPool::Limits limits,
                       rpc::Credentials credentials, const ProbeTimes& probes, Post post)
    : pool_(std::move(channel), limits, probes.timeout, post),
      authorization_(std::move(credentials)),
      probe_interval_(probes.interval),
      post_(std::move(post)) {}

std::unique_ptr<ArmadaStream> GrpcArmada::open(const StreamRequest& request,
                                               StreamCallbacks callbacks) {
  auto authorization = authorization_.value();
  if (!authorization) {
    return std::make_unique<FailedStream>(authorization.error(), post_, std::move(callbacks));
  }
  auto connection = pool_.find();
  if (!connection) {
    return std::make_unique<FailedStream>(connection.error(), post_, std::move(callbacks));
  }
  auto call = std::make_shared<Call>(**connection, post_, std::move(callbacks));
  call->start(*authorization, request);
  return std::make_unique<GrpcStream>(*std::move(connection), std::move(call));
}

void GrpcArmada::on_time(base::Time now) {
  if (now < next_probe_) return;
  next_probe_ = now + probe_interval_;
  pool_.probe(now, authorization_.value().value_or(""));
}

}  // namespace armada_cache::ingest
