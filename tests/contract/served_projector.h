// A running projector and its server on a free port of this machine.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/rpc/calls/client_queue.h"
#include "projector/rpc/lookup_server.h"
#include "query/remote/remote_reader.h"
#include "tests/contract/projection.h"

namespace armada_cache::contract {

class ServedReader {
 public:
  ServedReader(lookup::JobReader& reader, projector::ExtentsHere extents, base::Metrics& metrics)
      : server_(options(), reader, std::move(extents), metrics) {
    auto address = server_.start();
    if (!address) throw std::runtime_error(address.error().message);
    address_ = *address;
  }

  ~ServedReader() { kill(); }

  const std::string& address() const { return address_; }
  // Lets nobody finish.
  void kill() { server_.stop(std::chrono::steady_clock::now()); }

 private:
  static projector::LookupServerOptions options() {
    projector::LookupServerOptions made;
    made.server.transport.listen = "127.0.0.1:0";
    return made;
  }

  projector::LookupServer server_;
  std::string address_;
};

// Of partitions of which nothing is applied.
inline projector::ExtentsHere nothing_of(const std::vector<eventlog::Partition>& partitions) {
  lookup::Extents extents;
  for (const eventlog::Partition partition : partitions) {
    extents.partitions.push_back({partition, 0, 0});
  }
  return [extents] { return extents; };
}

class ServedProjector {
 public:
  ServedProjector(ProjectedLog& log, const std::vector<eventlog::Partition>& partitions)
      : projector_(log, partitions),
        served_(
            projector_.reader(), [this] { return projector_.extents(); }, projector_.metrics()) {}

  const std::string& address() const { return served_.address(); }
  void kill() { served_.kill(); }

 private:
  RunningProjector projector_;
  ServedReader served_;
};

inline base::Result<std::shared_ptr<lookup::JobReader>> connect(const std::string& target,
                                                                const query::RemoteOptions& options,
                                                                rpc::ClientQueue& queue) {
  auto made = query::RemoteReader::make(target, options, queue);
  if (!made) return tl::unexpected(made.error());
  return std::shared_ptr<lookup::JobReader>(*std::move(made));
}

}  // namespace armada_cache::contract
