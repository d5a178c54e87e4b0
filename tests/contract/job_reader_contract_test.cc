// The suite over one projector in this process, over the same behind a connection, and over two
// projectors that share the partitions, behind two connections and the router.
#include "tests/contract/job_reader_contract.h"

#include "core/rpc/calls/client_queue.h"
#include "projector/rpc/lookup_server.h"
#include "query/remote/remote_reader.h"
#include "query/routing/routing_reader.h"
#include "query/routing/static_directory.h"
#include "tests/contract/served_projector.h"

namespace armada_cache::lookup {
namespace {

using contract::ProjectedLog;
using contract::RunningProjector;
using contract::ServedProjector;

class InProcess final : public ReaderHarness {
 public:
  JobReader& reader() override { return projector_.reader(); }
  ProjectedLog& log() override { return log_; }

 private:
  ProjectedLog log_;
  RunningProjector projector_{log_, {0, 1, 2, 3}};
};

class OverRpc final : public ReaderHarness {
 public:
  OverRpc() : reader_(query::RemoteReader::make(served_.address(), {}, queue_).value()) {}
  ~OverRpc() override { queue_.stop(); }
  JobReader& reader() override { return *reader_; }
  ProjectedLog& log() override { return log_; }

 private:
  ProjectedLog log_;
  ServedProjector served_{log_, {0, 1, 2, 3}};
  rpc::ClientQueue queue_;
  std::unique_ptr<query::RemoteReader> reader_;
};

class Routed final : public ReaderHarness {
 public:
  Routed()
      : directory_(query::StaticDirectory::parse(
                       "a:" + first_.address() + "=0+2,a:" + second_.address() + "=1+3",
                       ProjectedLog::kPartitions)
                       .value()),
        reader_(
            {}, *directory_,
            [this](const std::string& target) { return contract::connect(target, {}, queue_); },
            metrics_) {}
  ~Routed() override { queue_.stop(); }
  JobReader& reader() override { return reader_; }
  ProjectedLog& log() override { return log_; }

 private:
  ProjectedLog log_;
  ServedProjector first_{log_, {0, 2}};
  ServedProjector second_{log_, {1, 3}};
  rpc::ClientQueue queue_;
  base::Metrics metrics_;
  std::unique_ptr<query::StaticDirectory> directory_;
  query::RoutingReader reader_;
};

template <typename Harness>
std::unique_ptr<ReaderHarness> make() {
  return std::make_unique<Harness>();
}

INSTANTIATE_TEST_SUITE_P(InProcess, JobReaderContract, testing::Values(&make<InProcess>));
INSTANTIATE_TEST_SUITE_P(OverRpc, JobReaderContract, testing::Values(&make<OverRpc>));
INSTANTIATE_TEST_SUITE_P(Routed, JobReaderContract, testing::Values(&make<Routed>));

}  // namespace
}  // namespace armada_cache::lookup
