// The questions for end offsets that wait, and what can be told of them. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <set>
#include <vector>

#include "core/base/error.h"
#include "core/eventlog/event_log.h"

namespace armada_cache::eventlog::kafka {

// They are asked in rounds: what comes while one is under way waits for the next, so that every
// answer is newer than its question. Not thread-safe.
class EndQuestions {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Answers = std::map<TopicPartition, base::Result<Offset>>;

  struct Answered {
    EndsTold done;
    base::Result<Positions> ends;
  };

  // `limit`: of questions that wait or are asked.
  explicit EndQuestions(std::size_t limit) : limit_(limit) {}

  // False: too many wait already; `done` is as it was.
  bool add(const std::vector<TopicPartition>& of, EndsTold& done, Time deadline);
  bool empty() const { return questions_.empty(); }

  // What is to be asked now.
  std::set<TopicPartition> begin_round();
  // What can be told after it. A question that lacks an answer is asked again, until its deadline.
  std::vector<Answered> end_round(const Answers& answers, Time now);
  // Ends them all.
  std::vector<Answered> cancel();

 private:
  struct Question {
    std::vector<TopicPartition> of;
    EndsTold done;
    Time deadline;
    bool asked = false;
  };

  const std::size_t limit_;
  std::list<Question> questions_;
};

}  // namespace armada_cache::eventlog::kafka
