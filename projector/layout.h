// Keys and values of the databases; schemas/rocksdb.md describes them for people. Decoders give
// nothing where the bytes are not of the form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projector/change_set.h"
#include "projector/place.h"
#include "projector/state.h"

namespace armada_cache::projector {

// Raised when an older program could no longer read what a newer one writes.
inline constexpr std::uint32_t kFormatVersion = 1;

// live and details: a job's status in kStatusBytes, then its record.
inline constexpr std::size_t kStatusBytes = 9;
void pack_status_to(JobStatus status, char* out);
std::optional<StoredJob> unpack_job(std::string_view value);

// status
std::string pack_status(JobStatus status);
std::optional<JobStatus> unpack_status(std::string_view value);

// job_sets
std::string pack_job_set(const JobSetState& state);
std::optional<JobSetState> unpack_job_set(std::string_view value);

// by_job_set: all keys of a job set, in the order of job ids, have its prefix.
std::string job_set_prefix(JobSetNumber job_set);
std::string job_set_key(JobSetNumber job_set, std::string_view job_id);
// by_uri
std::string uri_prefix(JobSetNumber job_set, std::string_view uri);
std::string uri_key(JobSetNumber job_set, std::string_view uri, std::string_view job_id);

// rejected: key and value.
std::string rejected_key(std::uint64_t sequence);
std::optional<std::uint64_t> rejected_sequence(std::string_view key);
std::string pack_rejected(const RejectedRecord& record);
std::optional<RejectedRecord> unpack_rejected(std::string_view value);

// meta
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kPlaceKey = "partition";
inline constexpr std::string_view kPositionsKey = "positions";
std::string pack_format(std::uint32_t version);
std::optional<std::uint32_t> unpack_format(std::string_view value);
std::string pack_place(Place place);
std::optional<Place> unpack_place(std::string_view value);
std::string pack_positions(Positions positions);
std::optional<Positions> unpack_positions(std::string_view value);
inline constexpr std::string_view kEventsAppendedKey = "events-appended";
std::string pack_time(base::Time time);
std::optional<base::Time> unpack_time(std::string_view value);

std::uint32_t to_unix_seconds(base::Time time);

}  // namespace armada_cache::projector
