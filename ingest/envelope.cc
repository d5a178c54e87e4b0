#include "ingest/envelope.h"

#include <cstdint>

#include "core/base/wire.h"

namespace armada_cache::ingest {
namespace {

using Type = base::WireType;

constexpr std::uint32_t kFailed = 9;
constexpr std::uint32_t kRetryableOfFailed = 18;
// Timestamps of the years 1 to 9999, the range that protobuf defines.
constexpr std::int64_t kMinSeconds = -62'135'596'800;
constexpr std::int64_t kMaxSeconds = 253'402'300'799;

struct Kind {
  std::uint32_t field;
  std::string_view name;
};

constexpr Kind kKinds[] = {{1, "submitted"},      {2, "queued"},        {3, "leased"},
                           {4, "lease_returned"}, {5, "lease_expired"}, {6, "pending"},
                           {7, "running"},        {9, "failed"},        {10, "succeeded"},
                           {11, "reprioritized"}, {12, "cancelling"},   {13, "cancelled"},
                           {15, "utilisation"},   {17, "ingress_info"}, {18, "reprioritizing"},
                           {21, "preempted"},     {22, "preempting"}};

std::string_view kind_of(std::uint32_t field) {
  for (const Kind& kind : kKinds) {
    if (kind.field == field) return kind.name;
  }
  return {};
}

struct Instant {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
};

bool read_timestamp(std::string_view bytes, Instant& into) {
  base::WireFields reader(bytes);
  while (const auto field = reader.next()) {
    if (field->type != Type::kVarint) continue;
    if (field->number == 1) into.seconds = static_cast<std::int64_t>(field->varint);
    if (field->number == 2) into.nanos = static_cast<std::int32_t>(field->varint);
  }
  return !reader.is_broken();
}

base::Time to_time(const Instant& instant) {
  if (instant.seconds < kMinSeconds || instant.seconds > kMaxSeconds) return {};
  return base::from_unix_micros(instant.seconds * 1'000'000 + instant.nanos / 1000);
}

struct Event {
  std::uint32_t number = 0;
  std::string_view job_id;
  Instant created;
  bool retryable = false;
};

bool read_event(std::string_view bytes, Event& into) {
  base::WireFields reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->type == Type::kBytes) into.job_id = field->bytes;
    if (field->number == 4 && field->type == Type::kBytes &&
        !read_timestamp(field->bytes, into.created)) {
      return false;
    }
    if (into.number == kFailed && field->number == kRetryableOfFailed &&
        field->type == Type::kVarint) {
      into.retryable = field->varint != 0;
    }
  }
  return !reader.is_broken();
}

// The last kind on the wire wins; the same kind again is merged, as protobuf does.
bool read_event_message(std::string_view bytes, Event& into) {
  base::WireFields reader(bytes);
  while (const auto field = reader.next()) {
    if (field->type != Type::kBytes || kind_of(field->number).empty()) continue;
    if (into.number != field->number) into = Event{field->number, {}, {}, false};
    if (!read_event(field->bytes, into)) return false;
  }
  return !reader.is_broken();
}

}  // namespace

Envelope open_envelope(std::string_view message) {
  Envelope envelope;
  Event event;
  base::WireFields reader(message);
  while (const auto field = reader.next()) {
    if (field->type != Type::kBytes) continue;
    if (field->number == 1) envelope.id = field->bytes;
    if (field->number == 2 && !read_event_message(field->bytes, event)) {
      envelope.readable = false;
    }
  }
  envelope.readable = envelope.readable && !reader.is_broken();
  if (!envelope.readable) return envelope;
  envelope.kind = kind_of(event.number);
  envelope.job_id = event.job_id;
  envelope.created = to_time(event.created);
  envelope.retryable = event.retryable;
  return envelope;
}

}  // namespace armada_cache::ingest
