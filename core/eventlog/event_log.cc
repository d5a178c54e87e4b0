#include "core/eventlog/event_log.h"

#include <future>

namespace armada_cache::eventlog {

base::Result<Positions> EventLog::end_offsets(const std::vector<TopicPartition>& of) {
  // Shared: the thread that tells may still be in set_value() when this one goes on.
  const auto told = std::make_shared<std::promise<base::Result<Positions>>>();
  auto answer = told->get_future();
  ends(of, [told](base::Result<Positions> ends) { told->set_value(std::move(ends)); });
  return answer.get();
}

base::Result<Offset> EventLog::end_offset(const TopicPartition& of) {
  return end_offsets({of}).map([&](const Positions& ends) { return ends.at(of); });
}

}  // namespace armada_cache::eventlog
