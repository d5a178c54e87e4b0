#include <unistd.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "tests/bench/cache_under_test.h"
#include "tests/bench/disk_usage.h"
#include "tests/bench/job_ids.h"
#include "tests/bench/log_filler.h"
#include "tests/bench/measurements.h"
#include "tests/support/cache_client.h"
#include "tests/support/cache_process.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRunning = 2;
constexpr double kAimDiskBytes = 500;
constexpr double kAimMemoryBytes = 400;
constexpr double kAimStartSeconds = 1;

base::Status project_running_jobs(const std::filesystem::path& directory, std::uint64_t jobs) {
  progress("projecting " + std::to_string(jobs) + " running jobs");
  auto store = Store::open(directory);
  if (!store) return tl::unexpected(store.error());
  LogFiller filler((*store)->log(), kPartitions);
  fill_scattered(filler, {0, jobs}, life_until_running());
  if (auto filled = filler.finish(); !filled) return filled;
  if (auto started = (*store)->projector().start(); !started) return started;
  return await_state((*store)->projector().reader(), filler.last_jobs(), kRunning,
                     std::chrono::seconds(600));
}

std::uint64_t resident_bytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

struct Start {
  double seconds = 0;
  std::uint64_t resident = 0;
};

// Starts the program over the folder; until it answers rightly, if a job is named.
base::Result<Start> start_once(const Context& context, const std::filesystem::path& directory,
                               const std::string& job) {
  test_support::CacheOptions options;
  options.data_dir = directory;
  options.output_folder = context.scratch;
  options.more = {"--log-level=error"};
  const auto begin = Clock::now();
  test_support::CacheProcess cache(options);
  const test_support::CacheClient client(cache.grpc_address());
  const auto is_right = [&] {
    const auto answer = client.statuses({job});
    const auto& states = answer.message.job_states();
    return answer.ok() && states.contains(job) && states.at(job) == api::RUNNING;
  };
  while (!job.empty() && !is_right()) {
    if (Clock::now() - begin > std::chrono::seconds(60)) {
      return base::fail(base::ErrorCode::kDeadlineExceeded, "no right answer 60 s after the start");
    }
  }
  Start start;
  start.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  // What is loaded besides answering is loaded by then.
  std::this_thread::sleep_for(std::chrono::seconds(context.options.seconds));
  start.resident = resident_bytes(cache.process().pid());
  cache.stop();
  return start;
}

base::Status measure_starts(const Context& context, const std::filesystem::path& directory,
                            std::uint64_t jobs, Figure& memory, Figure& start) {
  const auto empty = start_once(context, context.scratch / "empty", "");
  if (!empty) return tl::unexpected(empty.error());
  for (std::int64_t run = 0; run < context.options.runs; ++run) {
    progress("starting over " + std::to_string(jobs) + " jobs");
    const auto loaded = start_once(context, directory, job_id(jobs / 2));
    if (!loaded) return tl::unexpected(loaded.error());
    start.runs.push_back(loaded->seconds);
    const auto more = static_cast<double>(loaded->resident) - static_cast<double>(empty->resident);
    memory.runs.push_back(more / static_cast<double>(jobs));
  }
  memory.note = "resident, beyond " + std::to_string(empty->resident >> 20) + " MiB without jobs";
  return {};
}

base::Status measure_disk(const std::filesystem::path& projection, std::uint64_t jobs,
                          Figure& disk) {
  const std::uint64_t before = file_bytes(projection);
  const auto sizes = compacted_bytes(projection);
  if (!sizes) return tl::unexpected(sizes.error());
  double without_specs = 0;
  for (const auto& [family, bytes] : *sizes) {
    const double a_job = static_cast<double>(bytes) / static_cast<double>(jobs);
    if (family != "specs") without_specs += a_job;
    if (a_job >= 1) disk.note += family + " " + std::to_string(std::lround(a_job)) + ", ";
  }
  disk.runs = {without_specs};
  disk.note += "all files before compaction " + std::to_string(before / jobs);
  return {};
}

Figure footprint_figure(const std::string& name, const std::string& unit, double aim) {
  Figure figure;
  figure.name = name;
  figure.unit = unit;
  figure.better = Better::kLower;
  figure.aim = aim;
  return figure;
}

}  // namespace

Figures measure_footprint(const Context& context) {
  const auto jobs = static_cast<std::uint64_t>(context.options.jobs);
  const std::filesystem::path directory = context.scratch / "footprint";
  if (auto projected = project_running_jobs(directory, jobs); !projected) {
    return tl::unexpected(projected.error());
  }
  const std::string suffix = " at " + std::to_string(jobs) + " live jobs";
  Figure memory = footprint_figure("memory" + suffix, "B/job", kAimMemoryBytes);
  Figure start = footprint_figure("start to first right answer" + suffix, "s", kAimStartSeconds);
  Figure disk = footprint_figure("disk" + suffix + ", without specs", "B/job", kAimDiskBytes);
  if (auto measured = measure_starts(context, directory, jobs, memory, start); !measured) {
    return tl::unexpected(measured.error());
  }
  if (auto measured = measure_disk(directory / "projection", jobs, disk); !measured) {
    return tl::unexpected(measured.error());
  }
  return std::vector<Figure>{disk, memory, start};
}

}  // namespace armada_cache::bench
