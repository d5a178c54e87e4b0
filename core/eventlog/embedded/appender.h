// How others append to the embedded log.
#pragma once

#include <memory>

#include "core/eventlog/embedded/append_queue.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog::embedded {

// Puts appends in the writer's line.
class EmbeddedAppender final : public Appender {
 public:
  // Both must outlive the appender.
  EmbeddedAppender(const TopicTable& topics, AppendQueue& queue) : topics_(topics), queue_(queue) {}
  ~EmbeddedAppender() override { outstanding_->wait_for_none(); }

  void append(const TopicPartition& to, std::vector<Record> batch, Acknowledged done) override;

 private:
  const TopicTable& topics_;
  AppendQueue& queue_;
  std::shared_ptr<Outstanding> outstanding_ = std::make_shared<Outstanding>();
};

}  // namespace armada_cache::eventlog::embedded
