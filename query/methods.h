// All unary methods of the query tier, and the generated services they belong to.
#pragma once

#include <memory>
#include <vector>

namespace grpc {
class Service;
}

namespace armada_cache::base {
class TaskPool;
}

namespace armada_cache::rpc {
class CallQueue;
}

namespace armada_cache::query {

class CacheService;
class LegacyJobService;
class JobsService;

// Must outlive the methods and every answer.
struct Services {
  JobsService& jobs;
  LegacyJobService& legacy;
  CacheService& cache;
};

struct MethodOptions {
  std::size_t inline_ids = 128;  // larger GetJobStatus calls go to the pool
  int status_slots = 256;        // GetJobStatus calls posted ahead
};

// Built before the server starts, by one thread; calls then run on the queue's polling thread and
// on the pool.
class Methods {
 public:
  // Adds each method to the queue. Queue and pool must outlive this, and the queue must be finished
  // before this goes.
  Methods(const MethodOptions& options, const Services& services, rpc::CallQueue& queue,
          base::TaskPool& pool);
  ~Methods();

  // To be registered with the server; they belong to this.
  std::vector<grpc::Service*> grpc_services();

 private:
  struct Generated;
  std::unique_ptr<Generated> generated_;
};

}  // namespace armada_cache::query
