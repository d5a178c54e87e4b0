// One partition of the projection: its store, what of it is in memory, and how batches change both.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/eventlog/record.h"
#include "projector/active_queues.h"
#include "projector/fold.h"
#include "projector/job_set_cells.h"
#include "projector/job_set_table.h"
#include "projector/live_table.h"
#include "projector/memory_share.h"
#include "projector/options.h"
#include "projector/relay_board.h"
#include "projector/relay_progress.h"
#include "projector/state_source.h"
#include "projector/store.h"

namespace armada_cache::projector {

// Functions under "the worker" are for one thread at a time; the others for any, at any time.
class Partition final : private StateSource {
 public:
  static base::Result<std::unique_ptr<Partition>> open(eventlog::Partition number,
                                                       const Options& options,
                                                       std::shared_ptr<const SharedMemory> memory,
                                                       RelayBoard& relays, RelayProgress& progress);
  ~Partition() override;

  eventlog::Partition number() const { return number_; }
  const Store& store() const { return *store_; }
  const LiveTable& table() const { return table_; }
  const JobSetTable& job_sets() const { return job_sets_; }
  // Of the job sets with jobs here.
  const JobSetCells& cells() const { return cells_; }
  const ActiveQueues& active_queues() const { return active_; }

  // What is visible to lookups.
  Positions applied() const;
  // No event from this offset on is visible. To be asked after a lookup; what is applied while it
  // runs may be visible before applied() tells.
  eventlog::Offset events_limit() const;
  // Whether the live jobs are counted: see active_queues().
  bool loaded() const { return loaded_.load(std::memory_order_acquire); }
  std::int64_t live_jobs() const { return live_jobs_.load(std::memory_order_relaxed); }

  // All events appended to the log up to this moment are visible.
  base::Time events_as_of() const;
  void set_events_as_of(base::Time time);
  // Likewise all its relays. Not set while the board is further than the partition.
  base::Time relays_as_of() const { return progress_.as_of(number_); }
  void set_relays_as_of(base::Time time);

  // How many records the log holds that are not applied, when its end was last told; -1 before.
  eventlog::Offset lag() const { return lag_.load(std::memory_order_relaxed); }
  void set_lag(eventlog::Offset records) { lag_.store(records, std::memory_order_relaxed); }

  // Why the partition does not advance; empty while it does.
  std::string trouble() const;
  bool stands_still() const { return stands_still_.load(std::memory_order_relaxed); }
  void set_trouble(std::string text);

  // From now on its relays come to the board from here and nowhere else. Those of its store are put
  // there at once, unless the board is further already: then only what comes after that. Once.
  base::Status take_over_relays(base::Time now);
  // What may be held in memory, from now on.
  void set_memory(const std::shared_ptr<const SharedMemory>& memory);

  // The worker. Brings the live jobs into memory; until then lookups read the store.
  base::Status load();
  // What the records change is written, then visible; after an error it is neither, and the same
  // records are to be applied again. kDataLoss: trying again will not help.
  base::Result<ChangeSet> apply(Fold& fold, std::span<const eventlog::RecordView* const> records);
  // Forgets the jobs, which must be terminal, and counts them off.
  base::Status forget(std::span<const std::string_view> ids);
  // Looks at job sets with numbers after the given one, at most `limit`, and drops those that have
  // no jobs, no message newer than `silent_since` and no relay that runs. Where to go on; 0 at the
  // end.
  base::Result<JobSetNumber> drop_silent_job_sets(JobSetNumber after, std::size_t limit,
                                                  base::Time silent_since);
  // Forgets all relays: they are of a log that is no longer there. Before take_over_relays().
  base::Status forget_relays(Positions positions);
  // Where the log no longer holds what lies below, the first offsets it does hold.
  void skip_to(Positions positions);
  base::Status reopen() { return store_->reopen(); }
  // Not while in trouble: RocksDB takes no writes then.
  base::Status flush() { return trouble().empty() ? store_->flush() : base::Status{}; }

 private:
  Partition(eventlog::Partition number, const Options& options, const MemoryShare& share,
            RelayBoard& relays, RelayProgress& progress, std::unique_ptr<Store> store);
  base::Status open_state();
  void publish(const ChangeSet& changes);
  void put_job_sets(std::span<const JobSetEntry> entries);
  void publish_job(const JobChange& job);
  void publish_relay(const RelayChange& relay);
  void publish_positions(Positions positions);
  RejectedBounds bounds_after(std::size_t rejected) const;
  base::Status read_jobs(std::span<const std::string_view> ids,
                         std::span<const std::size_t> missing, std::vector<StoredJob>& into);

  base::Status jobs(std::span<const std::string_view> ids, std::vector<StoredJob>& into) override;
  const JobSetEntry* job_set(JobSetView name) const override { return job_sets_.peek(name); }
  const JobSetEntry* job_set(JobSetNumber number) const override { return job_sets_.peek(number); }
  JobSetNumber next_number() const override { return job_sets_.next_number(); }
  std::int64_t relay_generation(const base::JobSet& job_set) const override {
    return relays_.generation(job_set);
  }
  Positions positions() const override { return positions_; }

  const eventlog::Partition number_;
  const std::size_t rejected_records_max_;
  RelayBoard& relays_;
  RelayProgress& progress_;
  std::unique_ptr<Store> store_;
  LiveTable table_;
  JobSetTable job_sets_;
  JobSetCells cells_;
  ActiveQueues active_;
  Positions positions_;
  RejectedBounds rejected_;
  std::vector<OwnedJob> read_;  // what jobs() has read; its views point here

  std::atomic<eventlog::Offset> applied_events_ = 0;
  std::atomic<eventlog::Offset> applied_relays_ = 0;
  std::atomic<eventlog::Offset> events_limit_ = 0;
  std::atomic<bool> loaded_ = false;
  std::atomic<std::int64_t> live_jobs_ = 0;
  std::atomic<std::int64_t> events_as_of_micros_ = 0;
  std::atomic<eventlog::Offset> lag_ = -1;
  mutable std::mutex trouble_mutex_;
  std::string trouble_;
  std::atomic<bool> stands_still_ = false;
};

}  // namespace armada_cache::projector
