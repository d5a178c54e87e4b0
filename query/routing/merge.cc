#include "query/routing/merge.h"

#include <algorithm>
#include <set>
#include <utility>

namespace armada_cache::query {
namespace {

using lookup::Freshness;

void add_doubt(const std::string& doubt, Freshness& into) {
  if (doubt.empty() || into.doubt.find(doubt) != std::string::npos) return;
  if (!into.doubt.empty()) into.doubt += "; ";
  into.doubt += doubt;
}

template <typename Value>
void add_new(const std::vector<Value>& values, std::vector<Value>& into) {
  for (const Value& value : values) {
    if (std::ranges::find(into, value) == into.end()) into.push_back(value);
  }
}

template <typename Answer>
std::vector<Freshness> freshness_of(const std::vector<Answer>& parts) {
  std::vector<Freshness> all;
  all.reserve(parts.size());
  for (const Answer& part : parts) all.push_back(part.freshness);
  return all;
}

}  // namespace

Freshness merge(std::span<const Freshness> parts) {
  Freshness merged = parts.front();
  for (const Freshness& part : parts.subspan(1)) {
    merged.as_of = std::min(merged.as_of, part.as_of);
    merged.certain = merged.certain && part.certain;
    merged.followed = merged.followed && part.followed;
    add_doubt(part.doubt, merged);
    add_new(part.resting, merged.resting);
    add_new(part.partitions, merged.partitions);
  }
  return merged;
}

Freshness merge_job_set(std::span<const Freshness> parts, std::size_t home) {
  Freshness merged = parts[home];
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == home) continue;
    add_new(parts[i].partitions, merged.partitions);
    if (parts[i].certain) continue;
    merged.certain = false;
    merged.as_of = std::min(merged.as_of, parts[i].as_of);
    add_doubt(parts[i].doubt, merged);
  }
  return merged;
}

lookup::StatusAnswer merge(std::vector<lookup::StatusAnswer> parts,
                           const std::vector<std::vector<std::size_t>>& at, std::size_t count) {
  if (parts.size() == 1) return std::move(parts.front());
  lookup::StatusAnswer merged;
  merged.statuses.resize(count);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (!parts[part].queues.empty()) merged.queues.resize(count);
    for (std::size_t i = 0; i < at[part].size(); ++i) {
      merged.statuses[at[part][i]] = parts[part].statuses[i];
      if (parts[part].queues.empty()) continue;
      merged.queues[at[part][i]] = std::move(parts[part].queues[i]);
    }
  }
  merged.freshness = merge(freshness_of(parts));
  return merged;
}

lookup::RelaysAnswer merge(std::vector<lookup::RelaysAnswer> parts,
                           const std::vector<std::vector<std::size_t>>& at, std::size_t count) {
  lookup::RelaysAnswer merged;
  merged.relays.resize(count);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (std::size_t i = 0; i < at[part].size(); ++i) {
      merged.relays[at[part][i]] = std::move(parts[part].relays[i]);
    }
  }
  merged.freshness = merge(freshness_of(parts));
  return merged;
}

lookup::DetailsAnswer merge(std::vector<lookup::DetailsAnswer> parts) {
  lookup::DetailsAnswer merged;
  for (lookup::DetailsAnswer& part : parts) {
    std::ranges::move(part.jobs, std::back_inserter(merged.jobs));
  }
  merged.freshness = merge(freshness_of(parts));
  return merged;
}

lookup::ListAnswer merge(std::vector<lookup::ListAnswer> parts, std::size_t home,
                         std::size_t limit) {
  lookup::ListAnswer merged;
  merged.freshness = merge_job_set(freshness_of(parts), home);
  for (lookup::ListAnswer& part : parts) {
    std::ranges::move(part.jobs, std::back_inserter(merged.jobs));
    if (!part.more) continue;
    // Beyond this, that part's jobs are not known.
    if (!merged.more || part.go_on_after < merged.go_on_after) {
      merged.go_on_after = part.go_on_after;
    }
    merged.more = true;
  }
  std::ranges::sort(merged.jobs, {}, &lookup::ListedJob::job_id);
  if (merged.more) {
    std::erase_if(merged.jobs, [&](const auto& job) { return job.job_id > merged.go_on_after; });
  }
  if (merged.jobs.size() > limit) {
    merged.jobs.resize(limit);
    merged.more = true;
    merged.go_on_after = merged.jobs.back().job_id;
  }
  return merged;
}

lookup::JobSetSummary merge(std::vector<lookup::JobSetSummary> parts, std::size_t home) {
  lookup::JobSetSummary merged;
  merged.freshness = merge_job_set(freshness_of(parts), home);
  merged.relay = std::move(parts[home].relay);
  for (const lookup::JobSetSummary& part : parts) {
    auto& sums = merged.jobs_by_state;
    sums.resize(std::max(sums.size(), part.jobs_by_state.size()));
    for (std::size_t i = 0; i < part.jobs_by_state.size(); ++i) sums[i] += part.jobs_by_state[i];
  }
  return merged;
}

lookup::AskedAnswer merge(const std::vector<lookup::AskedAnswer>& parts, std::size_t limit) {
  lookup::AskedAnswer merged;
  merged.as_of = base::Time::max();
  std::set<base::JobSet> job_sets;
  for (const lookup::AskedAnswer& part : parts) {
    job_sets.insert(part.job_sets.begin(), part.job_sets.end());
    merged.as_of = std::min(merged.as_of, part.as_of);
    add_new(part.partitions, merged.partitions);
    if (part.next && (!merged.next || *part.next < *merged.next)) merged.next = part.next;
  }
  for (const base::JobSet& job_set : job_sets) {
    if (merged.next && *merged.next < job_set) break;
    if (merged.job_sets.size() == limit) {
      merged.next = merged.job_sets.back();
      break;
    }
    merged.job_sets.push_back(job_set);
  }
  return merged;
}

lookup::ActiveQueuesAnswer merge(const std::vector<lookup::ActiveQueuesAnswer>& parts) {
  lookup::ActiveQueuesAnswer merged;
  std::set<std::pair<std::string, std::string>> queues;
  for (const lookup::ActiveQueuesAnswer& part : parts) {
    for (const lookup::ActiveQueue& queue : part.queues) queues.emplace(queue.pool, queue.queue);
  }
  for (const auto& [pool, queue] : queues) merged.queues.push_back({pool, queue});
  merged.freshness = merge(freshness_of(parts));
  return merged;
}

}  // namespace armada_cache::query
