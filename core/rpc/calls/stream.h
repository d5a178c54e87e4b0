// Streams on the polling thread: how one is accepted, ends and goes; for methods that are not hot.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include "core/rpc/calls/event.h"

namespace armada_cache::rpc {

class CallQueue;
class StreamSet;

// One stream, from being posted to its end. All on the polling thread.
class Stream : public Event {
 public:
  explicit Stream(StreamSet& set) : set_(set), done_(*this) {}

 protected:
  // Asks gRPC for the next caller of the method.
  virtual void request_call(grpc::ServerContext& context, void* tag) = 0;
  virtual void on_accepted() = 0;
  // An operation that was begun has ended.
  virtual void on_operation(bool ok) = 0;
  // Looked at now and then: may be too old, or have news.
  virtual void look() = 0;
  // Starts to finish the stream.
  virtual void end(const grpc::Status& status, void* tag) = 0;

  // `start` begins one operation of gRPC's with the tag it is given.
  template <typename Start>
  void begin(Start start) {
    hold();
    start(static_cast<Event*>(this));
  }
  void finish(const grpc::Status& status);
  bool finishing() const { return finishing_; }
  // The caller went away.
  bool broken() const { return broken_; }
  std::chrono::steady_clock::duration age() const {
    return std::chrono::steady_clock::now() - since_;
  }
  grpc::ServerContext& context() { return context_; }
  bool ending() const;

 private:
  friend class StreamSet;

  struct Done final : Event {
    explicit Done(Stream& of) : stream(of) {}
    void on_event(bool) override;
    Stream& stream;
  };

  void post();
  void on_event(bool ok) final;
  void accept();
  void hold();
  void release();
  void settle();

  StreamSet& set_;
  Done done_;
  grpc::ServerContext context_;
  int operations_ = 0;
  bool accepted_ = false;
  bool finishing_ = false;
  bool broken_ = false;
  std::chrono::steady_clock::time_point since_;
};

// The streams of one method.
class StreamSet {
 public:
  struct Options {
    std::size_t max_streams = 128;  // more are refused with RESOURCE_EXHAUSTED
    std::chrono::milliseconds look_interval{250};
  };
  using Make = std::function<std::unique_ptr<Stream>(StreamSet&)>;

  StreamSet(const Options& options, CallQueue& queue, Make make)
      : options_(options), queue_(queue), make_(std::move(make)) {}

  // After the server started.
  void start();
  // Tells all streams to end. From any thread.
  void end_all();

  CallQueue& queue() { return queue_; }

 private:
  friend class Stream;

  void post_next();
  grpc::Status admit(const grpc::ServerContext& context);
  void look();
  void look_later();
  void forget(Stream& stream);

  const Options options_;
  CallQueue& queue_;
  const Make make_;
  std::unordered_map<Stream*, std::unique_ptr<Stream>> streams_;
  std::size_t accepted_ = 0;
  bool looking_ = false;
  bool ending_ = false;
};

}  // namespace armada_cache::rpc
