// The appends that are on their way, in the order in which they must be told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"
#include "core/eventlog/outstanding.h"

namespace armada_cache::eventlog::kafka {

// One append. Its records point to it until all of them are delivered or given up.
struct Delivery {
  Appender::Acknowledged done;
  std::shared_ptr<Outstanding> owner;
  std::size_t bytes = 0;
  std::chrono::steady_clock::time_point since;
  std::atomic<std::size_t> missing = 0;  // records without a report
  bool cut_short = false;                // not all records are under way
  // The delivering thread's, once a record is under way.
  Offset last = -1;
  bool given_up = false;             // with its producer, which has failed
  std::optional<base::Error> error;  // what Kafka said of it, or in the end why it was given up

  bool is_stored() const { return missing == 0 && !cut_short && !given_up && !error; }
};

// By partition, the oldest first.
using DeliveryLines = std::map<TopicPartition, std::deque<std::unique_ptr<Delivery>>>;

}  // namespace armada_cache::eventlog::kafka
