#include "projector/job_listing.h"

#include <algorithm>
#include <iterator>

#include "armada_cache/internal/v1/job_record.pb.h"
#include "projector/job_search.h"

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
    return base::fail(base::ErrorCode::kDataLoss, "the record of job " + id + " is damaged");
  }
  return lookup::ListedJob{id, job.status.state, base::from_unix_micros(record.submitted_us()),
                           base::from_unix_micros(record.last_transition_us())};
}

// One partition's part of a page.
struct Part {
  std::vector<lookup::ListedJob> jobs;
  std::optional<std::string> cut_off_after;  // the last one looked at, if others were not
};

// The partition's first jobs that the request asks for, one more than its limit.
base::Result<Part> find_part(const Partition& partition, const lookup::ListRequest& request,
                             const Hidden& hidden, std::size_t scan_max) {
  Part part;
  const std::optional<JobSetState> job_set = partition.job_sets().find(request.job_set);
  if (!job_set) return part;
  const std::size_t chunk = std::min({request.limit + 1, kChunk, scan_max});
  std::string after = request.after_job_id;
  for (std::size_t looked_at = 0; part.jobs.size() <= request.limit;) {
    const auto ids = next_ids(partition, job_set->number, request, after, chunk);
    if (!ids) return tl::unexpected(ids.error());
    const std::vector<std::string_view> views(ids->begin(), ids->end());
    const auto jobs = find_jobs(partition, views, Reach::kDisk);
    if (!jobs) return tl::unexpected(jobs.error());
    for (std::size_t i = 0; i < ids->size() && part.jobs.size() <= request.limit; ++i) {
      const std::optional<OwnedJob>& job = (*jobs)[i].value;
      if (!job || hidden(job->status) || !wanted(job->status, request)) continue;
      auto entry = listed((*ids)[i], *job);
      if (!entry) return tl::unexpected(entry.error());
      part.jobs.push_back(*std::move(entry));
    }
    if (ids->size() < chunk) break;
    after = ids->back();
    looked_at += ids->size();
    if (looked_at >= scan_max && part.jobs.size() <= request.limit) {
      part.cut_off_after = std::move(after);
      break;
    }
  }
  return part;
}

// In the order of their ids. Where a partition was cut off, nothing behind that can be told: others
// may come before it.
lookup::ListAnswer merged(std::vector<lookup::ListedJob> jobs,
                          const std::optional<std::string>& cut_off_after, std::size_t limit) {
  lookup::ListAnswer answer;
  answer.jobs = std::move(jobs);
  std::ranges::sort(answer.jobs, {}, &lookup::ListedJob::job_id);
  if (cut_off_after) {
    const auto behind =
        std::ranges::upper_bound(answer.jobs, *cut_off_after, {}, &lookup::ListedJob::job_id);
    answer.jobs.erase(behind, answer.jobs.end());
    answer.more = true;
    answer.go_on_after = *cut_off_after;
  }
  if (answer.jobs.size() > limit) {
    answer.jobs.resize(limit);
    answer.more = true;
    answer.go_on_after = answer.jobs.empty() ? "" : answer.jobs.back().job_id;
  }
  return answer;
}

}  // namespace

base::Result<lookup::ListAnswer> list_jobs(std::span<Partition* const> partitions,
                                           const lookup::ListRequest& request, const Hidden& hidden,
                                           std::size_t scan_max) {
  std::vector<lookup::ListedJob> jobs;
  std::optional<std::string> cut_off_after;
  const std::size_t each = std::max<std::size_t>(scan_max / partitions.size(), 1);
  for (const Partition* partition : partitions) {
    auto part = find_part(*partition, request, hidden, each);
    if (!part) {
      return tl::unexpected(unreadable(*partition, part.error()));
    }
    std::ranges::move(part->jobs, std::back_inserter(jobs));
    if (!part->cut_off_after) continue;
    if (!cut_off_after || *part->cut_off_after < *cut_off_after) {
      cut_off_after = std::move(part->cut_off_after);
    }
  }
  return merged(std::move(jobs), cut_off_after, request.limit);
}

}  // namespace armada_cache::projector
