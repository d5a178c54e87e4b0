#include "core/job/runs.h"

#include <algorithm>
#include <string>

#include "core/job/states.h"
#include "core/job/text.h"

namespace armada_cache::job {
namespace {

// Kept on disk, so it must never change.
std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : text) {
    hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
  }
  return hash;
}

RunRecord* run_with(std::uint64_t pod, JobRecord& record) {
  for (int i = record.runs_size() - 1; i >= 0; --i) {
    const auto& pods = record.runs(i).pods();
    if (std::find(pods.begin(), pods.end(), pod) != pods.end()) return record.mutable_runs(i);
  }
  return nullptr;
}

RunRecord* run_on(std::string_view cluster, JobRecord& record) {
  if (!cluster.empty()) {
    for (int i = record.runs_size() - 1; i >= 0; --i) {
      if (record.runs(i).cluster() == cluster) return record.mutable_runs(i);
    }
  }
  return latest_run(record);
}

void remember(std::uint64_t pod, RunRecord& run) {
  auto& pods = *run.mutable_pods();
  if (pods.size() >= kMaxPodsOfRun) pods.erase(pods.begin());
  pods.Add(pod);
}

void drop_oldest_run(JobRecord& record) {
  record.mutable_runs()->DeleteSubrange(0, 1);
  record.set_dropped_runs(record.dropped_runs() + 1);
}

}  // namespace

RunRecord* latest_run(JobRecord& record) {
  return record.runs().empty() ? nullptr : record.mutable_runs(record.runs_size() - 1);
}

const RunRecord* latest_run(const JobRecord& record) {
  return record.runs().empty() ? nullptr : &record.runs(record.runs_size() - 1);
}

RunRecord& add_run(JobRecord& record) {
  if (RunRecord* previous = latest_run(record)) {
    if (previous->error().size() > kMaxOldErrorBytes) {
      previous->set_error(cut(previous->error(), kMaxOldErrorBytes));
    }
    if (record.runs_size() >= kMaxRuns) drop_oldest_run(record);
  }
  RunRecord* run = record.add_runs();
  run->set_state(api::RUN_STATE_LEASED);
  return *run;
}

RunRecord& run_of(const Origin& origin, JobRecord& record) {
  const std::uint64_t pod = origin.pod.empty() ? 0 : fingerprint(origin.pod);
  RunRecord* run = pod == 0 ? nullptr : run_with(pod, record);
  if (run != nullptr) return *run;
  run = run_on(origin.cluster, record);
  if (run == nullptr) {
    run = &add_run(record);
    run->set_cluster(cut(origin.cluster, kMaxNameBytes));
  }
  if (pod != 0) remember(pod, *run);
  return *run;
}

bool has_lease_of(std::int64_t created_us, std::string_view cluster, const JobRecord& record) {
  if (created_us == 0) return false;
  return std::any_of(record.runs().begin(), record.runs().end(), [&](const RunRecord& run) {
    return run.leased_us() == created_us && run.cluster() == cluster;
  });
}

bool has_end_at(std::int64_t created_us, const JobRecord& record) {
  if (created_us == 0) return false;
  return std::any_of(record.runs().begin(), record.runs().end(),
                     [=](const RunRecord& run) { return run.finished_us() == created_us; });
}

bool has_report(TimeOfRun time, std::int64_t created_us, const RunRecord& run,
                const JobRecord& record) {
  if (created_us == 0) return false;
  if (created_us <= (run.*time)()) return true;
  return std::any_of(record.runs().begin(), record.runs().end(),
                     [=](const RunRecord& other) { return (other.*time)() == created_us; });
}

bool precedes_latest_lease(std::int64_t created_us, const JobRecord& record) {
  const RunRecord* latest = latest_run(record);
  return latest != nullptr && created_us != 0 && created_us <= latest->leased_us();
}

void end_run(api::JobRunState state, std::int64_t created_us, RunRecord& run) {
  if (run_has_ended(run.state())) return;
  run.set_state(state);
  run.set_finished_us(created_us);
}

void set_error(std::string_view reason, RunRecord& run) {
  if (!reason.empty()) run.set_error(cut(reason, kMaxTextBytes));
}

void note_error(std::string_view reason, JobRecord& record) {
  if (reason.empty()) return;
  std::string text = cut(reason, kMaxTextBytes);
  RunRecord* run = latest_run(record);
  if (run != nullptr && run->error().empty()) {
    run->set_error(std::move(text));
  } else if (run == nullptr || run->error() != text) {
    if (record.error().empty()) record.set_error(std::move(text));
  }
}

}  // namespace armada_cache::job
