#include "ingest/connection.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

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

// Kept by the call until gRPC is done with it, which may be after the connection is gone.
struct Connection::Probe {
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
      received_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

Connection::~Connection() {
  if (probe_ == nullptr) return;
  {
    const std::lock_guard lock(probe_->mutex);
    probe_->dropped = true;
  }
  probe_->context.TryCancel();
}

void Connection::probe(base::Time now, const std::string& authorization) {
  if (dead_ || probe_ != nullptr || passengers_.empty()) return;
  // Where it is not there yet, or no longer, gRPC says so itself.
  if (channel_->GetState(false) != GRPC_CHANNEL_READY) return;
  probe_ = std::make_shared<Probe>();
  if (!authorization.empty()) probe_->context.AddMetadata("authorization", authorization);
  probe_->context.set_deadline(std::chrono::system_clock::now() + timeout_);
  const grpc::Slice empty;
  probe_->request = ByteBuffer(&empty, 1);
  auto done = [probe = probe_, post = post_, weak = weak_from_this(), received = received_.get(),
               before = received_->load(), now](const grpc::Status& status) {
    const std::lock_guard lock(probe->mutex);
    if (probe->dropped) return;  // and with it what it points to
    const Outcome outcome{now, is_answer(status),
                          status.error_code() == StatusCode::DEADLINE_EXCEEDED,
                          received->load() != before};
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
  if (outcome.answered) alive_at_ = outcome.sent;
  if (outcome.late && !outcome.received) die();
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
