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
class JobService;
class JobsService;

struct Services {
  JobsService& jobs;
  JobService& legacy;
  CacheService& cache;
};

struct MethodOptions {
  std::size_t inline_ids = 128;
  int status_slots = 256;
};

class Methods {
 public:
  // Adds each method to the queue; both must outlive the calls.
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
