#include "tests/faults/projection_dump.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "core/base/metrics.h"
#include "projector/projector.h"
#include "tests/support/eventually.h"

namespace armada_cache {
namespace {

constexpr std::chrono::seconds kPatience{60};

void need(const base::Status& done) {
  if (!done) throw std::runtime_error(done.error().message);
}

ProjectionDump by_partition(std::istream& text) {
  ProjectionDump dump;
  std::vector<std::string>* lines = nullptr;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string first;
    eventlog::Partition partition = 0;
    if (words >> first && first == "partition" && words >> partition) lines = &dump[partition];
    if (lines != nullptr) lines->push_back(line);
  }
  return dump;
}

}  // namespace

std::vector<eventlog::Partition> partitions_in(const std::filesystem::path& data_dir) {
  std::vector<eventlog::Partition> partitions;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir / "projection")) {
    partitions.push_back(std::stoi(entry.path().filename().string()));
  }
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

ProjectionDump dump_projection(const std::filesystem::path& data_dir,
                               const std::vector<eventlog::Partition>& partitions,
                               eventlog::Partition partition_count, eventlog::EventLog& log) {
  base::Metrics metrics;
  projector::Options options;
  options.data_dir = data_dir;
  options.partition_count = partition_count;
  options.partitions = partitions;
  options.ready_lag_max = 0;
  auto opened = projector::Projector::open(options, log, base::kSystemClock, metrics);
  if (!opened) throw std::runtime_error(opened.error().message);
  projector::Projector& projector = **opened;
  need(projector.start());
  if (!test_support::eventually(kPatience, [&] { return projector.ready().has_value(); })) {
    throw std::runtime_error("the projection does not reach the end of the log");
  }
  projector.stop();
  std::stringstream text;
  need(projector.dump(text));
  return by_partition(text);
}

std::string first_difference(const std::vector<std::string>& live,
                             const std::vector<std::string>& rebuilt) {
  const auto [ours, theirs] =
      std::mismatch(live.begin(), live.end(), rebuilt.begin(), rebuilt.end());
  if (ours == live.end() && theirs == rebuilt.end()) return {};
  return "live:    " + (ours == live.end() ? "no more" : *ours) +
         "\nrebuilt: " + (theirs == rebuilt.end() ? "no more" : *theirs);
}

}  // namespace armada_cache
