#include "tests/simulator/oracle.h"

#include "armada/api/event.pb.h"

namespace armada_cache::simulator {

struct Oracle::Common {
  const std::string* job_id = nullptr;
  base::Time created;
};

namespace {

constexpr char kUriAnnotation[] = "armadaproject.io/externalJobUri";

template <typename Visitor>
void visit(const api::EventMessage& event, Visitor visitor) {
  using Kind = api::EventMessage::EventsCase;
  switch (event.events_case()) {
    case Kind::kSubmitted:
      return visitor(event.submitted());
    case Kind::kQueued:
      return visitor(event.queued());
    case Kind::kLeased:
      return visitor(event.leased());
    case Kind::kLeaseReturned:
      return visitor(event.lease_returned());
    case Kind::kLeaseExpired:
      return visitor(event.lease_expired());
    case Kind::kPending:
      return visitor(event.pending());
    case Kind::kRunning:
      return visitor(event.running());
    case Kind::kFailed:
      return visitor(event.failed());
    case Kind::kSucceeded:
      return visitor(event.succeeded());
    case Kind::kReprioritized:
      return visitor(event.reprioritized());
    case Kind::kCancelling:
      return visitor(event.cancelling());
    case Kind::kCancelled:
      return visitor(event.cancelled());
    case Kind::kUtilisation:
      return visitor(event.utilisation());
    case Kind::kIngressInfo:
      return visitor(event.ingress_info());
    case Kind::kReprioritizing:
      return visitor(event.reprioritizing());
    case Kind::kPreempted:
      return visitor(event.preempted());
    case Kind::kPreempting:
      return visitor(event.preempting());
    case Kind::EVENTS_NOT_SET:
      return;
  }
}

base::Time time_of(const google::protobuf::Timestamp& time) {
  return base::from_unix_micros(time.seconds() * 1'000'000 + time.nanos() / 1'000);
}

}  // namespace

std::string_view name_of(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return "QUEUED";
    case JobState::kPending:
      return "PENDING";
    case JobState::kRunning:
      return "RUNNING";
    case JobState::kSucceeded:
      return "SUCCEEDED";
    case JobState::kFailed:
      return "FAILED";
    case JobState::kLeased:
      return "LEASED";
    case JobState::kPreempted:
      return "PREEMPTED";
    case JobState::kCancelled:
      return "CANCELLED";
    case JobState::kRejected:
      return "REJECTED";
  }
  return "UNKNOWN";
}

bool is_terminal(JobState state) {
  switch (state) {
    case JobState::kQueued:
    case JobState::kLeased:
    case JobState::kPending:
    case JobState::kRunning:
      return false;
    default:
      return true;
  }
}

void Oracle::observe(const base::JobSet& job_set, base::UpstreamId id,
                     const api::EventMessage& event) {
  if (event.has_submitted()) return submitted(job_set, id, event);
  const Common common = common_of(event);
  if (common.job_id == nullptr) return;
  const auto at = jobs_.find(*common.job_id);
  if (at == jobs_.end() || *at->second.job_set != job_set) return;
  ++at->second.events;
  apply(common, event, at->second);
}

void Oracle::plan(const std::string& job_id, JobState final_state) {
  const auto at = jobs_.find(job_id);
  if (at != jobs_.end()) at->second.planned = final_state;
}

const JobFacts* Oracle::find(const std::string& job_id) const {
  const auto at = jobs_.find(job_id);
  return at == jobs_.end() ? nullptr : &at->second;
}

std::vector<std::string> Oracle::find_by_uri(const base::JobSet& job_set,
                                             const std::string& uri) const {
  const auto at = uris_.find({job_set, uri});
  return at == uris_.end() ? std::vector<std::string>() : at->second;
}

Oracle::Common Oracle::common_of(const api::EventMessage& event) {
  Common common;
  visit(event, [&](const auto& inner) { common = {&inner.job_id(), time_of(inner.created())}; });
  return common;
}

void Oracle::submitted(const base::JobSet& job_set, base::UpstreamId id,
                       const api::EventMessage& event) {
  const api::JobSubmittedEvent& inner = event.submitted();
  const auto [at, is_new] = jobs_.try_emplace(inner.job_id());
  if (!is_new) return;
  JobFacts& job = at->second;
  job.job_set = &*job_sets_.insert(job_set).first;
  job.submitted_id = id;
  job.submitted = time_of(inner.created());
  job.last_transition = job.submitted;
  job.events = 1;
  ++live_;
  const auto uri = inner.job().annotations().find(kUriAnnotation);
  if (uri != inner.job().annotations().end()) uris_[{job_set, uri->second}].push_back(at->first);
}

void Oracle::apply(const Common& common, const api::EventMessage& event, JobFacts& job) {
  if (event.has_failed()) return failed(common, event, job);
  if (event.has_preempted()) {
    job.preemption_announced = true;
    return;
  }
  if (is_terminal(job.state)) return;
  using Kind = api::EventMessage::EventsCase;
  switch (event.events_case()) {
    case Kind::kLeaseReturned:
    case Kind::kLeaseExpired:
      end_run(event.has_lease_expired() ? RunState::kLeaseExpired : RunState::kLeaseReturned,
              common.created, job);
      return move(JobState::kQueued, common.created, job);
    case Kind::kSucceeded:
      end_run(RunState::kSucceeded, common.created, job);
      return move(JobState::kSucceeded, common.created, job);
    case Kind::kCancelled:
      end_run(RunState::kCancelled, common.created, job);
      job.cancelled = common.created;
      job.cancel_user = keep(event.cancelled().requestor());
      return move(JobState::kCancelled, common.created, job);
    default:
      return run_event(common, event, job);
  }
}

void Oracle::run_event(const Common& common, const api::EventMessage& event, JobFacts& job) {
  if (event.has_leased()) {
    job.preemption_announced = false;
    RunFacts& run = job.runs.emplace_back();
    run.cluster = keep(event.leased().cluster_id());
    run.pool = keep(event.leased().pool());
    run.leased = common.created;
    return move(JobState::kLeased, common.created, job);
  }
  if (job.runs.empty()) return;
  RunFacts& run = job.runs.back();
  if (event.has_pending()) {
    run.state = RunState::kPending;
    run.pending = common.created;
    move(JobState::kPending, common.created, job);
  } else if (event.has_running()) {
    run.state = RunState::kRunning;
    run.started = common.created;
    run.node = keep(event.running().node_name());
    move(JobState::kRunning, common.created, job);
  } else if (event.has_ingress_info()) {
    const auto& addresses = event.ingress_info().ingress_addresses();
    run.ingress_addresses.insert(addresses.begin(), addresses.end());
  }
}

void Oracle::failed(const Common& common, const api::EventMessage& event, JobFacts& job) {
  const api::JobFailedEvent& failure = event.failed();
  if (job.preemption_announced && job.state != JobState::kRejected) {
    job.preemption_announced = false;
    job.error = keep(failure.reason());
    end_run(RunState::kPreempted, common.created, job);
    return move(JobState::kPreempted, common.created, job);
  }
  if (is_terminal(job.state)) return;
  job.error = keep(failure.reason());
  end_run(RunState::kFailed, common.created, job);
  if (failure.retryable()) return move(JobState::kQueued, common.created, job);
  move(failure.cause() == api::Rejected ? JobState::kRejected : JobState::kFailed, common.created,
       job);
}

void Oracle::move(JobState state, base::Time when, JobFacts& job) {
  if (is_terminal(state) && !is_terminal(job.state)) --live_;
  job.state = state;
  job.last_transition = when;
}

void Oracle::end_run(RunState state, base::Time when, JobFacts& job) {
  if (job.runs.empty() || job.runs.back().finished != base::Time()) return;
  job.runs.back().state = state;
  job.runs.back().finished = when;
}

std::string_view Oracle::keep(std::string_view text) {
  return *texts_.emplace(text).first;
}

}  // namespace armada_cache::simulator
