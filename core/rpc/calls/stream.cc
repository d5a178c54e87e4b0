#include "core/rpc/calls/stream.h"

#include <utility>

#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/grpc_caller.h"
#include "core/rpc/status.h"

namespace armada_cache::rpc {

void Stream::post() {
  begin([this](void* tag) {
    context_.AsyncNotifyWhenDone(static_cast<Event*>(&done_));
    request_call(context_, tag);
  });
}

void Stream::on_event(bool ok) {
  release();
  if (accepted_) {
    on_operation(ok);
  } else if (ok) {
    accept();
  }
  settle();
}

void Stream::Done::on_event(bool) {
  stream.release();
  stream.broken_ = true;
  stream.settle();
}

void Stream::accept() {
  accepted_ = true;
  since_ = std::chrono::steady_clock::now();
  hold();  // until done_ is told
  ++set_.accepted_;
  const grpc::Status admitted = set_.admit(context_);
  set_.post_next();
  set_.look_later();
  if (admitted.ok()) {
    on_accepted();
  } else {
    finish(admitted);
  }
}

void Stream::finish(const grpc::Status& status) {
  if (std::exchange(finishing_, true)) return;
  begin([&](void* tag) { end(status, tag); });
}

bool Stream::ending() const {
  return set_.ending_;
}

void Stream::hold() {
  ++operations_;
  set_.queue_.hold();
}

void Stream::release() {
  --operations_;
  set_.queue_.release();
}

void Stream::settle() {
  if (operations_ == 0) set_.forget(*this);
}

void StreamSet::start() {
  queue_.schedule(std::chrono::milliseconds(0), [this] { post_next(); });
}

void StreamSet::end_all() {
  queue_.schedule(std::chrono::milliseconds(0), [this] {
    ending_ = true;
    look();
  });
}

void StreamSet::post_next() {
  auto stream = make_(*this);
  Stream* const posted = stream.get();
  streams_.emplace(posted, std::move(stream));
  posted->post();
}

grpc::Status StreamSet::admit(const grpc::ServerContext& context) {
  if (auto admitted = queue_.gate().admit(GrpcCaller(context)); !admitted) {
    return to_grpc(admitted.error());
  }
  if (accepted_ <= options_.max_streams) return grpc::Status::OK;
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many streams of this method"};
}

void StreamSet::look() {
  for (const auto& [stream, owned] : streams_) {
    if (stream->accepted_ && !stream->finishing_ && !stream->broken_) stream->look();
  }
}

void StreamSet::look_later() {
  if (accepted_ == 0 || std::exchange(looking_, true)) return;
  queue_.schedule(options_.look_interval, [this] {
    looking_ = false;
    look();
    look_later();
  });
}

void StreamSet::forget(Stream& stream) {
  if (stream.accepted_) --accepted_;
  streams_.erase(&stream);
}

}  // namespace armada_cache::rpc
