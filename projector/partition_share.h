// What of a question each partition is asked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "projector/partition_map.h"

namespace armada_cache::projector {

struct PartitionShare {
  const Partition* partition = nullptr;  // null: those of partitions that are not here
  std::vector<std::string_view> ids;
  std::vector<std::size_t> at;  // where among the question's ids
};

// There are few partitions: each is searched for in turn.
inline std::vector<PartitionShare> shares_of(const PartitionMap& partitions,
                                             std::span<const std::string_view> ids) {
  std::vector<PartitionShare> shares;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Partition* partition = partitions.of_job(ids[i]);
    auto share = std::find_if(shares.begin(), shares.end(),
                              [&](const auto& one) { return one.partition == partition; });
    if (share == shares.end()) {
      share = shares.emplace(shares.end());
      share->partition = partition;
    }
    share->ids.push_back(ids[i]);
    share->at.push_back(i);
  }
  return shares;
}

}  // namespace armada_cache::projector
