#include "core/eventlog/embedded/appender.h"

namespace armada_cache::eventlog::embedded {
namespace {

base::Status check(const TopicPartition& to, const PendingAppend& append) {
  if (append.state == nullptr) {
    return base::fail(base::ErrorCode::kNotFound, "cannot append to partition " +
                                                      std::to_string(to.partition) + " of topic " +
                                                      to.topic + ": there is none");
  }
  if (append.batch.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "an append to topic " + to.topic + " holds no record");
  }
  return {};
}

}  // namespace

void EmbeddedAppender::append(const TopicPartition& to, std::vector<Record> batch,
                              Acknowledged done) {
  PendingAppend append;
  append.topic = topics_.find(to.topic);
  append.partition = to.partition;
  append.state = append.topic == nullptr ? nullptr : append.topic->partition(to.partition);
  append.owner = outstanding_;
  append.batch = std::move(batch);
  append.done = std::move(done);
  base::Status taken = check(to, append);
  if (taken) {
    outstanding_->begin();
    taken = queue_.push(append);
    if (!taken) outstanding_->end();
  }
  if (!taken && append.done) append.done(tl::unexpected(std::move(taken.error())));
}

}  // namespace armada_cache::eventlog::embedded
