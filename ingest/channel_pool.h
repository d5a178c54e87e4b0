// Spreads streams over connections, as a server lets a connection carry only so many.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/rpc/channel.h"

namespace armada_cache::ingest {

// Channels are made when the others are full. Not thread-safe, but a Place may be given up from any
// thread.
class ChannelPool {
 public:
  struct Limits {
    std::size_t streams_per_channel = 90;
    std::size_t channels = 32;
  };

  ChannelPool(rpc::ChannelOptions options, Limits limits)
      : options_(std::move(options)), limits_(limits) {}

  // Room for one stream; given up with its last copy.
  struct Place {
    std::shared_ptr<grpc::Channel> channel;
    std::shared_ptr<void> seat;
  };
  // kResourceExhausted: every channel is full.
  base::Result<Place> take();

 private:
  struct Line {
    std::shared_ptr<grpc::Channel> channel;
    std::shared_ptr<int> seats;  // its count of owners is that of the streams, and one
  };

  rpc::ChannelOptions options_;
  Limits limits_;
  std::vector<Line> lines_;
};

}  // namespace armada_cache::ingest
