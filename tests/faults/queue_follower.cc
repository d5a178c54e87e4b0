#include "tests/faults/queue_follower.h"

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "core/base/upstream_id.h"
#include "tests/support/eventually.h"

namespace armada_cache {
namespace {

constexpr std::chrono::seconds kLong{60};

test_support::Command command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   std::string(TEST_DATA_DIR) + "/../../docs/examples/follow_queue.py");
  return {"/usr/bin/python3", std::move(arguments), {}};
}

}  // namespace

QueueFollower::QueueFollower(std::vector<std::string> arguments,
                             const std::filesystem::path& folder)
    : process_(command(std::move(arguments)), folder) {}

FollowedEvents QueueFollower::events() const {
  FollowedEvents events;
  std::istringstream text(process_.standard_output());
  std::string time;
  FollowedEvent event;
  while (text >> time >> event.job_set >> event.job >> event.kind >> event.id >> event.partition >>
         event.offset) {
    events.push_back(event);
  }
  return events;
}

bool QueueFollower::has_more_than(std::size_t count) const {
  return test_support::eventually(kLong, [&] { return events().size() > count; });
}

FollowedPositions saved_positions(const std::filesystem::path& state_file) {
  std::ifstream in(state_file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  FollowedPositions positions;
  if (text.empty()) return positions;
  const boost::json::value state = boost::json::parse(text);
  for (const auto& [partition, here] : state.at("partitions").as_object()) {
    positions[partition] = here.at("next").to_number<std::int64_t>();
  }
  return positions;
}

FollowedEvents up_to(const FollowedPositions& positions, FollowedEvents events) {
  std::erase_if(events, [&](const FollowedEvent& event) {
    return event.offset >= positions.at(event.partition);
  });
  return events;
}

std::map<std::string, std::set<std::string>> ids_by_job_set(const FollowedEvents& events) {
  std::map<std::string, std::set<std::string>> ids;
  for (const FollowedEvent& event : events) ids[event.job_set].insert(event.id);
  return ids;
}

std::vector<std::string> order_problems(const FollowedEvents& events) {
  std::vector<std::string> problems;
  std::map<std::pair<std::string, std::string>, base::UpstreamId> newest;
  for (const FollowedEvent& event : events) {
    const auto id = base::UpstreamId::parse(event.id).value();
    const auto [last, is_first] = newest.try_emplace({event.job_set, event.partition}, id);
    if (!is_first && id <= last->second) problems.push_back(event.job_set + " " + event.id);
    last->second = id;
  }
  return problems;
}

}  // namespace armada_cache
