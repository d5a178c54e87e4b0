// Spreads streams over connections, as a server lets a connection carry only so many.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/rpc/channel.h"
#include "ingest/connection.h"

namespace armada_cache::ingest {

// Connections are made when the others are full, and forgotten when they are dead. Used on the
// relays' thread.
class ChannelPool {
 public:
  struct Limits {
    std::size_t streams_per_channel = 90;
    std::size_t channels = 32;
  };

  ChannelPool(rpc::ChannelOptions options, Limits limits, base::Duration probe_timeout,
              Connection::Post post)
      : options_(std::move(options)),
        limits_(limits),
        probe_timeout_(probe_timeout),
        post_(std::move(post)) {}

  // One with a free seat. kResourceExhausted: every one is full.
  base::Result<std::shared_ptr<Connection>> find();
  void probe(base::Time now, const std::string& authorization);

 private:
  rpc::ChannelOptions options_;
  Limits limits_;
  base::Duration probe_timeout_;
  Connection::Post post_;
  std::vector<std::shared_ptr<Connection>> connections_;
  int made_ = 0;
};

}  // namespace armada_cache::ingest
