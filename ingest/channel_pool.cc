#include "ingest/channel_pool.h"

#include <grpcpp/channel.h>

namespace armada_cache::ingest {

base::Result<std::shared_ptr<Connection>> ChannelPool::find() {
  std::erase_if(connections_, [](const auto& connection) { return connection->is_dead(); });
  for (const auto& connection : connections_) {
    if (connection->seats_taken() < limits_.streams_per_channel) return connection;
  }
  if (connections_.size() == limits_.channels) {
    return base::fail(base::ErrorCode::kResourceExhausted,
                      "all " + std::to_string(limits_.channels) + " connections to " +
                          options_.target + " carry " +
                          std::to_string(limits_.streams_per_channel) +
                          " streams each; tried again when some have ended");
  }
  auto channel = rpc::make_channel(options_, made_++);
  if (!channel) return tl::unexpected(channel.error());
  connections_.push_back(
      std::make_shared<Connection>(*std::move(channel), options_.target, probe_timeout_, post_));
  return connections_.back();
}

void ChannelPool::probe(base::Time now, const std::string& authorization) {
  for (const auto& connection : connections_) connection->probe(now, authorization);
}

}  // namespace armada_cache::ingest
