// What a partition keeps on disk: reads for lookups and folds, and the one write a batch makes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "projector/change_set.h"
#include "projector/damage.h"
#include "projector/place.h"
#include "projector/state.h"

namespace armada_cache::projector {

class Database;
struct SharedMemory;

// Whether a read may go to the disk, or only to what is in memory.
enum class Reach { kMemory, kDisk };

// What a read of one key gave. `unread`: not in memory, and the disk was not allowed.
template <typename Value>
struct Found {
  std::optional<Value> value;
  bool unread = false;
};

struct OwnedJob {
  JobStatus status;
  std::string record;
};

struct RejectedBounds {
  std::uint64_t first = 0;  // sequence number of the oldest one kept
  std::uint64_t next = 0;
};

// Reads are thread-safe; one writer at a time. kDataLoss: damaged; kUnavailable: try again.
class Store {
 public:
  // kFailedPrecondition, too: the folder is held by another process, of a newer format, or of
  // another partition.
  static base::Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, Place place,
                                                   std::shared_ptr<const SharedMemory> memory);
  ~Store();

  // Each gives one entry for each id, in their order.
  base::Result<std::vector<Found<JobStatus>>> statuses(std::span<const std::string_view> ids,
                                                       Reach reach) const;
  base::Result<std::vector<Found<OwnedJob>>> live(std::span<const std::string_view> ids,
                                                  Reach reach) const;
  base::Result<std::vector<Found<OwnedJob>>> details(std::span<const std::string_view> ids,
                                                     Reach reach) const;
  base::Result<std::vector<Found<std::string>>> specs(std::span<const std::string_view> ids,
                                                      Reach reach) const;

  // Job ids of a job set, or of those with an external URI, in their order, after one of them.
  base::Result<std::vector<std::string>> ids_of(JobSetNumber job_set, std::string_view after,
                                                std::size_t limit) const;
  base::Result<std::vector<std::string>> ids_of_uri(JobSetNumber job_set, std::string_view uri,
                                                    std::string_view after,
                                                    std::size_t limit) const;

  using EachJob = std::function<void(std::string_view id, const StoredJob&)>;
  base::Status each_live(const EachJob& visit) const;
  base::Status each_details(const EachJob& visit) const;
  base::Status each_by_job_set(
      const std::function<void(JobSetNumber, std::string_view id)>& visit) const;
  base::Status each_by_uri(const std::function<void(JobSetNumber, std::string_view uri,
                                                    std::string_view id)>& visit) const;
  base::Status each_job_set(const std::function<void(JobSetEntry)>& visit) const;
  base::Status each_relay(
      const std::function<void(base::JobSet, std::string_view record)>& visit) const;
  base::Status each_rejected(const std::function<void(const RejectedRecord&)>& visit) const;
  // The finished jobs after one of them, at most `limit`.
  base::Result<std::vector<std::pair<std::string, JobStatus>>> finished_after(
      std::string_view id, std::size_t limit) const;

  // How it is damaged, since this was noticed; else empty.
  std::string damage() const { return damage_->why(); }

  base::Result<Positions> positions() const;
  // When the last event below that position was appended; the epoch where that is not known.
  base::Result<base::Time> events_appended() const;
  base::Result<RejectedBounds> rejected_bounds() const;

  // All or nothing. Rejected records take the numbers from `before.next` on; those below
  // `after.first` are dropped.
  base::Status write(const ChangeSet& changes, RejectedBounds before, RejectedBounds after);

  struct Forgotten {
    std::string id;
    JobSetNumber job_set = 0;
    std::string external_uri;
  };
  // All or nothing: removes the jobs everywhere, and the job sets.
  base::Status forget(std::span<const Forgotten> jobs, std::span<const JobSetEntry> changed_sets,
                      std::span<const base::JobSet> gone_sets);

  // After an error of a write. RocksDB takes no more writes then, so the database is opened anew,
  // but only once the disk is seen to take writes: until then reads go on. kUnavailable: not yet,
  // or a read does not end.
  base::Status reopen();
  // Writes what is only in memory and in the write-ahead log to its place, so that the next open
  // is quick.
  base::Status flush();
  // From now on: how much may wait in the write-ahead log, and, once opened anew, in memory.
  void set_memory(std::shared_ptr<const SharedMemory> memory);

 private:
  Store(std::filesystem::path folder, Place place, std::shared_ptr<const SharedMemory> memory);
  base::Status open_database();
  // Null while it is being opened anew. Whoever reads holds it.
  std::shared_ptr<Database> hold() const;
  std::shared_ptr<const SharedMemory> memory() const;
  base::Status close();
  // The default where there is none.
  template <typename Value>
  base::Result<Value> read_meta(std::string_view key,
                                std::optional<Value> (*unpack)(std::string_view)) const;

  const std::filesystem::path folder_;
  const Place place_;
  const std::shared_ptr<Damage> damage_;
  mutable std::mutex mutex_;
  std::shared_ptr<const SharedMemory> memory_;
  std::shared_ptr<Database> database_;
};

}  // namespace armada_cache::projector
