// The query tier: Armada's query API, the older jobservice API and armada_cache.v1 over gRPC,
// answered from the projection.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "core/lookup/job_reader.h"
#include "core/rpc/call_server_options.h"
#include "query/subscriptions/options.h"

namespace armada_cache::rpc {
class ClientQueue;
}

namespace armada_cache::query {

struct QueryOptions {
  rpc::CallServerOptions server;

  // While an answer is not certain, the projection is asked again so often and for so long.
  std::chrono::milliseconds certainty_interval{10};
  std::chrono::milliseconds certainty_wait{250};

  std::size_t inline_ids = 128;  // larger GetJobStatus calls go to the workers
  int status_slots = 256;        // GetJobStatus calls posted ahead

  // A search by external job URI fails beyond so many jobs found, or so many pages searched.
  std::size_t max_jobs_of_uri = 10'000;
  std::size_t max_pages_of_uri = 1000;
  std::size_t default_page_size = 100;
  std::size_t max_page_size = 1000;

  SubscriptionOptions subscriptions;
};

// Not thread-safe but for ready(). References must outlive it.
class QueryServer {
 public:
  // `asking`: the reader's calls to others, where it has any, which then come back on the thread
  // that polls the calls of clients. `reachable`: health tells NOT_SERVING while it is false too;
  // asked often, by any thread.
  QueryServer(
      const QueryOptions& options, lookup::JobReader& reader, eventlog::EventLog& log,
      const base::Clock& clock, base::Metrics& metrics, rpc::ClientQueue* asking = nullptr,
      std::function<bool()> reachable = [] { return true; });
  ~QueryServer();  // stops

  // Listens and answers. The address as it was bound ("127.0.0.1:60003"). kInvalidArgument names
  // a wrong option; kFailedPrecondition: the address cannot be bound; kNotFound: the topic is
  // missing.
  base::Result<std::string> start();

  // Whether the subscriptions are read, so that answers can be certain.
  bool ready() const;

  // Drains: health tells NOT_SERVING, nothing new is accepted, what was accepted is answered,
  // until then at the latest; without a time, within the drain deadline. Blocks.
  void stop(std::chrono::steady_clock::time_point until);
  void stop();

 private:
  class Running;

  const QueryOptions options_;
  lookup::JobReader& reader_;
  eventlog::EventLog& log_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  rpc::ClientQueue* const asking_;
  const std::function<bool()> reachable_;
  std::unique_ptr<Running> running_;
};

}  // namespace armada_cache::query
