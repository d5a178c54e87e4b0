#include "ingest/connection.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/base/log.h"

namespace armada_cache::ingest {
namespace {

using grpc::ByteBuffer;
using grpc::StatusCode;

constexpr const char* kMethod = "/api.Event/Health";

// What only Armada itself, or what stands before it, can have said.
bool is_answer(const grpc::Status& status) {
  switch (status.error_code()) {
    case StatusCode::OK:
    case StatusCode::UNIMPLEMENTED:
    case StatusCode::PERMISSION_DENIED:
    case StatusCode::UNAUTHENTICATED:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct Connection::Load {
  std::atomic<std::uint64_t> received = 0;
  std::mutex mutex;
  std::condition_variable left;
  std::size_t streams = 0;
  std::size_t probes = 0;

  std::size_t& of(Seat::Kind kind) { return kind == Seat::Kind::kStream ? streams : probes; }
};

Connection::Seat::Seat(std::shared_ptr<Load> load, Kind kind)
    : load_(std::move(load)), kind_(kind) {
  const std::lock_guard lock(load_->mutex);
  ++load_->of(kind_);
}

Connection::Seat::~Seat() {
  const std::lock_guard lock(load_->mutex);
  --load_->of(kind_);
  load_->left.notify_all();
}

void Connection::Seat::received() const {
  ++load_->received;
}

// Kept by the call until gRPC is done with it.
struct Connection::Probe {
  explicit Probe(const std::shared_ptr<Load>& load) : seat(load, Seat::Kind::kProbe) {}

  const Seat seat;  // given up when the context has let go of the channel
  std::mutex mutex;
  bool dropped = false;
  grpc::ClientContext context;
  ByteBuffer request;
  ByteBuffer response;
};

Connection::Connection(std::shared_ptr<grpc::Channel> channel, std::string target,
                       base::Duration timeout, Post post)
    : channel_(std::move(channel)),
      target_(std::move(target)),
      timeout_(timeout),
      post_(std::move(post)),
      load_(std::make_shared<Load>()) {}

Connection::~Connection() {
  if (probe_ != nullptr) {
    {
      const std::lock_guard lock(probe_->mutex);
      probe_->dropped = true;
    }
    probe_->context.TryCancel();
    probe_.reset();
  }
  std::unique_lock lock(load_->mutex);
  load_->left.wait(lock, [this] { return load_->streams + load_->probes == 0; });
}

std::size_t Connection::seats_taken() const {
  const std::lock_guard lock(load_->mutex);
  return load_->streams;
}

void Connection::probe(base::Time now, const std::string& authorization) {
  if (dead_ || probe_ != nullptr || passengers_.empty()) return;
  // Where it is not there yet, or no longer, gRPC says so itself.
  if (channel_->GetState(false) != GRPC_CHANNEL_READY) return;
  authorization_ = authorization;
  asked_again_ = false;
  ask(now);
}

void Connection::ask(base::Time now) {
  probe_ = std::make_shared<Probe>(load_);
  if (!authorization_.empty()) probe_->context.AddMetadata("authorization", authorization_);
  probe_->context.set_deadline(std::chrono::system_clock::now() + timeout_ / 2);
  const grpc::Slice empty;
  probe_->request = ByteBuffer(&empty, 1);
  auto done = [probe = probe_, post = post_, weak = weak_from_this(),
               before = load_->received.load(), now](const grpc::Status& status) {
    const std::lock_guard lock(probe->mutex);
    if (probe->dropped) return;  // and with it what it points to
    const Outcome outcome{now, is_answer(status),
                          status.error_code() == StatusCode::DEADLINE_EXCEEDED,
                          probe->seat.load_->received != before};
    post([weak, outcome] {
      if (const auto self = weak.lock()) self->on_probed(outcome);
    });
  };
  grpc::TemplatedGenericStub<ByteBuffer, ByteBuffer> stub(channel_);
  stub.UnaryCall(&probe_->context, kMethod, {}, &probe_->request, &probe_->response,
                 std::move(done));
}

void Connection::on_probed(const Outcome& outcome) {
  probe_.reset();
  if (outcome.answered) alive_at_ = outcome.asked;
  if (!outcome.late || outcome.received) return;
  if (asked_again_) return die();
  asked_again_ = true;
  ask(outcome.asked);
}

void Connection::die() {
  dead_ = true;
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(timeout_).count();
  const base::Error why{base::ErrorCode::kUnavailable,
                        "the connection to " + target_ + " gave no sign of life for " +
                            std::to_string(waited) + " ms and counts as dead"};
  base::log_warn("a connection to Armada is given up",
                 {{"streams", passengers_.size()}, {"error", why.message}});
  for (Passenger* passenger : std::exchange(passengers_, {})) passenger->on_dead(why);
}

}  // namespace armada_cache::ingest
