// A log that stores events only when the test lets it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/eventlog/event_log.h"
#include "core/topics/codecs.h"

namespace armada_cache::ingest {

class CorkedLog final : public eventlog::EventLog {
 public:
  explicit CorkedLog(eventlog::EventLog& log) : log_(log) {}

  void cork() {
    const std::lock_guard lock(mutex_);
    corked_ = true;
  }
  void uncork() {
    const std::lock_guard lock(mutex_);
    corked_ = false;
    for (const auto& append : std::exchange(held_, {})) append();
  }

  base::Status ensure_topic(const eventlog::TopicSpec& spec) override {
    return log_.ensure_topic(spec);
  }
  std::unique_ptr<eventlog::Appender> appender() override {
    return std::make_unique<Appender>(*this);
  }
  base::Result<std::unique_ptr<eventlog::Reader>> reader(
      const eventlog::Positions& positions) override {
    return log_.reader(positions);
  }
  base::Status writable() override { return log_.writable(); }
  void ends(const std::vector<eventlog::TopicPartition>& of, eventlog::EndsTold done) override {
    log_.ends(of, std::move(done));
  }
  base::Result<eventlog::Offset> start_offset(const eventlog::TopicPartition& of) override {
    return log_.start_offset(of);
  }

 private:
  class Appender final : public eventlog::Appender {
   public:
    explicit Appender(CorkedLog& owner) : owner_(owner), appender_(owner.log_.appender()) {}

    void append(const eventlog::TopicPartition& to, std::vector<eventlog::Record> batch,
                Acknowledged done) override {
      const std::lock_guard lock(owner_.mutex_);
      if (!owner_.corked_ || to.topic != topics::kEvents) {
        return appender_->append(to, std::move(batch), std::move(done));
      }
      owner_.held_.push_back([this, to, batch = std::move(batch), done = std::move(done)] {
        appender_->append(to, batch, done);
      });
    }

   private:
    CorkedLog& owner_;
    std::unique_ptr<eventlog::Appender> appender_;
  };

  eventlog::EventLog& log_;
  std::mutex mutex_;
  bool corked_ = false;
  std::deque<std::function<void()>> held_;
};

}  // namespace armada_cache::ingest
