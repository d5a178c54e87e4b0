#include "ingest/channel_pool.h"

#include <grpcpp/channel.h>

namespace armada_cache::ingest {

base::Result<ChannelPool::Place> ChannelPool::take() {
  for (const Line& line : lines_) {
    const auto streams = static_cast<std::size_t>(line.seats.use_count()) - 1;
    if (streams < limits_.streams_per_channel) return Place{line.channel, line.seats};
  }
  if (lines_.size() == limits_.channels) {
    return base::fail(base::ErrorCode::kResourceExhausted,
                      "all " + std::to_string(limits_.channels) + " connections to " +
                          options_.target + " carry " +
                          std::to_string(limits_.streams_per_channel) +
                          " streams each; tried again when some have ended");
  }
  auto channel = rpc::make_channel(options_, static_cast<int>(lines_.size()));
  if (!channel) return tl::unexpected(channel.error());
  lines_.push_back({std::move(*channel), std::make_shared<int>(0)});
  return Place{lines_.back().channel, lines_.back().seats};
}

}  // namespace armada_cache::ingest
