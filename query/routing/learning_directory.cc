#include "query/routing/learning_directory.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/log.h"

namespace armada_cache::query {
namespace {

using Entries = std::vector<ProjectorEntry>;

// A projector that was killed and came back can be a member twice for a while.
Entries gathered(const Entries& entries) {
  std::map<std::pair<std::string, std::string>, std::set<eventlog::Partition>> by_target;
  for (const ProjectorEntry& entry : entries) {
    if (entry.partitions.empty()) continue;
    by_target[{entry.group, entry.target}].insert(entry.partitions.begin(), entry.partitions.end());
  }
  Entries made;
  for (const auto& [who, partitions] : by_target) {
    made.push_back({who.first, who.second, {partitions.begin(), partitions.end()}});
  }
  return made;
}

bool same(const ProjectorMap& one, const ProjectorMap& other) {
  return std::ranges::equal(
      one.projectors, other.projectors, [](const ProjectorEntry& a, const ProjectorEntry& b) {
        return a.group == b.group && a.target == b.target && a.partitions == b.partitions;
      });
}

}  // namespace

LearningDirectory::LearningDirectory(const LearningOptions& options, Look look,
                                     base::Metrics& metrics)
    : options_(options),
      look_(std::move(look)),
      known_(options.partitions),
      looks_(metrics.counter("query_directory_looks_total",
                             "Questions for who has which partition, by result")),
      projectors_(metrics.gauge("query_directory_partitions",
                                "Partitions that the directory places, by replica group and "
                                "projector")) {}

LearningDirectory::~LearningDirectory() {
  stop();
}

void LearningDirectory::start() {
  thread_ = std::thread([this] { run(); });
}

void LearningDirectory::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LearningDirectory::doubt() {
  {
    const std::lock_guard lock(mutex_);
    if (doubted_) return;
    doubted_ = true;
  }
  wake_.notify_all();
}

void LearningDirectory::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    doubted_ = false;
    lock.unlock();
    look();
    lock.lock();
    wake_.wait_for(lock, options_.pause, [this] { return stopped_; });
    wake_.wait_for(lock, options_.interval, [this] { return stopped_ || doubted_; });
  }
}

void LearningDirectory::look() {
  const auto before = known_.map();
  auto found = look_();
  base::Status learned;
  if (found) {
    learned = known_.learn({options_.partitions, gathered(*found)});
  } else {
    learned = tl::unexpected(found.error());
  }
  looks_.Add({{"result", learned ? "ok" : "failed"}}).Increment();
  tell(learned);
  const auto after = known_.map();
  if (same(*before, *after)) return;
  for (const ProjectorEntry& entry : before->projectors) {
    projectors_.Remove(&projectors_.Add({{"group", entry.group}, {"projector", entry.target}}));
  }
  for (const ProjectorEntry& entry : after->projectors) {
    projectors_.Add({{"group", entry.group}, {"projector", entry.target}})
        .Set(static_cast<double>(entry.partitions.size()));
    base::log_info("a projector's partitions", {{"group", entry.group},
                                                {"projector", entry.target},
                                                {"partitions", entry.partitions.size()}});
  }
}

void LearningDirectory::tell(const base::Status& learned) {
  const std::string trouble = learned ? "" : learned.error().message;
  if (trouble.empty() == trouble_.empty()) return;
  trouble_ = trouble;
  if (trouble.empty()) return base::log_info("it is known again who has which partition", {});
  base::log_warn("cannot learn who has which partition; what was known is kept",
                 {{"error", trouble}});
}

}  // namespace armada_cache::query
