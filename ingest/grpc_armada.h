// Armada's event streams over gRPC.
#pragma once

#include <functional>
#include <memory>

#include "core/rpc/authorization.h"
#include "core/rpc/channel.h"
#include "ingest/armada_stream.h"
#include "ingest/channel_pool.h"

namespace armada_cache::ingest {

// Messages are handed on as the bytes that came. One read is outstanding for each stream, and none
// without a grant. A stream whose connection died without a word ends with kUnavailable. Used on
// the relays' thread; `post` runs something on it, from any thread, and must stay callable until
// every stream is destroyed.
class GrpcArmada final : public Armada {
 public:
  using Post = Connection::Post;

  GrpcArmada(rpc::ChannelOptions channel, ChannelPool::Limits limits, rpc::Credentials credentials,
             const ProbeTimes& probes, Post post);

  std::unique_ptr<ArmadaStream> open(const StreamRequest& request,
                                     StreamCallbacks callbacks) override;
  void reread_credentials() override { authorization_.invalidate(); }

  // When on_time() is due, which sees to it that dead connections are noticed.
  base::Time next_wake() const { return next_probe_; }
  void on_time(base::Time now);

 private:
  ChannelPool pool_;
  rpc::Authorization authorization_;
  const base::Duration probe_interval_;
  base::Time next_probe_;
  Post post_;
};

}  // namespace armada_cache::ingest
