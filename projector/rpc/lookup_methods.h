// armada_cache.internal.v1.Lookup out of a job reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/lookup/job_reader.h"

namespace grpc {
class Service;
}

namespace armada_cache::base {
class TaskPool;
}

namespace armada_cache::rpc {
class CallQueue;
}

namespace armada_cache::projector {

// Which partitions the reader answers of, ascending, and how far each is now: everything below
// `least` is visible, nothing from `most` on. Thread-safe.
using ExtentsHere = std::function<lookup::Extents()>;

struct LookupMethodOptions {
  std::size_t inline_ids = 128;  // larger questions for statuses go to the workers
  int status_slots = 256;        // calls for statuses posted ahead
};

class LookupMethods {
 public:
  // Adds each method to the queue. Everything must outlive the calls.
  LookupMethods(const LookupMethodOptions& options, lookup::JobReader& reader,
                const ExtentsHere& extents, rpc::CallQueue& queue, base::TaskPool& pool);
  ~LookupMethods();

  grpc::Service& grpc_service();  // to be registered with the server

 private:
  struct Generated;

  void add_statuses(const LookupMethodOptions& options, rpc::CallQueue& queue,
                    base::TaskPool& pool);
  void add_others(rpc::CallQueue& queue);

  lookup::JobReader& reader_;
  const ExtentsHere& extents_;
  const std::unique_ptr<Generated> generated_;
};

}  // namespace armada_cache::projector
