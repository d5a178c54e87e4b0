#include "core/topics/codecs.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/relay_generation.h"

namespace armada_cache::topics {
namespace {

constexpr std::string_view kLeaseEnd = "lease_end_us";
constexpr std::string_view kGeneration = "generation";

using base::ErrorCode;
using base::fail;
using base::JobSet;
using eventlog::Header;
using eventlog::Record;

template <typename Message>
bool parse(std::string_view bytes, Message& into) {
  return into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

template <typename Message>
base::Status decode_value(std::string_view value, Message& into) {
  if (parse(value, into)) return {};
  return fail(ErrorCode::kDataLoss, std::to_string(value.size()) + " bytes are not a " +
                                        into.GetTypeName() + ": the record is damaged");
}

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_percent_encoded(std::string_view text, std::string& to) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (is_unreserved(byte)) {
      to.push_back(character);
    } else {
      to.push_back('%');
      to.push_back(kHex[byte >> 4]);
      to.push_back(kHex[byte & 0xf]);
    }
  }
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::string source_of(const EventDescription& event) {
  std::string source;
  for (const std::string_view part : {event.cluster, std::string_view(event.job_set.queue),
                                      std::string_view(event.job_set.name)}) {
    source.push_back('/');
    append_percent_encoded(part, source);
  }
  return source;
}

// RFC 3339 in UTC with microseconds, as CloudEvents wants it.
std::string rfc3339(base::Time time) {
  const std::int64_t micros = base::to_unix_micros(time);
  const std::time_t seconds = micros / 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[48];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%06dZ",
                static_cast<int>(micros % 1'000'000));
  return text;
}

// What a header of a tombstone says.
std::optional<std::int64_t> number_of_tombstone(const eventlog::RecordView& record,
                                                std::string_view header) {
  const auto text = record.header(header);
  if (record.value || !text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

}  // namespace

std::vector<eventlog::TopicSpec> topic_specs(eventlog::Partition partitions,
                                             std::chrono::milliseconds event_retention) {
  using eventlog::Cleanup;
  return {{std::string(kEvents), partitions, Cleanup::kRetention, event_retention},
          {std::string(kRelays), partitions, Cleanup::kCompaction, {}},
          {std::string(kSubscriptions), partitions, Cleanup::kCompaction, {}}};
}

std::string encode_key(const JobSet& job_set) {
  internal::v1::JobSetKey key;
  key.set_queue(job_set.queue);
  key.set_job_set(job_set.name);
  return key.SerializeAsString();
}

std::string encode_key(const SubscriptionName& subscription) {
  internal::v1::SubscriptionKey key;
  key.set_queue(subscription.job_set.queue);
  key.set_job_set(subscription.job_set.name);
  key.set_subscriber(subscription.subscriber);
  return key.SerializeAsString();
}

base::Result<JobSet> decode_relay_key(std::string_view bytes) {
  internal::v1::JobSetKey key;
  if (auto decoded = decode_value(bytes, key); !decoded) return tl::unexpected(decoded.error());
  return JobSet{key.queue(), key.job_set()};
}

base::Result<SubscriptionName> decode_subscription_key(std::string_view bytes) {
  internal::v1::SubscriptionKey key;
  if (auto decoded = decode_value(bytes, key); !decoded) return tl::unexpected(decoded.error());
  return SubscriptionName{{key.queue(), key.job_set()}, key.subscriber()};
}

Record relay_record(const JobSet& job_set, const internal::v1::RelayRecord& value) {
  return {encode_key(job_set), value.SerializeAsString(), {}};
}

Record subscription_record(const SubscriptionName& name,
                           const internal::v1::SubscriptionRecord& value) {
  return {encode_key(name), value.SerializeAsString(), {}};
}

Record subscription_tombstone(const SubscriptionName& name) {
  return {encode_key(name), std::nullopt, {}};
}

Record relay_tombstone(const JobSet& job_set, std::int64_t generation) {
  return {
      encode_key(job_set), std::nullopt, {{std::string(kGeneration), std::to_string(generation)}}};
}

std::optional<std::int64_t> tombstone_generation(const eventlog::RecordView& record) {
  const auto generation = number_of_tombstone(record, kGeneration);
  const bool is_one = generation && *generation >= 0 && *generation <= kMaxRelayGeneration;
  return is_one ? generation : std::nullopt;
}

bool is_stale_tombstone(const eventlog::RecordView& record, std::int64_t generation) {
  return tombstone_generation(record).value_or(generation) < generation;
}

Record subscription_removal(const SubscriptionName& name, base::Time lease_end) {
  return {encode_key(name),
          std::nullopt,
          {{std::string(kLeaseEnd), std::to_string(base::to_unix_micros(lease_end))}}};
}

std::optional<base::Time> removed_lease_end(const eventlog::RecordView& record) {
  const auto micros = number_of_tombstone(record, kLeaseEnd);
  if (!micros) return std::nullopt;
  return base::from_unix_micros(*micros);
}

base::Status decode(std::string_view value, internal::v1::RelayRecord& into) {
  if (auto decoded = decode_value(value, into); !decoded) return decoded;
  if (into.generation() >= 0 && into.generation() <= kMaxRelayGeneration) return {};
  return fail(ErrorCode::kDataLoss, "a relay record has generation " +
                                        std::to_string(into.generation()) +
                                        ", which none can have: the record is damaged");
}

base::Status decode(std::string_view value, internal::v1::SubscriptionRecord& into) {
  return decode_value(value, into);
}

Record event_record(const EventDescription& event, std::string message) {
  std::vector<Header> headers;
  headers.reserve(7);
  headers.push_back({"ce_specversion", "1.0"});
  headers.push_back({"ce_id", std::string(event.upstream_id)});
  headers.push_back({"ce_source", source_of(event)});
  headers.push_back({"ce_type", "io.armadaproject.job." + std::string(event.kind)});
  headers.push_back({"ce_subject", std::string(event.job_id)});
  if (event.created.time_since_epoch().count() > 0) {
    headers.push_back({"ce_time", rfc3339(event.created)});
  }
  headers.push_back({"content-type", "application/protobuf"});
  return {std::string(event.job_id), std::move(message), std::move(headers)};
}

base::Result<JobSet> job_set_of_event(const eventlog::RecordView& record) {
  const auto source = record.header("ce_source");
  if (!source) return fail(ErrorCode::kDataLoss, "an event record has no header ce_source");
  const auto malformed = [&] {
    return fail(ErrorCode::kDataLoss,
                "header ce_source is '" + std::string(*source) + "', not '/cluster/queue/job set'");
  };
  const std::size_t queue_at = source->find('/', 1);
  if (!source->starts_with('/') || queue_at == std::string_view::npos) return malformed();
  const std::size_t name_at = source->find('/', queue_at + 1);
  if (name_at == std::string_view::npos) return malformed();
  const auto queue = percent_decoded(source->substr(queue_at + 1, name_at - queue_at - 1));
  const auto name = percent_decoded(source->substr(name_at + 1));
  if (!queue || !name || source->find('/', name_at + 1) != std::string_view::npos) {
    return malformed();
  }
  return JobSet{*queue, *name};
}

}  // namespace armada_cache::topics
