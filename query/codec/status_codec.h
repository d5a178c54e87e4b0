// The wire form of the one hot call, read and written by hand. The generated classes of
// armada/api/job.proto are its oracle: both take and refuse the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/lookup/job_reader.h"

namespace armada_cache::query {

struct StatusRequest {
  std::vector<std::string_view> job_ids;  // into the bytes parsed; each id once, first seen first
  std::size_t asked = 0;                  // ids in the request, repeated ones counted
};

// Reads an api.JobStatusRequest. Ids beyond the first `max_ids` are counted, not kept.
// kInvalidArgument: the bytes are none, or an id is no UTF-8.
base::Result<StatusRequest> parse_status_request(std::string_view bytes, std::size_t max_ids);

// Size and bytes of the api.JobStatusResponse that gives each id its state; kNone is written as
// UNKNOWN. `ids` and `statuses` are of the same length; `out` has room for that size.
std::size_t status_response_size(std::span<const std::string_view> ids,
                                 std::span<const lookup::JobStatus> statuses);
void write_status_response(std::span<const std::string_view> ids,
                           std::span<const lookup::JobStatus> statuses, std::uint8_t* out);

}  // namespace armada_cache::query
