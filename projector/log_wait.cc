#include "projector/log_wait.h"

#include <future>
#include <memory>

namespace armada_cache::projector {
namespace {

constexpr std::chrono::milliseconds kTurn{20};  // between two looks at whether to give up

}  // namespace

base::Status given_up() {
  return base::fail(base::ErrorCode::kCancelled,
                    "taking partitions was given up: they are not wanted here any more");
}

base::Result<eventlog::Positions> await_ends(eventlog::EventLog& log,
                                             const std::vector<eventlog::TopicPartition>& of,
                                             const GiveUp& give_up) {
  // Shared: the answer may come when nobody waits for it any more.
  const auto told = std::make_shared<std::promise<base::Result<eventlog::Positions>>>();
  auto answer = told->get_future();
  log.ends(of,
           [told](base::Result<eventlog::Positions> ends) { told->set_value(std::move(ends)); });
  while (answer.wait_for(kTurn) != std::future_status::ready) {
    if (give_up()) return tl::unexpected(given_up().error());
  }
  return answer.get();
}

}  // namespace armada_cache::projector
