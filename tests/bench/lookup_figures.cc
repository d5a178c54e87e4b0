#include "tests/bench/lookup_figures.h"

#include <cmath>

#include "tests/bench/echo_process.h"

namespace armada_cache::bench {
namespace {

std::vector<double> ids_a_second(const std::vector<LookupRun>& runs, int ids_a_call) {
  std::vector<double> rates = take(runs, &LoadResult::calls_a_second);
  for (double& rate : rates) rate *= ids_a_call;
  return rates;
}

double cpu_of(const std::vector<LookupRun>& runs, std::size_t process) {
  std::vector<double> micros;
  for (const LookupRun& run : runs) micros.push_back(run.cpu_us[process]);
  return median_of(micros);
}

double cpu_of(const std::vector<LookupRun>& runs) {
  double sum = 0;
  for (std::size_t i = 0; i < runs.front().cpu_us.size(); ++i) sum += cpu_of(runs, i);
  return sum;
}

// How processes share the work of a call; empty where there is but one.
std::string share_of_work(const Target& target, const std::vector<LookupRun>& runs) {
  std::string text;
  for (std::size_t i = 0; target.processes.size() > 1 && i < target.processes.size(); ++i) {
    text += (text.empty() ? "" : ", ") + target.processes[i].name + " " +
            std::to_string(std::lround(cpu_of(runs, i))) + " us";
  }
  return text;
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

Target target_of(const EchoProcess& echo) {
  return {echo.address(), {{"echo", echo.pid()}}, false};
}

}  // namespace

base::Status measure_single_lookups(const Context& context, const Served& served, int callers,
                                    std::optional<double> aim_ratio, std::vector<Figure>& figures) {
  const std::string name = "single lookups, " + std::to_string(callers) + " callers";
  progress(name);
  const auto polling = EchoProcess::start("polling", 1, context.scratch);
  if (!polling) return tl::unexpected(polling.error());
  const auto callback = EchoProcess::start("callback", 1, context.scratch);
  if (!callback) return tl::unexpected(callback.error());
  const std::vector<Target> targets{served.target, target_of(**polling), target_of(**callback)};
  const auto runs = run_in_turns(context, targets, {callers, 1, 0}, served.jobs);
  if (!runs) return tl::unexpected(runs.error());
  Figure to_polling = lookup_figure(name, (*runs)[0], "echo, one polling thread", (*runs)[1], 1);
  Figure to_callback = lookup_figure(name, (*runs)[0], "echo, callback API", (*runs)[2], 1);
  to_polling.note = share_of_work(served.target, (*runs)[0]);
  (to_polling.ratio() <= to_callback.ratio() ? to_polling : to_callback).aim_ratio = aim_ratio;
  figures.push_back(std::move(to_polling));
  figures.push_back(std::move(to_callback));
  return {};
}

base::Status measure_batched_lookups(const Context& context, const Served& served, int ids_a_call,
                                     std::optional<double> aim, std::vector<Figure>& figures) {
  const std::string name = "batches of " + std::to_string(ids_a_call);
  progress(name);
  constexpr int kCallers = 16;
  const auto echo = EchoProcess::start("polling", ids_a_call, context.scratch);
  if (!echo) return tl::unexpected(echo.error());
  const std::vector<Target> targets{served.target, target_of(**echo)};
  const auto runs = run_in_turns(context, targets, {kCallers, ids_a_call, 0}, served.jobs);
  if (!runs) return tl::unexpected(runs.error());
  figures.push_back(
      lookup_figure(name, (*runs)[0], "echo, one polling thread", (*runs)[1], ids_a_call));
  figures.back().aim = aim;
  figures.back().note = share_of_work(served.target, (*runs)[0]);
  return {};
}

}  // namespace armada_cache::bench
