// The read port of one projector in another process.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "core/lookup/job_reader.h"
#include "core/rpc/channel.h"
#include "query/remote/gatherer.h"

namespace armada_cache::rpc {
class ClientQueue;
}

namespace armada_cache::query {

struct RemoteOptions {
  // Keepalive finds a projector that is gone without a word; its server allows a ping in 10 s.
  rpc::ChannelOptions channel{.keepalive_time = std::chrono::seconds(15),
                              .keepalive_timeout = std::chrono::seconds(5),
                              .connect_timeout = std::chrono::seconds(1),
                              .max_reconnect_backoff = std::chrono::seconds(1),
                              .max_receive_bytes = std::size_t{64} << 20};
  std::chrono::milliseconds call_timeout = std::chrono::seconds(2);
  // Calls under way apart from gathered ones; below the streams that a connection may have.
  std::size_t calls_max = 90;
  std::size_t gathered_ids_max = 8;  // questions with more ids go by themselves
  GathererOptions gathering;
};

// Thread-safe. Connects lazily. Small questions for statuses are gathered into one call while
// others are under way. Errors name the projector: kUnavailable where it cannot be reached, does
// not answer in time or does not make sense; kResourceExhausted where too much is under way or it
// sheds load; kInvalidArgument and kNotFound as it says. `done` runs on the queue's thread, or
// before the call returns.
class RemoteReader final : public lookup::JobReader {
 public:
  // The queue must be stopped before the reader goes. kInvalidArgument: the options contradict each
  // other.
  static base::Result<std::unique_ptr<RemoteReader>> make(const std::string& target,
                                                          const RemoteOptions& options,
                                                          rpc::ClientQueue& queue);
  ~RemoteReader() override;

  bool reachable() override;
  void statuses(std::span<const std::string_view> ids, bool with_queues,
                Done<lookup::StatusAnswer> done) override;
  void details(std::vector<std::string> ids, bool with_spec,
               Done<lookup::DetailsAnswer> done) override;
  void list(lookup::ListRequest request, Done<lookup::ListAnswer> done) override;
  void summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) override;
  void relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) override;
  void asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) override;
  void active_queues(Done<lookup::ActiveQueuesAnswer> done) override;

 private:
  class Connection;
  explicit RemoteReader(std::unique_ptr<Connection> connection);

  const std::unique_ptr<Connection> connection_;
};

}  // namespace armada_cache::query
