#include "query/routing/planners.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/lookup/kept_ids.h"
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
base::Result<std::vector<Share>> split(const ProjectorMap& map, const Targets& avoided,
                                       const std::vector<Partition>& of_items) {
  if (!of_items.empty()) return route(map, of_items, avoided);
  const auto all = cover(map, avoided);
  if (!all) return tl::unexpected(all.error());
  std::vector<Share> shares;
  for (const ProjectorEntry* entry : *all) shares.push_back({entry, {}, entry->partitions});
  return shares;
}

// Which items each leg asks for.
std::vector<std::vector<std::size_t>> take_at(std::vector<Share>& shares) {
  std::vector<std::vector<std::size_t>> at;
  at.reserve(shares.size());
  for (Share& share : shares) at.push_back(std::move(share.at));
  return at;
}

template <typename Ids>
std::vector<Partition> partitions_of_jobs(const Ids& ids, Partition count) {
  std::vector<Partition> partitions;
  partitions.reserve(ids.size());
  for (const auto& id : ids) partitions.push_back(topics::partition_of_job(id, count));
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

Planner<lookup::StatusAnswer> plan_statuses(std::span<const std::string_view> ids,
                                            bool with_queues) {
  using Answer = lookup::StatusAnswer;
  auto items = std::make_shared<const lookup::KeptIds>(ids);
  return [items, with_queues](const ProjectorMap& map,
                              const Targets& avoided) -> base::Result<Plan<Answer>> {
    auto shares = split(map, avoided, partitions_of_jobs(items->views(), map.partitions));
    if (!shares) return tl::unexpected(shares.error());
    const auto at = std::make_shared<const std::vector<std::vector<std::size_t>>>(take_at(*shares));
    Plan<Answer> plan;
    plan.legs.reserve(shares->size());
    for (std::size_t i = 0; i < shares->size(); ++i) {
      auto ask = [items, with_queues, at, i](JobReader& reader, JobReader::Done<Answer> done) {
        std::vector<std::string_view> views;
        views.reserve((*at)[i].size());
        for (const std::size_t item : (*at)[i]) views.push_back(items->views()[item]);
        reader.statuses(views, with_queues, std::move(done));
      };
      Share& share = (*shares)[i];
      plan.legs.push_back(
          {share.projector->target, std::move(ask), std::move(share.partitions), false});
    }
    plan.merge = [at, items](std::vector<Answer> answers) {
      return merge(std::move(answers), *at, items->views().size());
    };
    return plan;
  };
}

Planner<lookup::DetailsAnswer> plan_details(std::vector<std::string> ids, bool with_spec) {
  using Answer = lookup::DetailsAnswer;
  return [ids = std::move(ids), with_spec](const ProjectorMap& map,
                                           const Targets& avoided) -> base::Result<Plan<Answer>> {
    const auto shares = split(map, avoided, partitions_of_jobs(ids, map.partitions));
    if (!shares) return tl::unexpected(shares.error());
    Plan<Answer> plan;
    for (const Share& share : *shares) {
      auto ask = [its_ids = pick(ids, share.at), with_spec](JobReader& reader,
                                                            JobReader::Done<Answer> done) {
        reader.details(its_ids, with_spec, std::move(done));
      };
      plan.legs.push_back({share.projector->target, std::move(ask), share.partitions, false});
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
    auto shares = split(map, avoided, partitions);
    if (!shares) return tl::unexpected(shares.error());
    Plan<Answer> plan;
    for (const Share& share : *shares) {
      auto ask = [its_sets = pick(job_sets, share.at)](JobReader& reader,
                                                       JobReader::Done<Answer> done) {
        reader.relays(its_sets, std::move(done));
      };
      plan.legs.push_back({share.projector->target, std::move(ask), share.partitions, false});
    }
    plan.merge = [at = take_at(*shares), count = job_sets.size()](std::vector<Answer> answers) {
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
