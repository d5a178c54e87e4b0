// The read port of a whole projection that is spread over projectors and kept in several copies.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/base/metrics.h"
#include "core/lookup/job_reader.h"
#include "query/routing/partition_directory.h"

namespace armada_cache::query {

struct RoutingOptions {
  // A question that waits so long is put to another replica group as well. Above the time that
  // projectors wait to be certain of "no such job". Not at all where give_up_after is not longer.
  std::chrono::milliseconds hedge_after{400};
  // After that it fails; below the caller's own deadline.
  std::chrono::milliseconds give_up_after = std::chrono::seconds(5);
  std::chrono::milliseconds timer_interval{5};
  // How long a projector that failed or was slow is asked last.
  std::chrono::milliseconds cool_off = std::chrono::seconds(1);
  int attempts_max = 4;  // for one question
  // See reached().
  std::chrono::milliseconds away_after = std::chrono::seconds(10);
};

// Thread-safe. Splits what is asked by partition, asks the projectors that have them, and makes one
// answer of theirs: as old as the oldest, certain only if all are. What fails, is slow or turns out
// not to have a partition is asked of another replica group. No answer holds less of a partition
// than one that was given before: a copy that is behind is asked only where there is no other, and
// again until it has caught up. kUnavailable once there is none, or
// after give_up_after; it names the projector that failed last.
class RoutingReader final : public lookup::JobReader {
 public:
  // A reader of the projector at that address; called again once the directory lost and regained
  // it. Must not block.
  using Connect =
      std::function<base::Result<std::shared_ptr<lookup::JobReader>>(const std::string& target)>;

  // The references must outlive it. All readers must have answered, as after
  // rpc::ClientQueue::stop(), before it goes; questions that still wait fail then.
  RoutingReader(const RoutingOptions& options, PartitionDirectory& directory, Connect connect,
                base::Metrics& metrics);
  ~RoutingReader() override;

  // Looks who can be reached; to be called by one thread, more often than away_after.
  void look_around();
  // As of the last look: whether any projector was reached within away_after. Thread-safe.
  base::Status reached() const;

  void statuses(std::span<const std::string_view> ids, bool with_queues,
                Done<lookup::StatusAnswer> done) override;
  void details(std::vector<std::string> ids, bool with_spec,
               Done<lookup::DetailsAnswer> done) override;
  void list(lookup::ListRequest request, Done<lookup::ListAnswer> done) override;
  void summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) override;
  void relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) override;
  void asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) override;
  void active_queues(Done<lookup::ActiveQueuesAnswer> done) override;

 private:
  class Engine;
  const std::unique_ptr<Engine> engine_;
};

}  // namespace armada_cache::query
