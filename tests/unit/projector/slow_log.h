// A log that tells where it ends when it is told to, and knows nothing else.
#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "core/eventlog/event_log.h"

namespace armada_cache::projector::testing {

// Not thread-safe.
class SlowLog final : public eventlog::EventLog {
 public:
  // How many questions wait.
  std::size_t waiting() const { return asked_.size(); }
  // The one of that number among those that wait: all that it asks for ends there.
  void answer(std::size_t question, eventlog::Offset end) {
    const auto asked = asked_.begin() + static_cast<std::ptrdiff_t>(question);
    const auto [of, told] = std::move(*asked);
    asked_.erase(asked);
    eventlog::Positions ends;
    for (const eventlog::TopicPartition& each : of) ends[each] = end;
    told(std::move(ends));
  }

  void ends(const std::vector<eventlog::TopicPartition>& of, eventlog::EndsTold done) override {
    asked_.emplace_back(of, std::move(done));
  }
  base::Status ensure_topic(const eventlog::TopicSpec&) override { return no(); }
  std::unique_ptr<eventlog::Appender> appender() override { return nullptr; }
  base::Result<std::unique_ptr<eventlog::Reader>> reader(const eventlog::Positions&) override {
    return no();
  }
  base::Status writable() override { return no(); }
  base::Result<eventlog::Offset> start_offset(const eventlog::TopicPartition&) override {
    return no();
  }

 private:
  static tl::unexpected<base::Error> no() {
    return base::fail(base::ErrorCode::kUnimplemented, "no");
  }

  std::deque<std::pair<std::vector<eventlog::TopicPartition>, eventlog::EndsTold>> asked_;
};

}  // namespace armada_cache::projector::testing
