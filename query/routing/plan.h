// How one question is put to several projectors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/lookup/job_reader.h"
#include "query/routing/route.h"

namespace armada_cache::query {

template <typename Answer>
struct Leg {
  std::string target;
  std::function<void(lookup::JobReader&, lookup::JobReader::Done<Answer>)> ask;
  // Partitions that the answer must tell of, ascending; `exactly` these where it adds up what all
  // of them have.
  std::vector<eventlog::Partition> partitions;
  bool exactly = false;
};

template <typename Answer>
struct Plan {
  std::vector<Leg<Answer>> legs;
  std::function<Answer(std::vector<Answer>)> merge;  // in the order of the legs
};

// kUnavailable: not without the avoided ones.
template <typename Answer>
using Planner = std::function<base::Result<Plan<Answer>>(const ProjectorMap&, const Targets&)>;

}  // namespace armada_cache::query
