#include "tests/simulator/events.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "armada/api/event.pb.h"
#include "tests/simulator/ids.h"
#include "tests/simulator/wire.h"

namespace armada_cache::simulator {
namespace {

constexpr std::uint64_t kClusters = 4;
constexpr std::uint64_t kNodes = 100;
constexpr char kRequestor[] = "anonymous";

struct Place {
  std::string cluster;
  std::string node;
  std::string pod;
  std::string kubernetes_id;
};

Place place_of(const EventSubject& subject) {
  const std::uint64_t number = scramble(subject.job_id, subject.run);
  Place place;
  place.cluster = "sim-cluster-" + std::to_string(number % kClusters);
  place.node = place.cluster + "-node-" + std::to_string(number / kClusters % kNodes);
  place.pod = "armada-" + subject.job_id + "-0";
  place.kubernetes_id = kubernetes_id(subject.job_id, subject.run);
  return place;
}

void set_time(base::Time time, google::protobuf::Timestamp& out) {
  const std::int64_t micros = base::to_unix_micros(time);
  out.set_seconds(micros / 1'000'000);
  out.set_nanos(static_cast<std::int32_t>(micros % 1'000'000 * 1'000));
}

// What every event has.
template <typename Event>
Event& begin(Event* event, const EventSubject& subject, base::Time created) {
  event->set_job_id(subject.job_id);
  event->set_job_set_id(subject.job_set.name);
  event->set_queue(subject.job_set.queue);
  set_time(created, *event->mutable_created());
  return *event;
}

template <typename Event>
void set_pod(const EventSubject& subject, Event& event) {
  Place place = place_of(subject);
  event.set_cluster_id(std::move(place.cluster));
  event.set_kubernetes_id(std::move(place.kubernetes_id));
  event.set_pod_name(std::move(place.pod));
  event.set_pod_namespace("default");
  if constexpr (requires { event.set_node_name(""); }) event.set_node_name(std::move(place.node));
}

std::string quantity(std::string_view value) {
  std::string encoded;
  append_field(1, value, encoded);
  return encoded;
}

void set_usage(api::JobUtilisationEvent& event) {
  (*event.mutable_maxresourcesforperiod())["cpu"] = quantity("1");
  (*event.mutable_maxresourcesforperiod())["memory"] = quantity("128Mi");
  (*event.mutable_total_cumulative_usage())["cpu"] = quantity("30");
}

void set_failure(Step step, const EventSubject& subject, api::JobFailedEvent& event) {
  switch (step) {
    case Step::kRejected:
      event.set_reason("sim: no node fits the pod");
      event.set_cause(api::Rejected);
      event.set_failure_category("internal");
      return;
    case Step::kFailedAfterPreemption:
      event.set_reason("Preempted by anonymous - make room");
      return;
    case Step::kFailedAfterExpiry:
      event.set_reason("Lease expired");
      event.set_failure_category("internal");
      event.set_failure_subcategory("lease-expired");
      return;
    default:
      break;
  }
  set_pod(subject, event);
  event.set_retryable(step == Step::kRetryableFailure);
  event.set_reason("main exited with code 1: sim: told to fail");
  api::ContainerStatus& status = *event.add_container_statuses();
  status.set_name("main");
  status.set_exitcode(1);
  status.set_reason("Error");
}

void set_preemption(const EventSubject& subject, api::JobPreemptedEvent& event) {
  event.set_run_id(kubernetes_id(subject.job_id, subject.run));
  event.set_reason("Preempted by anonymous - make room");
  event.set_requestor(kRequestor);
}

void set_lease(const EventSubject& subject, api::JobLeasedEvent& event) {
  event.set_cluster_id(place_of(subject).cluster);
  event.set_pool("default");
}

void set_returned(const EventSubject& subject, api::JobLeaseReturnedEvent& event) {
  event.set_cluster_id(place_of(subject).cluster);
  event.set_reason("sim: the node could not start the pod");
  event.set_run_attempted(true);
}

}  // namespace

api::EventMessage make_event(Step step, const EventSubject& subject, base::Time created) {
  api::EventMessage out;
  const auto fill = [&](auto* event) -> auto& {
    return begin(event, subject, created);
  };
  switch (step) {
    case Step::kSubmitted:
      fill(out.mutable_submitted());
      break;
    case Step::kQueued:
      fill(out.mutable_queued());
      break;
    case Step::kReprioritizing:
      fill(out.mutable_reprioritizing()).set_new_priority(5);
      out.mutable_reprioritizing()->set_requestor(kRequestor);
      break;
    case Step::kReprioritized:
      fill(out.mutable_reprioritized()).set_new_priority(5);
      out.mutable_reprioritized()->set_requestor(kRequestor);
      break;
    case Step::kLeased:
      set_lease(subject, fill(out.mutable_leased()));
      break;
    case Step::kPending:
      set_pod(subject, fill(out.mutable_pending()));
      out.mutable_pending()->set_pool("default");
      break;
    case Step::kRunning:
      set_pod(subject, fill(out.mutable_running()));
      out.mutable_running()->set_pool("default");
      break;
    case Step::kUtilisation:
      set_pod(subject, fill(out.mutable_utilisation()));
      set_usage(*out.mutable_utilisation());
      break;
    case Step::kIngressInfo:
      set_pod(subject, fill(out.mutable_ingress_info()));
      (*out.mutable_ingress_info()->mutable_ingress_addresses())[9090] = "10.20.30.40:30026";
      break;
    case Step::kLeaseReturned:
      set_returned(subject, fill(out.mutable_lease_returned()));
      break;
    case Step::kLeaseExpired:
      fill(out.mutable_lease_expired());
      break;
    case Step::kCancelling:
      fill(out.mutable_cancelling()).set_requestor(kRequestor);
      break;
    case Step::kCancelled:
      fill(out.mutable_cancelled()).set_requestor(kRequestor);
      break;
    case Step::kPreempting:
      fill(out.mutable_preempting()).set_requestor(kRequestor);
      break;
    case Step::kPreempted:
      set_preemption(subject, fill(out.mutable_preempted()));
      break;
    case Step::kSucceeded:
      set_pod(subject, fill(out.mutable_succeeded()));
      break;
    case Step::kRetryableFailure:
    case Step::kFailed:
    case Step::kRejected:
    case Step::kFailedAfterPreemption:
    case Step::kFailedAfterExpiry:
      set_failure(step, subject, fill(out.mutable_failed()));
      break;
  }
  return out;
}

api::EventMessage make_submitted(const EventSubject& subject, base::Time created, api::Job job) {
  api::EventMessage out;
  begin(out.mutable_submitted(), subject, created);
  job.set_id(subject.job_id);
  job.set_job_set_id(subject.job_set.name);
  job.set_queue(subject.job_set.queue);
  set_time(created, *job.mutable_created());
  *out.mutable_submitted()->mutable_job() = std::move(job);
  return out;
}

std::string encode(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

api::Job make_job(std::size_t spec_bytes) {
  // PodSpec.containers is field 2; Container has 1 name, 2 image, 3 command.
  std::string container;
  append_field(1, "main", container);
  append_field(2, "busybox:1.36", container);
  append_field(3, "sleep", container);
  constexpr std::size_t kArgument = 60;
  for (std::size_t i = 0; container.size() + kArgument < spec_bytes; ++i) {
    std::string argument = "--argument-" + std::to_string(i) + "=";
    argument.resize(kArgument - 2, 'x');
    append_field(4, argument, container);
  }
  std::string pod_spec;
  append_field(2, container, pod_spec);
  api::Job job;
  job.set_pod_spec(std::move(pod_spec));
  job.set_priority(1);
  job.set_namespace_("default");
  job.set_owner(kRequestor);
  return job;
}

}  // namespace armada_cache::simulator
