#include "tests/bench/kafka/stream_source.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "armada/api/event.pb.h"
#include "tests/bench/job_ids.h"
#include "tests/simulator/simulator.h"

namespace armada_cache::bench {
namespace {

constexpr std::uint64_t kEventsInMessage = 200;  // of Armada's own, which become so many
constexpr std::chrono::seconds kPatience{120};

test_support::Command command_for(JobSetRange range) {
  return {.program = "/proc/self/exe",
          .arguments = {"simulate", std::to_string(range.first), std::to_string(range.count)},
          .environment = {}};
}

// The jobs of a job set live at the same time.
void emit_lives(simulator::Simulator& armada, std::uint64_t job_set) {
  const base::SystemClock clock;
  const std::uint64_t first = job_set * kJobsInJobSet;
  std::vector<api::EventMessage> events;
  for (const Step step : whole_life()) {
    for (std::uint64_t job = first; job < first + kJobsInJobSet; ++job) {
      events.push_back(make_event(job, step, clock.now()));
      if (events.size() == kEventsInMessage || job + 1 == first + kJobsInJobSet) {
        armada.emit(job_set_of(first), std::exchange(events, {}));
      }
    }
  }
}

}  // namespace

std::uint64_t JobSetRange::events() const {
  return count * kJobsInJobSet * whole_life().size();
}

std::vector<base::JobSet> JobSetRange::job_sets() const {
  std::vector<base::JobSet> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(job_set_of((first + i) * kJobsInJobSet));
  return all;
}

StreamSource::StreamSource(JobSetRange range, const std::filesystem::path& folder)
    : process_(command_for(range), folder) {
  const auto address = process_.wait_for_line(":", kPatience);
  if (!address) throw std::runtime_error("no simulated Armada: " + process_.standard_error());
  address_ = *address;
}

int simulate_main(JobSetRange range) {
  simulator::Options options;
  options.listen = "127.0.0.1:0";
  simulator::Simulator armada(options);
  const auto address = armada.start();
  if (!address) {
    std::cerr << address.error().message << std::endl;
    return 1;
  }
  for (std::uint64_t i = 0; i < range.count; ++i) emit_lives(armada, range.first + i);
  std::cout << *address << std::endl;
  for (;;) pause();
}

}  // namespace armada_cache::bench
