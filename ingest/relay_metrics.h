// The metrics of all relays together.
#pragma once

#include <array>
#include <cstddef>

#include "core/base/metrics.h"
#include "ingest/relay_status.h"

namespace armada_cache::ingest {

// Thread-safe.
class RelayMetrics {
 public:
  explicit RelayMetrics(base::Metrics& metrics);

  void relay_added(RelayState state) { relays(state).Increment(); }
  void relay_removed(RelayState state) { relays(state).Decrement(); }
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

}  // namespace armada_cache::ingest
