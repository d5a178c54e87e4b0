// Asks a running cache, as `armada-cache show` needs it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "app/job_set_table.h"
#include "core/base/error.h"
#include "core/base/job_set.h"
#include "core/rpc/channel.h"

namespace armada_cache::app {

// Each call blocks for two seconds at the most. Not thread-safe.
class CacheClient {
 public:
  // Connects with the first call. kInvalidArgument: the CA file cannot be read.
  static base::Result<CacheClient> make(const rpc::ChannelOptions& channel);
  CacheClient(CacheClient&&) noexcept;
  ~CacheClient();

  // Follows the job set for the next minute.
  base::Status subscribe(const base::JobSet& job_set);
  // The first job sets that somebody subscribes to, `limit` at the most, in the order of their
  // names.
  base::Result<std::vector<base::JobSet>> followed(std::size_t limit);
  // How the job set stands; the reason is in the line where that cannot be asked.
  JobSetLine line_of(const base::JobSet& job_set);

 private:
  struct Stub;
  explicit CacheClient(std::unique_ptr<Stub> stub);

  std::unique_ptr<Stub> stub_;
};

}  // namespace armada_cache::app
