// One call of a unary method, as raw bytes; reused for one call after another.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/rpc/calls/access_gate.h"
#include "core/rpc/calls/call_metrics.h"
#include "core/rpc/calls/event.h"

namespace armada_cache::rpc {

class CallQueue;
struct MethodSlots;

// The as-of time of the newest answer: what is told where an answer has no data of its own.
class LastAsOf {
 public:
  // Unix milliseconds: of `as_of` or, where there is none, of the newest one so far.
  std::int64_t note(std::optional<base::Time> as_of);

 private:
  std::atomic<std::int64_t> millis_{0};
};

// What all calls share.
struct CallContext {
  const AccessGate& gate;
  std::chrono::milliseconds retry_after;
  bool tells_as_of;
  LastAsOf last_as_of;
};

// In one list while it is in hand; leaves it when it is destroyed.
using InHandHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// The first answer() or fail() counts, later ones have no effect; both from any thread.
class Call final : public Event, public InHandHook, public std::enable_shared_from_this<Call> {
 public:
  using Responder = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;

  Call(CallQueue& queue, MethodSlots& slots, CallContext& shared);

  // The request's bytes; they live as long as the call.
  std::string_view request() const { return request_; }

  // `doubt` goes into the metadata where it is not empty.
  void answer(const grpc::ByteBuffer& payload, std::optional<base::Time> as_of,
              std::string_view doubt = {});
  // kUnavailable and kResourceExhausted tell the caller when to try again.
  void fail(const base::Error& error, std::optional<base::Time> as_of = {});

 private:
  friend class CallQueue;

  void on_event(bool ok) override;

  // The rest belongs to the queue, on its polling thread.
  void post(grpc::ServerCompletionQueue& queue);
  void begin();
  base::Status admit() const;
  bool answered() const { return answered_.load(std::memory_order_acquire); }
  std::chrono::steady_clock::time_point deadline(std::chrono::milliseconds limit) const;

  void finish(const grpc::ByteBuffer* payload, const grpc::Status& status,
              std::optional<base::Time> as_of);
  void send(const grpc::ByteBuffer* payload, const grpc::Status& status);
  // What finish() kept back.
  void depart();
  // Ends it, however much of the answer its caller has taken.
  void give_up() { context_->TryCancel(); }

  CallQueue& queue_;
  MethodSlots& slots_;
  CallContext& shared_;
  bool posted_ = false;
  std::atomic<bool> answered_{false};
  std::shared_ptr<Call> held_by_grpc_;
  std::optional<grpc::ServerContext> context_;
  std::optional<Responder> responder_;
  grpc::ByteBuffer buffer_;
  grpc::Slice slice_;
  std::string_view request_;
  std::chrono::steady_clock::time_point began_;

  struct KeptBack {
    std::optional<grpc::ByteBuffer> payload;
    grpc::Status status;
  };
  std::optional<KeptBack> kept_back_;
};

}  // namespace armada_cache::rpc
