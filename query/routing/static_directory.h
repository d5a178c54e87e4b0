// A partition directory out of a list that the operator gives.
#pragma once

#include <memory>
#include <string_view>

#include "query/routing/partition_directory.h"

namespace armada_cache::query {

// Immutable.
class StaticDirectory final : public PartitionDirectory {
 public:
  // "GROUP:HOST:PORT=RANGES,...", with ranges such as 0-7 or 0-3+8-11+15. Each group must have
  // every partition once. kInvalidArgument says which entry is wrong and why.
  static base::Result<std::unique_ptr<StaticDirectory>> parse(std::string_view list,
                                                              eventlog::Partition partitions);

  std::shared_ptr<const ProjectorMap> map() const override { return map_; }

 private:
  explicit StaticDirectory(ProjectorMap map)
      : map_(std::make_shared<const ProjectorMap>(std::move(map))) {}

  const std::shared_ptr<const ProjectorMap> map_;
};

}  // namespace armada_cache::query
