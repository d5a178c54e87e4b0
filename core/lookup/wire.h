// The read port's questions and answers as messages of armada_cache.internal.v1, and back.
#pragma once

#include <span>

#include "core/lookup/job_reader.h"

namespace armada_cache::internal::v1 {
class ActiveQueuesResponse;
class AskedRequest;
class AskedResponse;
class DetailsResponse;
class Extents;
class JobSetKey;
class ListRequest;
class ListResponse;
class RelaysRequest;
class RelaysResponse;
class StatusesResponse;
class SummarizeResponse;
}  // namespace armada_cache::internal::v1

namespace armada_cache::lookup {

namespace wire = internal::v1;

// Questions. `into` is empty before.
void write(const ListRequest& request, wire::ListRequest& into);
void write(std::span<const base::JobSet> job_sets, wire::RelaysRequest& into);
void write(const AskedRequest& request, wire::AskedRequest& into);
// kInvalidArgument: a limit below 1.
base::Result<ListRequest> read(const wire::ListRequest& from);
base::Result<AskedRequest> read(const wire::AskedRequest& from);
std::vector<base::JobSet> read(const wire::RelaysRequest& from);

// Partitions and extents.
void write_extents(const Freshness& of, wire::Extents& into);

// Answers. `into` is empty before.
void write(const StatusAnswer& answer, wire::StatusesResponse& into);
void write(DetailsAnswer answer, wire::DetailsResponse& into);
void write(const ListAnswer& answer, wire::ListResponse& into);
void write(const JobSetSummary& summary, wire::SummarizeResponse& into);
void write(const RelaysAnswer& answer, wire::RelaysResponse& into);
void write(const AskedAnswer& answer, wire::AskedResponse& into);
void write(const ActiveQueuesAnswer& answer, wire::ActiveQueuesResponse& into);

// kDataLoss: not as many parts as were asked for. kUnavailable: the answer tells of no partition.
// `of`: what it tells of; the answer's own extents, or those of all that were gathered.
base::Result<StatusAnswer> read(const wire::StatusesResponse& from, const wire::Extents& of,
                                std::size_t asked, bool with_queues);
base::Result<DetailsAnswer> read(wire::DetailsResponse&& from);
base::Result<ListAnswer> read(const wire::ListResponse& from);
base::Result<JobSetSummary> read(const wire::SummarizeResponse& from, const base::JobSet& of);
base::Result<RelaysAnswer> read(const wire::RelaysResponse& from,
                                std::span<const base::JobSet> asked);
base::Result<AskedAnswer> read(const wire::AskedResponse& from);
base::Result<ActiveQueuesAnswer> read(const wire::ActiveQueuesResponse& from);

}  // namespace armada_cache::lookup
