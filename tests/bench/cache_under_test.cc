#include "tests/bench/cache_under_test.h"

#include <algorithm>
#include <future>
#include <numeric>
#include <thread>

#include "core/eventlog/embedded/embedded_log.h"
#include "core/lookup/job_reader.h"
#include "tests/bench/context.h"
#include "tests/bench/job_ids.h"
#include "tests/bench/log_filler.h"

namespace armada_cache::bench {
namespace {

bool shows(lookup::JobReader& reader, const std::vector<std::uint64_t>& jobs, int state) {
  std::vector<std::string> ids;
  for (const std::uint64_t job : jobs) ids.push_back(job_id(job));
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  // Outlives this call where the answer comes after the time that a lookup may take.
  auto answer = std::make_shared<std::promise<bool>>();
  reader.statuses(views, false, [answer, state](base::Result<lookup::StatusAnswer> result) {
    answer->set_value(
        result && std::all_of(result->statuses.begin(), result->statuses.end(),
                              [state](lookup::JobStatus status) { return status.state == state; }));
  });
  return answer->get_future().get();
}

}  // namespace

base::Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  std::unique_ptr<Store> store(new Store());
  auto log = eventlog::embedded::open_embedded_log(
      {.directory = directory / "log", .clock = store->clock_});
  if (!log) return tl::unexpected(log.error());
  store->log_ = std::move(*log);
  if (auto made = make_topics(*store->log_, kPartitions); !made) {
    return tl::unexpected(made.error());
  }
  projector::Options options;
  options.data_dir = directory;
  options.partition_count = kPartitions;
  options.partitions.resize(kPartitions);
  std::iota(options.partitions.begin(), options.partitions.end(), 0);
  options.certainty_wait = std::chrono::milliseconds(1);
  auto projector =
      projector::Projector::open(options, *store->log_, store->clock_, store->metrics_);
  if (!projector) return tl::unexpected(projector.error());
  store->projector_ = std::move(*projector);
  return store;
}

Store::~Store() {
  projector_.reset();
}

base::Result<LookupServer> start_lookups(Store& store) {
  query::QueryOptions options;
  options.server.transport.listen = "127.0.0.1:0";
  options.subscriptions.partitions = kPartitions;
  LookupServer lookups;
  lookups.server = std::make_unique<query::QueryServer>(
      options, store.projector().reader(), store.log(), store.clock(), store.metrics());
  auto address = lookups.server->start();
  if (!address) return tl::unexpected(address.error());
  lookups.address = std::move(*address);
  return lookups;
}

base::Status await_state(lookup::JobReader& reader, const std::vector<std::uint64_t>& jobs,
                         int state, std::chrono::seconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    if (shows(reader, jobs, state)) return {};
    if (std::chrono::steady_clock::now() >= until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return base::fail(base::ErrorCode::kDeadlineExceeded,
                    "the jobs are not in state " + std::to_string(state) + " after " +
                        std::to_string(deadline.count()) + " s");
}

}  // namespace armada_cache::bench
