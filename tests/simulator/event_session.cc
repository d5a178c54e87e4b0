#include "tests/simulator/event_session.h"

namespace armada_cache::simulator {

std::shared_ptr<EventSession> EventSession::start(Reading reading, SessionSettings settings,
                                                  std::function<void(EventSession*)> gone) {
  std::shared_ptr<EventSession> session(
      new EventSession(std::move(reading), std::move(settings), std::move(gone)));
  session->self_ = session;
  if (session->reading_.stream) session->reading_.stream->reader_came();
  const std::lock_guard lock(session->mutex_);
  if (session->settings_.faults.delay_first.count() > 0) {
    session->pause(session->settings_.faults.delay_first);
  } else {
    session->pump();
  }
  return session;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventSession::refuse(const grpc::Status& status) {
  const std::shared_ptr<EventSession> session(new EventSession({}, {}, {}));
  session->self_ = session;
  session->end(status);
  return session.get();
}

EventSession::EventSession(Reading reading, SessionSettings settings,
                           std::function<void(EventSession*)> gone)
    : settings_(std::move(settings)),
      gone_(std::move(gone)),
      reading_(std::move(reading)),
      random_(settings_.seed) {}

void EventSession::end(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  finish(status);
}

void EventSession::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ending_) return finish(ending_status_);
  if (!ok) return finish(grpc::Status::CANCELLED);
  ++sent_;
  if (is_to_disconnect()) {
    return finish({grpc::StatusCode::UNAVAILABLE, "armada-sim: the connection is lost"});
  }
  if (settings_.faults.delay_between.count() > 0) return pause(settings_.faults.delay_between);
  pump();
}

void EventSession::OnCancel() {
  const std::lock_guard lock(mutex_);
  finish(grpc::Status::CANCELLED);
}

void EventSession::OnDone() {
  if (reading_.stream) {
    reading_.stream->count_sent(sent_ - counted_);
    reading_.stream->reader_went();
  }
  if (gone_) gone_(this);
  const std::shared_ptr<EventSession> last = std::move(self_);
}

void EventSession::pump() {
  if (writing_ || waiting_ || finished_) return;
  if (next_ < messages_.size() || fill()) return write_next();
  if (finished_) return;
  const auto wake = [weak = weak_from_this()] {
    const auto session = weak.lock();
    if (!session) return;
    const std::lock_guard lock(session->mutex_);
    session->waiting_ = false;
    session->ticket_ = 0;
    session->pump();
  };
  ticket_ = reading_.stream->wait_for(reading_.begin, wake);
  waiting_ = ticket_ != 0;
  if (!waiting_) pump();
}

void EventSession::pause(Milliseconds delay) {
  waiting_ = true;
  settings_.timers->after(delay, [weak = weak_from_this()] {
    const auto session = weak.lock();
    if (!session) return;
    const std::lock_guard lock(session->mutex_);
    session->waiting_ = false;
    session->pump();
  });
}

// Takes further messages from the stream; finishes where there are to be no more.
bool EventSession::fill() {
  messages_.clear();
  next_ = 0;
  if (!reading_.stream || reading_.begin >= reading_.end) {
    finish(grpc::Status::OK);
    return false;
  }
  reading_.stream->count_sent(sent_ - counted_);
  counted_ = sent_;
  reading_.begin =
      reading_.stream->read(reading_.begin, reading_.end, settings_.max_read_bytes, messages_);
  return !messages_.empty();
}

void EventSession::write_next() {
  const grpc::Slice slice(messages_[next_++]);
  outgoing_ = grpc::ByteBuffer(&slice, 1);
  grpc::WriteOptions options;
  // Not the first one: gRPC 1.51 never reports a write done that waits together with the headers.
  const bool more_follows = next_ < messages_.size() && settings_.faults.delay_between.count() == 0;
  if (more_follows && sent_ > 0) options.set_buffer_hint();
  writing_ = true;
  StartWrite(&outgoing_, options);
}

void EventSession::finish(const grpc::Status& status) {
  if (finished_) return;
  if (writing_) {
    if (!ending_) ending_status_ = status;
    ending_ = true;
    return;
  }
  finished_ = true;
  if (ticket_ != 0) reading_.stream->give_up(ticket_);
  Finish(status);
}

bool EventSession::is_to_disconnect() {
  const FaultOptions& faults = settings_.faults;
  return (faults.disconnect_after > 0 && sent_ >= faults.disconnect_after) ||
         happens(faults.disconnect_probability, random_);
}

}  // namespace armada_cache::simulator
