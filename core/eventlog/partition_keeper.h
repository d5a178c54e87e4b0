// Takes and releases partitions on a thread of its own, as their group shares them out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "core/eventlog/handover.h"

namespace armada_cache::eventlog {

// What does it. Called on the keeper's thread, one at a time.
struct PartitionHolder {
  // Blocks until they are taken, all or none. `give_up` says, whenever it is asked, that they are
  // not wanted any more. What fails is tried again.
  std::function<base::Status(const std::set<Partition>& partitions, std::int64_t generation,
                             const std::function<bool()>& give_up)>
      take;
  // `lost`: somebody else may have had them meanwhile, so nothing more may be said of them.
  std::function<void(const std::set<Partition>& partitions, bool lost)> release;
};

// Thread-safe. What it is told, it takes note of at once and does later.
class PartitionKeeper {
 public:
  // `name` is for the log.
  PartitionKeeper(std::string name, HandoverOptions options, PartitionHolder holder);
  ~PartitionKeeper() { stop(); }
  PartitionKeeper(const PartitionKeeper&) = delete;
  PartitionKeeper& operator=(const PartitionKeeper&) = delete;

  // See Handover.
  void assigned(const std::set<Partition>& partitions, std::int64_t generation);
  void revoked();
  void lost();

  // Takes and releases nothing any more; makes a `take` give up. What is held stays so.
  void stop();

 private:
  void run();
  void perform(const Handover::Step& step);
  base::Status take(const Handover::Step& step);

  const std::string name_;
  const PartitionHolder holder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Handover handover_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::eventlog
