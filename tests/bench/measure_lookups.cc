#include <unistd.h>

#include "tests/bench/cache_under_test.h"
#include "tests/bench/cpu.h"
#include "tests/bench/log_filler.h"
#include "tests/bench/lookup_figures.h"
#include "tests/bench/measurements.h"

namespace armada_cache::bench {
namespace {

constexpr int kRunning = 2;
constexpr std::uint64_t kMostJobs = 500'000;
constexpr double kOfBestEcho = 0.8;

// A server that knows jobs, and what it stands on.
struct Server {
  std::unique_ptr<Store> store;
  LookupServer lookups;
  std::uint64_t jobs = 0;

  Served served() const { return {{lookups.address, {{"cache", getpid()}}, true}, jobs}; }
};

base::Result<std::unique_ptr<Server>> serve_running_jobs(const Context& context) {
  auto made = std::make_unique<Server>();
  made->jobs = std::min<std::uint64_t>(static_cast<std::uint64_t>(context.options.jobs), kMostJobs);
  progress("projecting " + std::to_string(made->jobs) + " running jobs to ask for");
  auto store = Store::open(context.scratch / "lookups");
  if (!store) return tl::unexpected(store.error());
  made->store = std::move(*store);
  LogFiller filler(made->store->log(), kPartitions);
  fill_adjacent(filler, {0, made->jobs}, {Step::kSubmitted, Step::kLeased, Step::kRunning});
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  if (auto started = made->store->projector().start(); !started) {
    return tl::unexpected(started.error());
  }
  const auto shown = await_state(made->store->projector().reader(), filler.last_jobs(), kRunning,
                                 std::chrono::seconds(120));
  if (!shown) return tl::unexpected(shown.error());
  auto server = start_lookups(*made->store);
  if (!server) return tl::unexpected(server.error());
  made->lookups = std::move(*server);
  await_idle();
  return made;
}

}  // namespace

Figures measure_lookups(const Context& context) {
  const auto server = serve_running_jobs(context);
  if (!server) return tl::unexpected(server.error());
  std::vector<Figure> figures;
  for (const int callers : {1, 50, 200}) {
    if (auto measured =
            measure_single_lookups(context, (*server)->served(), callers, kOfBestEcho, figures);
        !measured) {
      return tl::unexpected(measured.error());
    }
  }
  return figures;
}

Figures measure_batches(const Context& context) {
  const auto server = serve_running_jobs(context);
  if (!server) return tl::unexpected(server.error());
  std::vector<Figure> figures;
  for (const auto& [ids, aim] : {std::pair{100, 1e6}, std::pair{500, 2e6}}) {
    if (auto measured = measure_batched_lookups(context, (*server)->served(), ids, aim, figures);
        !measured) {
      return tl::unexpected(measured.error());
    }
  }
  return figures;
}

}  // namespace armada_cache::bench
