// The plan of each kind of question. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/routing/plan.h"

namespace armada_cache::query {

Planner<lookup::StatusAnswer> plan_statuses(std::span<const std::string_view> ids,
                                            bool with_queues);
Planner<lookup::DetailsAnswer> plan_details(std::vector<std::string> ids, bool with_spec);
Planner<lookup::ListAnswer> plan_list(lookup::ListRequest request);
Planner<lookup::JobSetSummary> plan_summary(base::JobSet job_set);
Planner<lookup::RelaysAnswer> plan_relays(std::vector<base::JobSet> job_sets);
Planner<lookup::AskedAnswer> plan_asked(lookup::AskedRequest request);
Planner<lookup::ActiveQueuesAnswer> plan_active_queues();

}  // namespace armada_cache::query
