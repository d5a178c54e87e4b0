// Names, keys, values and headers of the three topics; schemas/topics.md describes them for others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/job_set.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::internal::v1 {
class RelayRecord;
class SubscriptionRecord;
}  // namespace armada_cache::internal::v1

namespace armada_cache::topics {

inline constexpr std::string_view kEvents = "armada.events";
inline constexpr std::string_view kRelays = "armada.relays";
inline constexpr std::string_view kSubscriptions = "armada.subscriptions";

// The three topics as they are to be created, all with the same partition count.
std::vector<eventlog::TopicSpec> topic_specs(eventlog::Partition partitions,
                                             std::chrono::milliseconds event_retention);

struct SubscriptionName {
  base::JobSet job_set;
  std::string subscriber;

  auto operator<=>(const SubscriptionName&) const = default;
};

// Keys. kDataLoss: the bytes are no such key.
std::string encode_key(const base::JobSet& job_set);
std::string encode_key(const SubscriptionName& subscription);
base::Result<base::JobSet> decode_relay_key(std::string_view key);
base::Result<SubscriptionName> decode_subscription_key(std::string_view key);

// Values. kDataLoss: the bytes are no such value.
eventlog::Record relay_record(const base::JobSet& job_set, const internal::v1::RelayRecord& value);
eventlog::Record subscription_record(const SubscriptionName& name,
                                     const internal::v1::SubscriptionRecord& value);
// A tombstone of a partition's owner of that generation: it counts only where no newer owner has
// written.
eventlog::Record relay_tombstone(const base::JobSet& job_set, std::int64_t generation);
// Whether it is one that a former owner wrote, after a record of this generation.
bool is_stale_tombstone(const eventlog::RecordView& record, std::int64_t generation);
// None: the tombstone names no generation that a relay can have, and always counts.
std::optional<std::int64_t> tombstone_generation(const eventlog::RecordView& record);
eventlog::Record subscription_tombstone(const SubscriptionName& name);
// A tombstone that counts only where the lease that it ends was not renewed beyond `lease_end`.
eventlog::Record subscription_removal(const SubscriptionName& name, base::Time lease_end);
// None: the record is no such tombstone.
std::optional<base::Time> removed_lease_end(const eventlog::RecordView& record);
base::Status decode(std::string_view value, internal::v1::RelayRecord& into);
base::Status decode(std::string_view value, internal::v1::SubscriptionRecord& into);

// What is known of a relayed message besides its bytes. Parts that could not be read are empty.
struct EventDescription {
  std::string_view cluster;  // the name of the Armada it came from
  base::JobSet job_set;      // whose stream it came in
  std::string_view upstream_id;
  std::string_view kind;  // such as "submitted"
  std::string_view job_id;
  base::Time created;  // 0 where unknown
};

// CloudEvents 1.0, Kafka binding, binary mode: ce_specversion, ce_id, ce_source
// ("/cluster/queue/job set", each part percent-encoded), ce_type ("io.armadaproject.job.KIND"),
// ce_subject (the job id), ce_time, content-type.
eventlog::Record event_record(const EventDescription& event, std::string message);

// The job set that an event record's ce_source names. kDataLoss: no such header, or malformed.
base::Result<base::JobSet> job_set_of_event(const eventlog::RecordView& record);

}  // namespace armada_cache::topics
