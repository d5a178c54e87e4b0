// Asks for end offsets on a thread of its own, many questions at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "core/eventlog/kafka/end_questions.h"

namespace armada_cache::eventlog::kafka {

// Thread-safe.
class EndAsker {
 public:
  // One attempt, which may block for a bounded time. On the asker's thread.
  using Ask = std::function<EndQuestions::Answers(const std::set<TopicPartition>&)>;

  EndAsker(std::size_t max_questions, std::chrono::milliseconds timeout, Ask ask);
  // Ends what waits with kCancelled.
  ~EndAsker();

  // See EventLog::ends.
  void ask(const std::vector<TopicPartition>& of, EndsTold done);

 private:
  void run();

  const std::chrono::milliseconds timeout_;
  const Ask ask_;
  std::mutex mutex_;
  std::condition_variable changed_;
  EndQuestions questions_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace armada_cache::eventlog::kafka
