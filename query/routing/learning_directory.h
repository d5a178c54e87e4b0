// A partition directory that asks somebody every now and then, and sooner where it is doubted.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/metrics.h"
#include "query/routing/partition_directory.h"

namespace armada_cache::query {

struct LearningOptions {
  eventlog::Partition partitions = 0;  // of the topics
  std::chrono::milliseconds interval = std::chrono::seconds(2);
  // The least time between two looks, however much the map is doubted.
  std::chrono::milliseconds pause{100};
};

// Thread-safe, but for start() and stop(). Keeps the last good map while a look fails or makes no
// sense; that is logged when it begins and when it ends.
class LearningDirectory final : public PartitionDirectory {
 public:
  // All projectors of all groups, as somebody knows them now; may block. An entry without
  // partitions is left out; entries of the same group and target are one.
  using Look = std::function<base::Result<std::vector<ProjectorEntry>>()>;

  // The metrics must outlive it.
  LearningDirectory(const LearningOptions& options, Look look, base::Metrics& metrics);
  ~LearningDirectory() override;  // stops

  // Looks from now on, on a thread of its own; the first map may take a moment.
  void start();
  // Waits for a look under way. May be called twice.
  void stop();

  std::shared_ptr<const ProjectorMap> map() const override { return known_.map(); }
  void doubt() override;

 private:
  void run();
  void look();
  void tell(const base::Status& learned);

  const LearningOptions options_;
  const Look look_;
  LastGoodMap known_;
  base::Metrics::CounterFamily& looks_;
  base::Metrics::GaugeFamily& projectors_;
  std::string trouble_;  // of the thread alone

  std::mutex mutex_;
  std::condition_variable wake_;
  bool doubted_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::query
