// One call of GetJobSetEvents, while it lasts.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/simulator/reading.h"
#include "tests/simulator/timers.h"

namespace armada_cache::simulator {

// What a session needs to know; the timers must outlive it.
struct SessionSettings {
  // What is written without flushing; gRPC 1.51 stalls if that exceeds its own buffer of 64 KB.
  std::size_t max_read_bytes = 32 << 10;
  FaultOptions faults;
  std::uint64_t seed = 0;
  Timers* timers = nullptr;
};

// Sends messages one at a time, each only after gRPC has taken the one before it, so what it holds
// is bounded by max_read_bytes and one message. Thread-safe. Owns itself until gRPC is done with
// it.
class EventSession final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                           public std::enable_shared_from_this<EventSession> {
 public:
  // `gone` is called once, when the session is over.
  static std::shared_ptr<EventSession> start(Reading reading, SessionSettings settings,
                                             std::function<void(EventSession*)> gone);
  // A session that only says this.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* refuse(const grpc::Status& status);

  // Ends the stream as soon as gRPC lets it. Does nothing if it is ending already.
  void end(const grpc::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  EventSession(Reading reading, SessionSettings settings, std::function<void(EventSession*)> gone);

  // All of these with the mutex held.
  void pump();
  void pause(Milliseconds delay);
  bool fill();
  void write_next();
  void finish(const grpc::Status& status);
  bool is_to_disconnect();

  const SessionSettings settings_;
  std::function<void(EventSession*)> gone_;

  std::mutex mutex_;
  Reading reading_;
  Random random_;
  std::vector<std::string> messages_;  // read from the stream, not yet written
  std::size_t next_ = 0;
  grpc::ByteBuffer outgoing_;
  std::uint64_t sent_ = 0;
  std::uint64_t counted_ = 0;
  JobSetStream::Ticket ticket_ = 0;
  bool writing_ = false;
  bool waiting_ = false;  // for the stream or for a timer
  bool finished_ = false;
  bool ending_ = false;  // with ending_status_, once the write under way is done
  grpc::Status ending_status_;
  std::shared_ptr<EventSession> self_;
};

}  // namespace armada_cache::simulator
