// What the projector counts.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <span>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "projector/change_set.h"
#include "projector/partition.h"
#include "projector/relay_board.h"

namespace armada_cache::projector {

// What can fail.
namespace doing {
inline constexpr std::string_view kOpen = "open anew";
inline constexpr std::string_view kLoad = "load";
inline constexpr std::string_view kOpenReader = "open a reader";
inline constexpr std::string_view kRead = "read the log";
inline constexpr std::string_view kApply = "apply";
inline constexpr std::string_view kForget = "forget old jobs in";
}  // namespace doing

// Thread-safe.
class ProjectorMetrics {
 public:
  explicit ProjectorMetrics(base::Metrics& metrics);

  // After a batch became visible.
  void applied(const ChangeSet& changes, std::size_t records, base::Time now);
  void failed(std::string_view doing);
  void trimmed(eventlog::Offset events);
  void forgotten(std::size_t jobs);
  void lag(eventlog::Partition partition, eventlog::Offset records);
  // Of a partition that is here no more, and of which nothing more is told.
  void forget(eventlog::Partition partition);
  void state(std::span<Partition* const> partitions, const RelayBoard& relays);

 private:
  using Counter = prometheus::Counter;
  using Gauge = prometheus::Gauge;

  // One of each partition that is here.
  class PartitionGauges {
   public:
    explicit PartitionGauges(base::Metrics::GaugeFamily& family) : family_(family) {}
    void set(eventlog::Partition partition, double value);
    void forget(eventlog::Partition partition);

   private:
    base::Metrics::GaugeFamily& family_;
    std::mutex mutex_;
    std::map<eventlog::Partition, Gauge*> gauges_;
  };

  void observe_visibility(const ChangeSet& changes, base::Time now);

  std::vector<double> visible_bounds_;
  prometheus::Histogram& visible_;
  prometheus::Histogram& batch_records_;
  base::Metrics::CounterFamily& events_;
  Counter& applied_;
  Counter& repeated_;
  Counter& straggling_;
  Counter& foreign_;
  Counter& unknown_job_;
  base::Metrics::CounterFamily& relay_records_;
  Counter& relays_;
  Counter& stale_relays_;
  Counter& trimmed_;
  Counter& forgotten_;
  base::Metrics::CounterFamily& failures_;
  std::array<Counter*, kRejectionCount> rejected_{};
  std::array<Gauge*, relay::kStates> relay_states_{};
  Gauge& live_jobs_;
  Gauge& live_bytes_;
  PartitionGauges lags_;
  PartitionGauges stalled_;
  PartitionGauges damaged_;
};

}  // namespace armada_cache::projector
