#include "projector/job_listing.h"

#include <algorithm>

#include "armada_cache/internal/v1/job_record.pb.h"

namespace armada_cache::projector {
namespace {

using Hidden = std::function<bool(const JobStatus&)>;
constexpr std::size_t kChunk = 256;

base::Result<std::vector<std::string>> next_ids(const Partition& partition, JobSetNumber number,
                                                const lookup::ListRequest& request,
                                                std::string_view after, std::size_t limit) {
  if (request.external_uri.empty()) return partition.store().ids_of(number, after, limit);
  return partition.store().ids_of_uri(number, request.external_uri, after, limit);
}

bool wanted(const JobStatus& status, const lookup::ListRequest& request) {
  return request.states.empty() || std::find(request.states.begin(), request.states.end(),
                                             status.state) != request.states.end();
}

base::Result<lookup::ListedJob> listed(const std::string& id, const OwnedJob& job) {
  internal::v1::JobRecord record;
  if (!record.ParseFromString(job.record)) {
    return base::fail(base::ErrorCode::kUnavailable, "the record of job " + id + " is damaged");
  }
  return lookup::ListedJob{id, job.status.state, base::from_unix_micros(record.submitted_us()),
                           base::from_unix_micros(record.last_transition_us())};
}

// Adds the partition's first jobs that the request asks for, one more than its limit.
base::Status add_jobs(const Partition& partition, const lookup::ListRequest& request,
                      const Hidden& hidden, std::vector<lookup::ListedJob>& into) {
  const std::optional<JobSetState> job_set = partition.job_sets().find(request.job_set);
  if (!job_set) return {};
  const std::size_t enough = into.size() + request.limit + 1;
  const std::size_t chunk = std::min(request.limit + 1, kChunk);
  std::string after = request.after_job_id;
  while (into.size() < enough) {
    const auto ids = next_ids(partition, job_set->number, request, after, chunk);
    if (!ids) return tl::unexpected(ids.error());
    const std::vector<std::string_view> views(ids->begin(), ids->end());
    const auto jobs = find_jobs(partition, views, Reach::kDisk);
    if (!jobs) return tl::unexpected(jobs.error());
    for (std::size_t i = 0; i < ids->size() && into.size() < enough; ++i) {
      const std::optional<OwnedJob>& job = (*jobs)[i].value;
      if (!job || hidden(job->status) || !wanted(job->status, request)) continue;
      auto entry = listed((*ids)[i], *job);
      if (!entry) return tl::unexpected(entry.error());
      into.push_back(*std::move(entry));
    }
    if (ids->size() < chunk) return {};
    after = ids->back();
  }
  return {};
}

}  // namespace

base::Result<lookup::ListAnswer> list_jobs(std::span<Partition* const> partitions,
                                           const lookup::ListRequest& request,
                                           const Hidden& hidden) {
  lookup::ListAnswer answer;
  for (const Partition* partition : partitions) {
    if (auto added = add_jobs(*partition, request, hidden, answer.jobs); !added) {
      return base::fail(base::ErrorCode::kUnavailable,
                        "partition " + std::to_string(partition->number()) +
                            " cannot be read now: " + added.error().message);
    }
  }
  std::sort(answer.jobs.begin(), answer.jobs.end(),
            [](const auto& a, const auto& b) { return a.job_id < b.job_id; });
  answer.more = answer.jobs.size() > request.limit;
  if (answer.more) answer.jobs.resize(request.limit);
  return answer;
}

}  // namespace armada_cache::projector
