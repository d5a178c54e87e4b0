#include "core/rpc/calls/call.h"

#include <algorithm>

#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/grpc_caller.h"
#include "core/rpc/status.h"

namespace armada_cache::rpc {
namespace {

constexpr std::size_t kDoubtMax = 512;

// Metadata takes printable ASCII only.
std::string printable(std::string_view text) {
  std::string made(text.substr(0, kDoubtMax));
  for (char& c : made) {
    if (c < ' ' || c > '~') c = '?';
  }
  return made;
}

}  // namespace

std::int64_t LastAsOf::note(std::optional<base::Time> as_of) {
  std::int64_t last = millis_.load(std::memory_order_relaxed);
  if (!as_of) return last;
  const std::int64_t millis = base::to_unix_millis(*as_of);
  while (last < millis && !millis_.compare_exchange_weak(last, millis)) {
  }
  return millis;
}

Call::Call(CallQueue& queue, MethodSlots& slots, CallContext& shared)
    : queue_(queue), slots_(slots), shared_(shared) {}

void Call::on_event(bool ok) {
  queue_.on_call_event(*this, ok);
}

void Call::post(grpc::ServerCompletionQueue& queue) {
  responder_.reset();
  context_.reset();
  buffer_.Clear();
  context_.emplace();
  responder_.emplace(&*context_);
  answered_.store(false, std::memory_order_relaxed);
  posted_ = true;
  held_by_grpc_ = shared_from_this();
  slots_.method.post(*context_, buffer_, *responder_, queue, static_cast<Event*>(this));
}

void Call::begin() {
  posted_ = false;
  began_ = std::chrono::steady_clock::now();
  if (!buffer_.TrySingleSlice(&slice_).ok() && !buffer_.DumpToSingleSlice(&slice_).ok()) {
    slice_ = grpc::Slice();
  }
  request_ = {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
}

base::Status Call::admit() const {
  return shared_.gate.admit(GrpcCaller(*context_));
}

std::chrono::steady_clock::time_point Call::deadline(std::chrono::milliseconds limit) const {
  const auto own = began_ + limit;
  const auto callers = context_->deadline();
  if (callers == std::chrono::system_clock::time_point::max()) return own;
  const auto left = callers - std::chrono::system_clock::now();
  return left >= limit ? own : std::min(own, std::chrono::steady_clock::now() + left);
}

void Call::answer(const grpc::ByteBuffer& payload, std::optional<base::Time> as_of,
                  std::string_view doubt) {
  if (answered_.exchange(true, std::memory_order_acq_rel)) return;
  if (!doubt.empty()) context_->AddTrailingMetadata("armada-cache-doubt", printable(doubt));
  finish(&payload, grpc::Status::OK, as_of);
}

void Call::fail(const base::Error& error, std::optional<base::Time> as_of) {
  if (answered_.exchange(true, std::memory_order_acq_rel)) return;
  const bool again = error.code == base::ErrorCode::kUnavailable ||
                     error.code == base::ErrorCode::kResourceExhausted;
  if (again) {
    context_->AddTrailingMetadata("grpc-retry-pushback-ms",
                                  std::to_string(shared_.retry_after.count()));
  }
  finish(nullptr, to_grpc(error, again ? std::optional(shared_.retry_after) : std::nullopt), as_of);
}

void Call::finish(const grpc::ByteBuffer* payload, const grpc::Status& status,
                  std::optional<base::Time> as_of) {
  if (shared_.tells_as_of) {
    context_->AddTrailingMetadata("armada-cache-as-of",
                                  std::to_string(shared_.last_as_of.note(as_of)));
  }
  slots_.metrics.answered(status.error_code(), std::chrono::steady_clock::now() - began_);
  if (!queue_.leaving()) return send(payload, status);
  kept_back_ = {payload == nullptr ? std::nullopt : std::optional(*payload), status};
  queue_.keep_back(shared_from_this());
}

void Call::depart() {
  const KeptBack kept = std::move(*kept_back_);
  kept_back_.reset();
  send(kept.payload ? &*kept.payload : nullptr, kept.status);
}

void Call::send(const grpc::ByteBuffer* payload, const grpc::Status& status) {
  if (payload != nullptr) {
    responder_->Finish(*payload, status, static_cast<Event*>(this));
  } else {
    responder_->FinishWithError(status, static_cast<Event*>(this));
  }
}

}  // namespace armada_cache::rpc
