#include "core/eventlog/embedded/appender.h"

namespace armada_cache::eventlog::embedded {

void EmbeddedAppender::append(const TopicPartition& to, std::vector<Record> batch,
                              Acknowledged done) {
  PendingAppend append;
  append.topic = topics_.find(to.topic);
  append.partition = to.partition;
  append.state = append.topic == nullptr ? nullptr : append.topic->partition(to.partition);
  append.owner = outstanding_;
  append.done = std::move(done);
  if (append.state == nullptr) {
    append.refused = base::Error{base::ErrorCode::kNotFound,
                                 "cannot append to partition " + std::to_string(to.partition) +
                                     " of topic " + to.topic + ": there is none"};
  } else if (batch.empty()) {
    append.refused = base::Error{base::ErrorCode::kInvalidArgument,
                                 "an append to topic " + to.topic + " holds no record"};
  }
  append.batch = std::move(batch);
  outstanding_->begin();
  queue_.push(std::move(append));
}

}  // namespace armada_cache::eventlog::embedded
