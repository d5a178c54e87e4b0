#include "core/eventlog/kafka/end_questions.h"

#include <optional>
#include <string>
#include <utility>

namespace armada_cache::eventlog::kafka {
namespace {

// Empty where an answer is still missing.
std::optional<base::Result<Positions>> combine(const std::vector<TopicPartition>& of,
                                               const EndQuestions::Answers& answers) {
  Positions ends;
  for (const TopicPartition& each : of) {
    const auto answer = answers.find(each);
    if (answer == answers.end()) continue;
    if (!answer->second) return tl::unexpected(answer->second.error());
    ends[each] = *answer->second;
  }
  for (const TopicPartition& each : of) {
    if (!ends.contains(each)) return std::nullopt;
  }
  return ends;
}

base::Error not_answered(const std::vector<TopicPartition>& of) {
  return {base::ErrorCode::kUnavailable,
          "Kafka: where " + name_of(of.front()) +
              (of.size() > 1 ? ", or one of the others asked with it," : "") +
              " ends could not be learnt in time; check that the brokers run and can be reached"};
}

}  // namespace

bool EndQuestions::add(const std::vector<TopicPartition>& of, EndsTold& done, Time deadline) {
  if (questions_.size() >= limit_) return false;
  questions_.push_back({of, std::move(done), deadline});
  return true;
}

std::set<TopicPartition> EndQuestions::begin_round() {
  std::set<TopicPartition> all;
  for (Question& question : questions_) {
    question.asked = true;
    all.insert(question.of.begin(), question.of.end());
  }
  return all;
}

std::vector<EndQuestions::Answered> EndQuestions::end_round(const Answers& answers, Time now) {
  std::vector<Answered> told;
  for (auto question = questions_.begin(); question != questions_.end();) {
    auto ends = question->asked ? combine(question->of, answers) : std::nullopt;
    if (ends) {
      told.push_back({std::move(question->done), *ends});
    } else if (now >= question->deadline) {
      told.push_back({std::move(question->done), tl::unexpected(not_answered(question->of))});
    } else {
      ++question;
      continue;
    }
    question = questions_.erase(question);
  }
  return told;
}

std::vector<EndQuestions::Answered> EndQuestions::cancel() {
  std::vector<Answered> told;
  for (Question& question : questions_) {
    told.push_back({std::move(question.done),
                    base::fail(base::ErrorCode::kCancelled, "the log is being closed")});
  }
  questions_.clear();
  return told;
}

}  // namespace armada_cache::eventlog::kafka
