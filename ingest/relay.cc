#include "ingest/relay.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/base/upstream_id.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "ingest/envelope.h"

namespace armada_cache::ingest {
namespace {

// Only what Armada itself could have sent is sent back to it.
std::string usable_cursor(const base::JobSet& job_set, const std::string& cursor) {
  if (cursor.empty() || base::UpstreamId::parse(cursor)) return cursor;
  base::log_warn("a stored cursor is no message id; reading the job set from its start",
                 {{"queue", job_set.queue}, {"job_set", job_set.name}});
  return "";
}

}  // namespace

Relay::Relay(RelayServices& services, base::JobSet job_set, const RelayStatus& stored,
             std::uint64_t seed)
    : services_(services),
      job_set_(std::move(job_set)),
      home_(topics::partition_of_job_set(job_set_, services.options.partitions)),
      machine_(services.options.times, seed, stored.connected_at),
      outbox_(usable_cursor(job_set_, stored.cursor)),
      census_(services.options.known_jobs),
      counted_as_(machine_.state()) {
  census_.restart(outbox_.cursor().empty());
  services_.metrics.relay_added(counted_as_);
}

Relay::~Relay() {
  close();
  note_stored();
  services_.metrics.relay_removed(counted_as_);
  release_bytes(outbox_.held());
}

void Relay::start() {
  wanted_ = true;
  stopped_ = false;
  perform(machine_.start(now()));
}

void Relay::stop() {
  wanted_ = false;
  note_alive();
  perform(machine_.stop(now(), outbox_.is_settled()));
}

void Relay::release() {
  wanted_ = false;
  note_alive();
  perform(machine_.release(now(), outbox_.is_settled()));
}

void Relay::give_way() {
  wanted_ = false;
  note_alive();
  perform(machine_.give_way(now(), outbox_.is_settled()));
}

void Relay::look(const RelayStatus& left) {
  wanted_ = true;
  record_state_stored_ = left.state;
  perform(machine_.look(now(), left));
}

void Relay::renew() {
  note_record_due();
  perform(machine_.on_renewal(now()));
}

void Relay::on_time() {
  if (record_due_ && *record_due_ <= now()) write_record();
  note_alive();
  perform(machine_.on_time(now(), census_.left()));
}

std::optional<base::Time> Relay::wake_at() const {
  const auto machine = machine_.wake_at(census_.left());
  const auto record = record_in_flight_ ? std::nullopt : record_due_;
  if (machine && record) return std::min(*machine, *record);
  return machine ? machine : record;
}

RelayStatus Relay::status() const {
  return {machine_.state(), machine_.last_error(), machine_.state_since(), machine_.connected_at(),
          outbox_.cursor()};
}

std::optional<base::Time> Relay::vouched_until(base::Duration patience) {
  const RelayState told = state_told();
  const bool relied_on = relay::meaning_of(told).doubt == relay::Doubt::kNone;
  if (told != RelayState::kUnspecified && !relied_on) return base::Time::max();
  if (refused_ || told != machine_.state()) return std::nullopt;
  if (sent_ && now() - *sent_ > patience) return std::nullopt;
  if (told != RelayState::kFollowing) return base::Time::max();
  note_alive();
  return std::min(machine_.whole_until(), unstored_since_.value_or(base::Time::max()));
}

// Before whatever may end the stream.
void Relay::note_alive() {
  if (stream_) machine_.on_alive(stream_->alive_at());
}

void Relay::perform(RelayActions actions) {
  if (actions.close_stream) close();
  if (actions.from_the_start) {
    release_bytes(outbox_.restart(""));
    census_.restart(true);
  }
  if (actions.reread_credentials) services_.armada.reread_credentials();
  if (actions.open) open(*actions.open);
  if (actions.stopped) stopped_ = true;
  if (counted_as_ != machine_.state()) {
    services_.metrics.relay_removed(counted_as_);
    counted_as_ = machine_.state();
    services_.metrics.relay_added(counted_as_);
  }
  const bool tries = counted_as_ == RelayState::kRetrying || counted_as_ == RelayState::kCatchingUp;
  if (!tries) note_stored();  // nothing that the log refused is left
  if (actions.write_status) {
    log_state();
    record_due_ = now();
    write_record();
  }
  services_.changed(*this);
}

void Relay::log_state() {
  const auto left_out = services_.lines.states.take();
  if (!left_out) return;
  base::log_info("relay", {{"queue", job_set_.queue},
                           {"job_set", job_set_.name},
                           {"state", name_of(machine_.state())},
                           {"reason", machine_.last_error()},
                           {"lines_left_out_before", *left_out}});
}

void Relay::open(const OpenStream& how) {
  close();
  asked_from_start_ = outbox_.last_read().empty();
  StreamCallbacks callbacks{[this](std::vector<std::string> m) { on_messages(std::move(m)); },
                            [this](const base::Status& end) { on_end(end); }};
  stream_ = services_.armada.open({job_set_, how.watch, how.error_if_missing, outbox_.last_read()},
                                  std::move(callbacks));
  services_.metrics.stream_opened();
  credit_ = 0;
  top_up();
}

void Relay::close() {
  if (!stream_) return;
  stream_.reset();
  services_.metrics.stream_closed();
}

void Relay::top_up() {
  grant_what_there_is_room_for();
  machine_.on_reading(now(), stream_ != nullptr && credit_ <= 0);
}

void Relay::grant_what_there_is_room_for() {
  if (!stream_ || outbox_.held() >= services_.options.buffer_bytes) return;
  if (services_.budget.is_exhausted()) {
    if (std::exchange(waits_for_budget_, true)) return;
    services_.budget.wait([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->waits_for_budget_ = false;
      self->top_up();
      self->services_.changed(*self);
    });
    return;
  }
  const auto target = static_cast<std::int64_t>(services_.options.read_ahead_bytes);
  if (credit_ > target / 2) return;
  const std::int64_t more = target - credit_;
  credit_ = target;
  stream_->grant(static_cast<std::size_t>(more));
}

void Relay::on_messages(std::vector<std::string> messages) {
  std::size_t bytes = 0;
  std::size_t cost = 0;
  if (!unstored_since_) unstored_since_ = now();
  for (std::string& message : messages) {
    bytes += message.size();
    cost += cost_of(message);
    relay(std::move(message));
  }
  services_.metrics.relayed(messages.size(), bytes);
  services_.budget.hold(cost);
  services_.metrics.buffered(services_.budget.held());
  credit_ -= static_cast<std::int64_t>(cost);
  send();
  top_up();
  perform(machine_.on_messages(now()));
}

void Relay::relay(std::string message) {
  const Envelope envelope = open_envelope(message);
  if (!envelope.readable) services_.metrics.undecodable();
  census_.see(envelope);
  const bool resumable = base::UpstreamId::parse(envelope.id).has_value();
  const std::string id = resumable ? std::string(envelope.id) : std::string();
  const std::size_t cost = cost_of(message);
  const auto to = envelope.job_id.empty()
                      ? home_
                      : topics::partition_of_job(envelope.job_id, services_.options.partitions);
  // The envelope's views point into the message, which a short string would move with it.
  const std::string head(envelope.id);
  const std::string job_id(envelope.job_id);
  auto record = topics::event_record(
      {services_.options.cluster, job_set_, head, envelope.kind, job_id, envelope.created},
      std::move(message));
  outbox_.add(to, std::move(record), id, cost);
}

void Relay::on_end(const base::Status& end) {
  note_alive();
  close();
  services_.metrics.stream_ended(end);
  perform(machine_.on_stream_end(now(), end, asked_from_start_, outbox_.is_settled()));
}

void Relay::send() {
  auto group = outbox_.take();
  if (!group) return;
  sent_ = now();
  for (auto& [partition, records] : group->parts) {
    auto done = [services = &services_, weak = weak_from_this(), number = group->number,
                 sent = now()](const base::Result<eventlog::Offset>& result) {
      base::Status status;
      if (!result) status = tl::unexpected(result.error());
      services->post([weak, number, sent, status = std::move(status)] {
        if (const auto self = weak.lock()) self->on_part(number, sent, status);
      });
    };
    services_.appender.append({std::string(topics::kEvents), partition}, std::move(records),
                              std::move(done));
  }
}

void Relay::on_part(std::uint64_t group, base::Time sent, const base::Status& status) {
  Outbox::Outcome outcome = outbox_.report(group, status);
  release_bytes(outcome.released);
  if (outcome.error || outcome.moved) {
    sent_.reset();
    unstored_since_.reset();
    // What is left was read after the group had left.
    if (!outbox_.is_settled()) unstored_since_ = sent;
  }
  if (outcome.error) {
    services_.metrics.append_failed(outcome.error->code);
    note_refused(*outcome.error);
    census_.restart(outbox_.cursor().empty());
    note_alive();
    perform(machine_.on_append_error(now(), *outcome.error));
    return;
  }
  send();
  top_up();
  if (!outcome.moved) return;
  services_.metrics.appended(now() - sent);
  note_stored();
  note_record_due();
  perform(machine_.on_acknowledged(now(), outbox_.is_settled()));
}

void Relay::release_bytes(std::size_t bytes) {
  if (bytes == 0) return;
  services_.budget.release(bytes);
  services_.metrics.buffered(services_.budget.held());
}

void Relay::note_refused(const base::Error& why) {
  services_.refused.refused(!std::exchange(refused_, true), why);
}

void Relay::note_stored() {
  if (std::exchange(refused_, false)) services_.refused.stored();
}

void Relay::note_record_due() {
  if (record_due_) return;
  record_due_ = std::max(now(), record_written_ + services_.options.cursor_interval);
}

void Relay::write_record() {
  if (record_in_flight_) return;
  record_due_.reset();
  record_in_flight_ = true;
  record_written_ = now();
  record_state_ = machine_.state();
  std::vector<eventlog::Record> records;
  records.push_back(encode_relay(job_set_, status(), services_.generations[home_], now()));
  services_.appender.append(
      {std::string(topics::kRelays), home_}, std::move(records),
      [services = &services_, weak = weak_from_this()](const base::Result<eventlog::Offset>& r) {
        base::Status written;
        if (!r) written = tl::unexpected(r.error());
        services->post([weak, written = std::move(written)] {
          if (const auto self = weak.lock()) self->on_record_written(written);
        });
      });
}

void Relay::on_record_written(const base::Status& written) {
  record_in_flight_ = false;
  // It may be there all the same.
  record_state_stored_ = written ? record_state_ : RelayState::kUnspecified;
  if (!written) {
    if (const auto left_out = services_.lines.failures.take()) {
      base::log_warn("a relay's record was not written, trying again",
                     {{"queue", job_set_.queue},
                      {"job_set", job_set_.name},
                      {"error", written.error().message},
                      {"lines_left_out_before", *left_out}});
    }
    record_due_ = now() + services_.options.record_retry;
  }
  if (record_due_ && *record_due_ <= now()) write_record();
  services_.changed(*this);
}

}  // namespace armada_cache::ingest
