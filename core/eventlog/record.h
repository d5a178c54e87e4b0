// What goes into the log and what comes out of it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"

namespace armada_cache::eventlog {

using Partition = std::int32_t;
// Offsets of one partition grow by at least one from record to record. An "end offset" is the
// offset that the next record will get; a "start offset" that of the oldest one still kept.
using Offset = std::int64_t;

struct TopicPartition {
  std::string topic;
  Partition partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
};
// "partition 3 of topic armada.events": for messages.
std::string name_of(const TopicPartition& at);

// Where to read on, by partition.
using Positions = std::map<TopicPartition, Offset>;

struct Header {
  std::string name;
  std::string value;

  auto operator<=>(const Header&) const = default;
};

// A record to append. No value is a tombstone: compaction forgets the key.
struct Record {
  std::string key;
  std::optional<std::string> value;
  std::vector<Header> headers;

  // Bytes of key, value and headers: what bounds on memory are counted in.
  std::size_t bytes() const;
};

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// A record as read. The views belong to the reader and live until its next poll.
struct RecordView {
  std::string_view topic;
  Partition partition = 0;
  Offset offset = 0;
  base::Time appended_at;
  std::string_view key;
  std::optional<std::string_view> value;
  std::span<const HeaderView> headers;

  // Empty where there is no such header.
  std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace armada_cache::eventlog
