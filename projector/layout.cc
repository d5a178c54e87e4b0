#include "projector/layout.h"

#include <algorithm>
#include <cstring>

#include "projector/packing.h"

namespace armada_cache::projector {

namespace {

void pack(Packer packer, JobStatus status) {
  packer.u8(static_cast<std::uint8_t>(status.state));
  packer.u32(status.job_set).u32(status.last_transition_seconds);
}

JobStatus unpack(Unpacker& in) {
  JobStatus status;
  status.state = in.u8();
  status.job_set = in.u32();
  status.last_transition_seconds = in.u32();
  return status;
}

}  // namespace

void pack_status_to(JobStatus status, char* out) {
  const std::string packed = pack_status(status);
  std::memcpy(out, packed.data(), kStatusBytes);
}

std::optional<StoredJob> unpack_job(std::string_view value) {
  Unpacker in(value);
  StoredJob job;
  job.known = true;
  job.status = unpack(in);
  job.record = in.rest();
  if (!in.ok()) return std::nullopt;
  return job;
}

std::string pack_status(JobStatus status) {
  std::string out;
  pack(Packer(out), status);
  return out;
}

std::optional<JobStatus> unpack_status(std::string_view value) {
  Unpacker in(value);
  const JobStatus status = unpack(in);
  if (!in.ok()) return std::nullopt;
  return status;
}

std::string pack_job_set(const JobSetState& state) {
  std::string out;
  Packer packer(out);
  packer.u32(state.number);
  packer.varint(state.last_id.millis).varint(state.last_id.sequence).varint(state.last_id.index);
  for (const std::int64_t count : state.jobs_by_state) {
    packer.varint(static_cast<std::uint64_t>(count));
  }
  return out;
}

std::optional<JobSetState> unpack_job_set(std::string_view value) {
  Unpacker in(value);
  JobSetState state;
  state.number = in.u32();
  state.last_id.millis = in.varint();
  state.last_id.sequence = in.varint();
  state.last_id.index = in.varint();
  for (std::int64_t& count : state.jobs_by_state) count = static_cast<std::int64_t>(in.varint());
  if (!in.ok()) return std::nullopt;
  return state;
}

std::string job_set_prefix(JobSetNumber job_set) {
  std::string out;
  Packer(out).u32(job_set);
  return out;
}

std::string job_set_key(JobSetNumber job_set, std::string_view job_id) {
  std::string out;
  Packer(out).u32(job_set).rest(job_id);
  return out;
}

std::string uri_prefix(JobSetNumber job_set, std::string_view uri) {
  std::string out;
  Packer(out).u32(job_set).text(uri);
  return out;
}

std::string uri_key(JobSetNumber job_set, std::string_view uri, std::string_view job_id) {
  return uri_prefix(job_set, uri).append(job_id);
}

std::string rejected_key(std::uint64_t sequence) {
  std::string out;
  Packer(out).u64(sequence);
  return out;
}

std::optional<std::uint64_t> rejected_sequence(std::string_view key) {
  Unpacker in(key);
  const std::uint64_t sequence = in.u64();
  if (!in.ok()) return std::nullopt;
  return sequence;
}

std::string pack_rejected(const RejectedRecord& record) {
  std::string out;
  Packer packer(out);
  packer.u8(static_cast<std::uint8_t>(record.reason)).text(record.detail).text(record.topic);
  packer.u64(static_cast<std::uint64_t>(record.offset));
  packer.u64(static_cast<std::uint64_t>(base::to_unix_micros(record.appended_at)));
  packer.text(record.key).text(record.payload).varint(record.payload_bytes);
  packer.varint(record.headers.size());
  for (const eventlog::Header& header : record.headers) packer.text(header.name).text(header.value);
  return out;
}

std::optional<RejectedRecord> unpack_rejected(std::string_view value) {
  Unpacker in(value);
  RejectedRecord record;
  record.reason = static_cast<Rejection>(in.u8());
  record.detail = in.text();
  record.topic = in.text();
  record.offset = static_cast<eventlog::Offset>(in.u64());
  record.appended_at = base::from_unix_micros(static_cast<std::int64_t>(in.u64()));
  record.key = in.text();
  record.payload = in.text();
  record.payload_bytes = in.varint();
  for (std::uint64_t headers = in.varint(); headers > 0 && in.ok(); --headers) {
    std::string name(in.text());
    record.headers.push_back({std::move(name), std::string(in.text())});
  }
  if (!in.ok()) return std::nullopt;
  return record;
}

std::string pack_format(std::uint32_t version) {
  std::string out;
  Packer(out).u32(version);
  return out;
}

std::optional<std::uint32_t> unpack_format(std::string_view value) {
  Unpacker in(value);
  const std::uint32_t version = in.u32();
  if (!in.ok()) return std::nullopt;
  return version;
}

std::string pack_place(Place place) {
  std::string out;
  Packer(out)
      .u32(static_cast<std::uint32_t>(place.number))
      .u32(static_cast<std::uint32_t>(place.count));
  return out;
}

std::optional<Place> unpack_place(std::string_view value) {
  Unpacker in(value);
  Place place;
  place.number = static_cast<eventlog::Partition>(in.u32());
  place.count = static_cast<eventlog::Partition>(in.u32());
  if (!in.ok()) return std::nullopt;
  return place;
}

std::string pack_positions(Positions positions) {
  std::string out;
  Packer(out)
      .u64(static_cast<std::uint64_t>(positions.events))
      .u64(static_cast<std::uint64_t>(positions.relays));
  return out;
}

std::optional<Positions> unpack_positions(std::string_view value) {
  Unpacker in(value);
  Positions positions;
  positions.events = static_cast<eventlog::Offset>(in.u64());
  positions.relays = static_cast<eventlog::Offset>(in.u64());
  if (!in.ok()) return std::nullopt;
  return positions;
}

std::string pack_time(base::Time time) {
  std::string out;
  Packer(out).u64(static_cast<std::uint64_t>(base::to_unix_micros(time)));
  return out;
}

std::optional<base::Time> unpack_time(std::string_view value) {
  Unpacker in(value);
  const base::Time time = base::from_unix_micros(static_cast<std::int64_t>(in.u64()));
  if (!in.ok()) return std::nullopt;
  return time;
}

std::uint32_t to_unix_seconds(base::Time time) {
  const std::int64_t seconds = base::to_unix_micros(time) / 1'000'000;
  return seconds < 0 ? 0 : static_cast<std::uint32_t>(std::min<std::int64_t>(seconds, UINT32_MAX));
}

}  // namespace armada_cache::projector
