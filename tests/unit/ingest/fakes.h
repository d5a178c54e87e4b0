// An Armada and a log that do what the test says, in one thread and with a clock that stands still.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/eventlog/event_log.h"
#include "ingest/armada_stream.h"

namespace armada_cache::ingest {

// Tasks wait until run_all().
class FakeThread {
 public:
  std::function<void(std::function<void()>)> post() {
    return [this](std::function<void()> task) { tasks_.push_back(std::move(task)); };
  }
  void run_all() {
    while (!tasks_.empty()) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

 private:
  std::deque<std::function<void()>> tasks_;
};

class FakeArmada final : public Armada {
 public:
  struct Call {
    StreamRequest request;
    StreamCallbacks callbacks;
    std::size_t granted = 0;
    bool open = true;
    base::Time alive_at{};
  };

  std::unique_ptr<ArmadaStream> open(const StreamRequest& request,
                                     StreamCallbacks callbacks) override {
    calls_.push_back(std::make_shared<Call>(Call{request, std::move(callbacks)}));
    return std::make_unique<Stream>(calls_.back());
  }
  void reread_credentials() override { ++rereads; }

  std::size_t count() const { return calls_.size(); }
  Call& last() { return *calls_.back(); }
  // By their number, in the order in which they came.
  std::shared_ptr<Call> call(std::size_t number) { return calls_.at(number); }
  bool is_open() const { return !calls_.empty() && calls_.back()->open; }
  void send(std::vector<std::string> messages) {
    const auto call = calls_.back();
    call->callbacks.messages(std::move(messages));
  }
  void end(base::Status status = {}) {
    const auto call = calls_.back();
    call->callbacks.end(std::move(status));
  }
  void end(base::ErrorCode code, const std::string& message = "") {
    end(base::fail(code, message));
  }

  int rereads = 0;

 private:
  class Stream final : public ArmadaStream {
   public:
    explicit Stream(std::shared_ptr<Call> call) : call_(std::move(call)) {}
    ~Stream() override { call_->open = false; }
    void grant(std::size_t cost) override { call_->granted += cost; }
    base::Time alive_at() const override { return call_->alive_at; }

   private:
    std::shared_ptr<Call> call_;
  };

  std::vector<std::shared_ptr<Call>> calls_;
};

// Corked, it keeps acknowledgements until the test gives them.
class FakeAppender final : public eventlog::Appender {
 public:
  struct Append {
    eventlog::TopicPartition to;
    std::vector<eventlog::Record> batch;
    Acknowledged done;
  };

  void append(const eventlog::TopicPartition& to, std::vector<eventlog::Record> batch,
              Acknowledged done) override {
    waiting.push_back({to, std::move(batch), std::move(done)});
    if (!corked) acknowledge_all();
  }

  void cork() { corked = true; }
  void uncork() {
    corked = false;
    acknowledge_all();
  }
  void acknowledge_all() {
    while (!waiting.empty()) acknowledge(0);
  }
  void acknowledge(std::size_t index) {
    Append append = take(index);
    for (auto& record : append.batch) stored.emplace_back(append.to, record);
    append.done(eventlog::Offset{0});
  }
  void fail(std::size_t index, base::ErrorCode code = base::ErrorCode::kUnavailable) {
    take(index).done(base::fail(code, "told to fail"));
  }
  // What is stored in a topic, in order.
  std::vector<eventlog::Record> records(std::string_view topic) const {
    std::vector<eventlog::Record> found;
    for (const auto& [to, record] : stored) {
      if (to.topic == topic) found.push_back(record);
    }
    return found;
  }

  bool corked = false;
  std::vector<Append> waiting;
  std::vector<std::pair<eventlog::TopicPartition, eventlog::Record>> stored;

 private:
  Append take(std::size_t index) {
    Append append = std::move(waiting.at(index));
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(index));
    return append;
  }
};

}  // namespace armada_cache::ingest
