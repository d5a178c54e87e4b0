#include "projector/job_finder.h"

namespace armada_cache::projector {
namespace {

// The ids of which nothing is found yet, and where they belong.
template <typename Value>
class Missing {
 public:
  Missing(std::span<const std::string_view> ids, std::vector<Found<Value>>& found) : found_(found) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (found[i].value || found[i].unread) continue;
      ids_.push_back(ids[i]);
      at_.push_back(i);
    }
  }

  std::span<const std::string_view> ids() const { return ids_; }

  template <typename Read>
  void take(std::vector<Found<Read>>& read) {
    for (std::size_t i = 0; i < read.size(); ++i) {
      Found<Value>& into = found_[at_[i]];
      into.unread = read[i].unread;
      if (!read[i].value) continue;
      if constexpr (std::is_same_v<Value, Read>) {
        into.value = std::move(read[i].value);
      } else {
        into.value = read[i].value->status;
      }
    }
  }

 private:
  std::vector<Found<Value>>& found_;
  std::vector<std::string_view> ids_;
  std::vector<std::size_t> at_;
};

// Jobs go from live to finished: looked for in that order, none is missed on its way.
template <typename Value, typename ReadFinished>
base::Status search_store(const Partition& partition, std::span<const std::string_view> ids,
                          Reach reach, const ReadFinished& read_finished,
                          std::vector<Found<Value>>& found) {
  if (!partition.table().complete()) {
    Missing<Value> missing(ids, found);
    auto live = partition.store().live(missing.ids(), reach);
    if (!live) return tl::unexpected(live.error());
    missing.take(*live);
  }
  Missing<Value> missing(ids, found);
  auto finished = read_finished(missing.ids());
  if (!finished) return tl::unexpected(finished.error());
  missing.take(*finished);
  return {};
}

}  // namespace

base::Result<std::vector<Found<JobStatus>>> find_statuses(const Partition& partition,
                                                          std::span<const std::string_view> ids,
                                                          Reach reach) {
  std::vector<Found<JobStatus>> found(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) found[i].value = partition.table().status(ids[i]);
  const auto read_finished = [&](std::span<const std::string_view> missing) {
    return partition.store().statuses(missing, reach);
  };
  auto searched = search_store(partition, ids, reach, read_finished, found);
  if (!searched) return tl::unexpected(searched.error());
  return found;
}

base::Result<std::vector<Found<OwnedJob>>> find_jobs(const Partition& partition,
                                                     std::span<const std::string_view> ids,
                                                     Reach reach) {
  std::vector<Found<OwnedJob>> found(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    OwnedJob job;
    const std::optional<JobStatus> status = partition.table().copy_live(ids[i], job.record);
    if (!status) continue;
    job.status = *status;
    found[i].value = std::move(job);
  }
  const auto read_finished = [&](std::span<const std::string_view> missing) {
    return partition.store().details(missing, reach);
  };
  auto searched = search_store(partition, ids, reach, read_finished, found);
  if (!searched) return tl::unexpected(searched.error());
  return found;
}

}  // namespace armada_cache::projector
