// The metrics of all relays together.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "core/base/metrics.h"
#include "ingest/relay_status.h"

namespace armada_cache::ingest {

// Thread-safe.
class RelayMetrics {
 public:
  explicit RelayMetrics(base::Metrics& metrics);

  void relay_added(RelayState state) { relays(state).Increment(); }
  void relay_removed(RelayState state) { relays(state).Decrement(); }
  void waiting(std::size_t job_sets) { waiting_.Set(static_cast<double>(job_sets)); }
  void relayed(std::size_t events, std::size_t bytes);
  void undecodable() { undecodable_.Increment(); }
  void unreadable_record(const std::string& topic) { records_.Add({{"topic", topic}}).Increment(); }
  void stream_opened() { streams_.Increment(); }
  void stream_closed() { streams_.Decrement(); }
  void stream_ended(const base::Status& end);
  void append_failed(base::ErrorCode code);
  void appended(base::Duration took);
  void buffered(std::size_t bytes) { buffer_.Set(static_cast<double>(bytes)); }

 private:
  prometheus::Gauge& relays(RelayState state) { return *relays_[static_cast<std::size_t>(state)]; }

  std::array<prometheus::Gauge*, relay::kStates> relays_{};
  prometheus::Gauge& waiting_;
  prometheus::Counter& events_;
  prometheus::Counter& bytes_;
  prometheus::Counter& undecodable_;
  base::Metrics::CounterFamily& records_;
  prometheus::Gauge& streams_;
  base::Metrics::CounterFamily& ends_;
  base::Metrics::CounterFamily& append_failures_;
  prometheus::Histogram& append_seconds_;
  prometheus::Gauge& buffer_;
};

// Counts a job set in its state for as long as it lives.
class RelayCount {
 public:
  RelayCount(RelayMetrics& metrics, RelayState state) : metrics_(&metrics), state_(state) {
    metrics_->relay_added(state_);
  }
  ~RelayCount() {
    if (metrics_ != nullptr) metrics_->relay_removed(state_);
  }
  RelayCount(RelayCount&& other) noexcept
      : metrics_(std::exchange(other.metrics_, nullptr)), state_(other.state_) {}
  RelayCount(const RelayCount&) = delete;
  RelayCount& operator=(const RelayCount&) = delete;
  RelayCount& operator=(RelayCount&&) = delete;

 private:
  RelayMetrics* metrics_;
  RelayState state_;
};

}  // namespace armada_cache::ingest
