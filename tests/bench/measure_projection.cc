#include <cmath>

#include "tests/bench/cache_under_test.h"
#include "tests/bench/cpu.h"
#include "tests/bench/log_filler.h"
#include "tests/bench/measurements.h"
#include "tests/bench/rocksdb_ceiling.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSucceeded = 3;
constexpr std::size_t kRecordBytes = 300;  // a job record with one run
constexpr auto kCeilingTime = std::chrono::seconds(5);

struct Shape {
  std::string name;
  bool adjacent = false;
  std::uint64_t jobs = 0;
  double aim = 0;
};

struct Projected {
  double events_a_second = 0;
  double cpu_us = 0;  // an event, with what RocksDB does in the background meanwhile
};

base::Result<Projected> project(const Context& context, const Shape& shape) {
  const std::filesystem::path directory = context.scratch / "projection";
  auto store = Store::open(directory);
  if (!store) return tl::unexpected(store.error());
  LogFiller filler((*store)->log(), kPartitions);
  (shape.adjacent ? fill_adjacent : fill_scattered)(filler, {0, shape.jobs}, whole_life());
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  await_idle();
  const auto begin = Clock::now();
  const auto cpu_before = own_cpu_time();
  if (auto started = (*store)->projector().start(); !started) {
    return tl::unexpected(started.error());
  }
  const auto shown = await_state((*store)->projector().reader(), filler.last_jobs(), kSucceeded,
                                 std::chrono::seconds(300));
  if (!shown) return tl::unexpected(shown.error());
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto cpu = static_cast<double>((own_cpu_time() - cpu_before).count());
  store->reset();
  std::filesystem::remove_all(directory);
  const auto events = static_cast<double>(filler.events());
  return Projected{events / seconds, cpu / events};
}

base::Result<Figure> measure(const Context& context, const Shape& shape) {
  Figure figure;
  figure.name = "projection, " + shape.name;
  figure.unit = "events/s";
  figure.aim = shape.aim;
  figure.ceiling_name = "RocksDB batched writes, 2 threads";
  std::vector<double> cpu_us, ceiling_cpu_us;
  for (std::int64_t run = 0; run < context.options.runs; ++run) {
    const auto ours = project(context, shape);
    if (!ours) return tl::unexpected(ours.error());
    RocksDbLoad load;
    load.directory = context.scratch / "bare";
    load.value_bytes = kRecordBytes;
    load.jobs = shape.jobs;
    load.adjacent = shape.adjacent;
    load.at_most = kCeilingTime;
    const auto bare = write_to_rocksdb(load);
    if (!bare) return tl::unexpected(bare.error());
    figure.runs.push_back(ours->events_a_second);
    figure.ceiling_runs.push_back(bare->writes_a_second);
    cpu_us.push_back(ours->cpu_us);
    ceiling_cpu_us.push_back(bare->cpu_us);
    progress(figure.name + ": " + std::to_string(std::llround(ours->events_a_second)) +
             " events/s, bare writes " + std::to_string(std::llround(bare->writes_a_second)) +
             "/s");
  }
  figure.cpu_us = median_of(cpu_us);
  figure.ceiling_cpu_us = median_of(ceiling_cpu_us);
  return figure;
}

}  // namespace

Figures measure_projection(const Context& context) {
  const std::vector<Shape> shapes{
      {"a job's events adjacent", true, static_cast<std::uint64_t>(context.options.adjacent_jobs),
       250e3},
      {std::to_string(context.options.scattered_jobs) + " jobs between", false,
       static_cast<std::uint64_t>(context.options.scattered_jobs), 130e3}};
  std::vector<Figure> figures;
  for (const Shape& shape : shapes) {
    auto figure = measure(context, shape);
    if (!figure) return tl::unexpected(figure.error());
    figures.push_back(std::move(*figure));
  }
  return figures;
}

}  // namespace armada_cache::bench
