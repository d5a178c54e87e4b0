#include <unistd.h>

#include "tests/bench/cache_under_test.h"
#include "tests/bench/context.h"
#include "tests/bench/cpu.h"
#include "tests/bench/echo_process.h"
#include "tests/bench/log_filler.h"
#include "tests/bench/lookup_run.h"

namespace armada_cache::bench {
namespace {

constexpr int kRunning = 2;
constexpr std::uint64_t kMostJobs = 500'000;
constexpr double kOfBestEcho = 0.8;

// A server that knows jobs, and what it stands on.
struct Served {
  std::unique_ptr<Store> store;
  LookupServer lookups;
  std::uint64_t jobs = 0;
};

base::Result<std::unique_ptr<Served>> serve_running_jobs(const Context& context) {
  auto served = std::make_unique<Served>();
  served->jobs =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(context.options.jobs), kMostJobs);
  progress("projecting " + std::to_string(served->jobs) + " running jobs to ask for");
  auto store = Store::open(context.scratch / "lookups");
  if (!store) return tl::unexpected(store.error());
  served->store = std::move(*store);
  LogFiller filler(served->store->log(), kPartitions);
  fill_adjacent(filler, {0, served->jobs}, {Step::kSubmitted, Step::kLeased, Step::kRunning});
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  if (auto started = served->store->projector().start(); !started) {
    return tl::unexpected(started.error());
  }
  const auto shown = await_state(served->store->projector().reader(), filler.last_jobs(), kRunning,
                                 std::chrono::seconds(120));
  if (!shown) return tl::unexpected(shown.error());
  auto server = start_lookups(*served->store);
  if (!server) return tl::unexpected(server.error());
  served->lookups = std::move(*server);
  await_idle();
  return served;
}

std::vector<double> ids_a_second(const std::vector<LookupRun>& runs, int ids_a_call) {
  std::vector<double> rates = take(runs, &LoadResult::calls_a_second);
  for (double& rate : rates) rate *= ids_a_call;
  return rates;
}

double cpu_of(const std::vector<LookupRun>& runs) {
  std::vector<double> micros;
  for (const LookupRun& run : runs) micros.push_back(run.server_cpu_us);
  return median_of(micros);
}

Figure lookup_figure(const std::string& name, const std::vector<LookupRun>& ours,
                     const std::string& ceiling_name, const std::vector<LookupRun>& ceiling,
                     int ids_a_call) {
  Figure figure;
  figure.name = name;
  figure.unit = ids_a_call == 1 ? "lookups/s" : "ids/s";
  figure.runs = ids_a_second(ours, ids_a_call);
  figure.ceiling_runs = ids_a_second(ceiling, ids_a_call);
  figure.cpu_us = cpu_of(ours);
  figure.ceiling_cpu_us = cpu_of(ceiling);
  figure.ceiling_name = ceiling_name;
  figure.p50_us = median_of(take(ours, &LoadResult::p50_us));
  figure.p99_us = median_of(take(ours, &LoadResult::p99_us));
  figure.ceiling_p50_us = median_of(take(ceiling, &LoadResult::p50_us));
  figure.ceiling_p99_us = median_of(take(ceiling, &LoadResult::p99_us));
  return figure;
}

Target target_of(const Served& served) {
  return {served.lookups.address, getpid(), true};
}
Target target_of(const EchoProcess& echo) {
  return {echo.address(), echo.pid(), false};
}

base::Status measure_callers(const Context& context, const Served& served, int callers,
                             std::vector<Figure>& figures) {
  progress("single lookups, " + std::to_string(callers) + " callers");
  const auto polling = EchoProcess::start("polling", 1, context.scratch);
  if (!polling) return tl::unexpected(polling.error());
  const auto callback = EchoProcess::start("callback", 1, context.scratch);
  if (!callback) return tl::unexpected(callback.error());
  const std::vector<Target> targets{target_of(served), target_of(**polling), target_of(**callback)};
  const auto runs = run_in_turns(context, targets, {callers, 1, 0}, served.jobs);
  if (!runs) return tl::unexpected(runs.error());
  const std::string name = "single lookups, " + std::to_string(callers) + " callers";
  figures.push_back(lookup_figure(name, (*runs)[0], "echo, one polling thread", (*runs)[1], 1));
  figures.back().aim_ratio = kOfBestEcho;
  figures.push_back(lookup_figure(name, (*runs)[0], "echo, callback API", (*runs)[2], 1));
  return {};
}

base::Status measure_batch(const Context& context, const Served& served, int ids, double aim,
                           std::vector<Figure>& figures) {
  progress("batches of " + std::to_string(ids));
  constexpr int kCallers = 16;
  const auto echo = EchoProcess::start("polling", ids, context.scratch);
  if (!echo) return tl::unexpected(echo.error());
  const std::vector<Target> targets{target_of(served), target_of(**echo)};
  const auto runs = run_in_turns(context, targets, {kCallers, ids, 0}, served.jobs);
  if (!runs) return tl::unexpected(runs.error());
  figures.push_back(lookup_figure("batches of " + std::to_string(ids), (*runs)[0],
                                  "echo, one polling thread", (*runs)[1], ids));
  figures.back().aim = aim;
  return {};
}

}  // namespace

Figures measure_lookups(const Context& context) {
  const auto served = serve_running_jobs(context);
  if (!served) return tl::unexpected(served.error());
  std::vector<Figure> figures;
  for (const int callers : {1, 50, 200}) {
    if (auto measured = measure_callers(context, **served, callers, figures); !measured) {
      return tl::unexpected(measured.error());
    }
  }
  return figures;
}

Figures measure_batches(const Context& context) {
  const auto served = serve_running_jobs(context);
  if (!served) return tl::unexpected(served.error());
  std::vector<Figure> figures;
  for (const auto& [ids, aim] : {std::pair{100, 1e6}, std::pair{500, 2e6}}) {
    if (auto measured = measure_batch(context, **served, ids, aim, figures); !measured) {
      return tl::unexpected(measured.error());
    }
  }
  return figures;
}

}  // namespace armada_cache::bench
