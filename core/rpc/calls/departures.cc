#include "core/rpc/calls/departures.h"

#include <algorithm>
#include <iterator>

namespace armada_cache::rpc {
namespace {

// Well below the ten segments that a fresh connection may have under way unacknowledged.
constexpr std::size_t kAnswersATurn = 2;

}  // namespace

std::vector<std::shared_ptr<Call>> Departures::next_turn() {
  std::vector<std::shared_ptr<Call>> leaving;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    auto& calls = at->second;
    const std::size_t count = calls.size() == 1 ? 1 : std::min(kAnswersATurn, calls.size() - 1);
    std::move(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(count),
              std::back_inserter(leaving));
    calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(count));
    at = calls.empty() ? waiting_.erase(at) : std::next(at);
  }
  return leaving;
}

std::vector<std::shared_ptr<Call>> Departures::everything() {
  std::vector<std::shared_ptr<Call>> leaving;
  for (auto& [connection, calls] : waiting_) {
    std::move(calls.begin(), calls.end(), std::back_inserter(leaving));
  }
  waiting_.clear();
  return leaving;
}

}  // namespace armada_cache::rpc
