// Jobs in memory: what is asked most is answered from here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "projector/slab_pool.h"
#include "projector/state.h"

namespace armada_cache::projector {

// Sharded by job id. Readers are any threads; they hold a shard for nanoseconds. One writer at a
// time. About 64 bytes a job besides its record.
class LiveTable {
 public:
  // Live jobs and finished ones are bounded apart.
  LiveTable(std::size_t live_max_bytes, std::size_t finished_max_bytes);
  ~LiveTable();
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;

  // Any thread. What is held beyond smaller bounds goes only as others come.
  void set_bounds(std::size_t live_max_bytes, std::size_t finished_max_bytes);

  // Any thread.
  std::optional<JobStatus> status(std::string_view id) const;
  // Of many at a time, `found[i]` for `ids[i]`: quicker than one by one.
  void statuses(std::span<const std::string_view> ids,
                std::span<std::optional<JobStatus>> found) const;
  // The stored record of a live job.
  std::optional<JobStatus> copy_live(std::string_view id, std::string& record) const;

  // The writer. Where there is no room for a live job it is not in the table afterwards; where
  // there is none for a finished one, the one that finished longest ago goes.
  void put_live(std::string_view id, JobStatus status, std::string_view record);
  void put_finished(std::string_view id, JobStatus status);
  void erase(std::string_view id);
  void set_complete(bool complete) { complete_.store(complete, std::memory_order_release); }
  // Views live until the job's next change.
  StoredJob peek_live(std::string_view id) const;

  // Any thread; of live jobs.
  // False from before the first live job found no room until set_complete(true): then a
  // job that is not here may still be live.
  bool complete() const { return complete_.load(std::memory_order_acquire); }
  std::size_t live_size() const;
  std::size_t live_bytes() const;
  std::size_t finished_bytes() const;

 private:
  class Shard;
  class Together;
  static std::size_t shard_number(std::size_t hash);
  Shard& shard_of(std::size_t hash) const;

  static constexpr std::size_t kShardBits = 4;
  SlabPool pool_;
  std::unique_ptr<Shard[]> shards_;
  std::atomic<bool> complete_ = false;
};

}  // namespace armada_cache::projector
