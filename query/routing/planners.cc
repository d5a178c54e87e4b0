#include "query/routing/planners.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/topics/partitioner.h"
#include "query/routing/merge.h"

namespace armada_cache::query {
namespace {

using eventlog::Partition;
using lookup::JobReader;

template <typename Item>
std::vector<Item> pick(const std::vector<Item>& items, const std::vector<std::size_t>& at) {
  std::vector<Item> picked;
  picked.reserve(at.size());
  for (const std::size_t i : at) picked.push_back(items[i]);
  return picked;
}

// Of items that belong to one partition each: the shares, or for no items at all one empty share
// for each of the projectors, whose freshness is asked for then.
struct Split {
  std::vector<const ProjectorEntry*> projectors;
  std::vector<std::vector<std::size_t>> at;
  std::vector<std::vector<Partition>> partitions;
};

base::Result<Split> split(const ProjectorMap& map, const Targets& avoided,
                          const std::vector<Partition>& of_items) {
  Split made;
  if (of_items.empty()) {
    auto all = cover(map, avoided);
    if (!all) return tl::unexpected(all.error());
    made.projectors = *std::move(all);
    made.at.resize(made.projectors.size());
    for (const ProjectorEntry* entry : made.projectors)
      made.partitions.push_back(entry->partitions);
    return made;
  }
  auto shares = route(map, of_items, avoided);
  if (!shares) return tl::unexpected(shares.error());
  for (Share& share : *shares) {
    std::vector<Partition> partitions;
    for (const std::size_t i : share.at) partitions.push_back(of_items[i]);
    std::ranges::sort(partitions);
    partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
    made.projectors.push_back(share.projector);
    made.at.push_back(std::move(share.at));
    made.partitions.push_back(std::move(partitions));
  }
  return made;
}

std::vector<Partition> partitions_of_jobs(const std::vector<std::string>& ids, Partition count) {
  std::vector<Partition> partitions;
  partitions.reserve(ids.size());
  for (const std::string& id : ids) partitions.push_back(topics::partition_of_job(id, count));
  return partitions;
}

// A leg for each projector of a cover, all asked the same.
template <typename Answer, typename Ask>
base::Result<std::vector<Leg<Answer>>> ask_all(const ProjectorMap& map, const Targets& avoided,
                                               const Ask& ask) {
  const auto all = cover(map, avoided);
  if (!all) return tl::unexpected(all.error());
  std::vector<Leg<Answer>> legs;
  for (const ProjectorEntry* entry : *all) {
    legs.push_back({entry->target, ask, entry->partitions, true});
  }
  return legs;
}

template <typename Answer>
std::size_t home_of(const base::JobSet& job_set, const ProjectorMap& map,
                    const std::vector<Leg<Answer>>& legs) {
  const Partition partition = topics::partition_of_job_set(job_set, map.partitions);
  const auto home = std::ranges::find_if(legs, [&](const Leg<Answer>& leg) {
    return std::ranges::binary_search(leg.partitions, partition);
  });
  return static_cast<std::size_t>(home - legs.begin());
}

}  // namespace

Planner<lookup::StatusAnswer> plan_statuses(std::vector<std::string> ids, bool with_queues) {
  using Answer = lookup::StatusAnswer;
  auto items = std::make_shared<const std::vector<std::string>>(std::move(ids));
  return [items, with_queues](const ProjectorMap& map,
                              const Targets& avoided) -> base::Result<Plan<Answer>> {
    auto parts = split(map, avoided, partitions_of_jobs(*items, map.partitions));
    if (!parts) return tl::unexpected(parts.error());
    Plan<Answer> plan;
    for (std::size_t i = 0; i < parts->at.size(); ++i) {
      auto ask = [items, with_queues, at = parts->at[i]](JobReader& reader,
                                                         JobReader::Done<Answer> done) {
        std::vector<std::string_view> views;
        views.reserve(at.size());
        for (const std::size_t item : at) views.emplace_back((*items)[item]);
        reader.statuses(views, with_queues, std::move(done));
      };
      plan.legs.push_back({parts->projectors[i]->target, ask, parts->partitions[i], false});
    }
    plan.merge = [at = std::move(parts->at), items](std::vector<Answer> answers) {
      return merge(std::move(answers), at, items->size());
    };
    return plan;
  };
}

Planner<lookup::DetailsAnswer> plan_details(std::vector<std::string> ids, bool with_spec) {
  using Answer = lookup::DetailsAnswer;
  return [ids = std::move(ids), with_spec](const ProjectorMap& map,
                                           const Targets& avoided) -> base::Result<Plan<Answer>> {
    const auto parts = split(map, avoided, partitions_of_jobs(ids, map.partitions));
    if (!parts) return tl::unexpected(parts.error());
    Plan<Answer> plan;
    for (std::size_t i = 0; i < parts->at.size(); ++i) {
      auto ask = [share = pick(ids, parts->at[i]), with_spec](JobReader& reader,
                                                              JobReader::Done<Answer> done) {
        reader.details(share, with_spec, std::move(done));
      };
      plan.legs.push_back({parts->projectors[i]->target, ask, parts->partitions[i], false});
    }
    plan.merge = [](std::vector<Answer> answers) { return merge(std::move(answers)); };
    return plan;
  };
}

Planner<lookup::RelaysAnswer> plan_relays(std::vector<base::JobSet> job_sets) {
  using Answer = lookup::RelaysAnswer;
  return [job_sets = std::move(job_sets)](const ProjectorMap& map,
                                          const Targets& avoided) -> base::Result<Plan<Answer>> {
    std::vector<Partition> partitions;
    for (const base::JobSet& job_set : job_sets) {
      partitions.push_back(topics::partition_of_job_set(job_set, map.partitions));
    }
    auto parts = split(map, avoided, partitions);
    if (!parts) return tl::unexpected(parts.error());
    Plan<Answer> plan;
    for (std::size_t i = 0; i < parts->at.size(); ++i) {
      auto ask = [share = pick(job_sets, parts->at[i])](JobReader& reader,
                                                        JobReader::Done<Answer> done) {
        reader.relays(share, std::move(done));
      };
      plan.legs.push_back({parts->projectors[i]->target, ask, parts->partitions[i], false});
    }
    plan.merge = [at = std::move(parts->at), count = job_sets.size()](std::vector<Answer> answers) {
      return merge(std::move(answers), at, count);
    };
    return plan;
  };
}

Planner<lookup::ListAnswer> plan_list(lookup::ListRequest request) {
  using Answer = lookup::ListAnswer;
  return [request = std::move(request)](const ProjectorMap& map,
                                        const Targets& avoided) -> base::Result<Plan<Answer>> {
    auto legs = ask_all<Answer>(map, avoided, [request](JobReader& reader, auto done) {
      reader.list(request, std::move(done));
    });
    if (!legs) return tl::unexpected(legs.error());
    const std::size_t home = home_of(request.job_set, map, *legs);
    return Plan<Answer>{*std::move(legs), [home, limit = request.limit](auto answers) {
                          return merge(std::move(answers), home, limit);
                        }};
  };
}

Planner<lookup::JobSetSummary> plan_summary(base::JobSet job_set) {
  using Answer = lookup::JobSetSummary;
  return [job_set = std::move(job_set)](const ProjectorMap& map,
                                        const Targets& avoided) -> base::Result<Plan<Answer>> {
    auto legs = ask_all<Answer>(map, avoided, [job_set](JobReader& reader, auto done) {
      reader.summarize(job_set, std::move(done));
    });
    if (!legs) return tl::unexpected(legs.error());
    const std::size_t home = home_of(job_set, map, *legs);
    return Plan<Answer>{*std::move(legs),
                        [home](auto answers) { return merge(std::move(answers), home); }};
  };
}

Planner<lookup::AskedAnswer> plan_asked(lookup::AskedRequest request) {
  using Answer = lookup::AskedAnswer;
  return [request = std::move(request)](const ProjectorMap& map,
                                        const Targets& avoided) -> base::Result<Plan<Answer>> {
    auto legs = ask_all<Answer>(map, avoided, [request](JobReader& reader, auto done) {
      reader.asked(request, std::move(done));
    });
    if (!legs) return tl::unexpected(legs.error());
    return Plan<Answer>{*std::move(legs),
                        [limit = request.limit](auto answers) { return merge(answers, limit); }};
  };
}

Planner<lookup::ActiveQueuesAnswer> plan_active_queues() {
  using Answer = lookup::ActiveQueuesAnswer;
  return [](const ProjectorMap& map, const Targets& avoided) -> base::Result<Plan<Answer>> {
    auto legs = ask_all<Answer>(
        map, avoided, [](JobReader& reader, auto done) { reader.active_queues(std::move(done)); });
    if (!legs) return tl::unexpected(legs.error());
    return Plan<Answer>{*std::move(legs), [](const auto& answers) { return merge(answers); }};
  };
}

}  // namespace armada_cache::query
