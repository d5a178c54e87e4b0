#include "tests/bench/job_events.h"

#include "armada/api/event.pb.h"
#include "core/topics/codecs.h"
#include "tests/bench/job_ids.h"

namespace armada_cache::bench {
namespace {

constexpr std::size_t kSpecBytes = 1000;

// Of the first event: lately, since terminal jobs are kept for a limited time.
std::int64_t first_millis() {
  static const std::int64_t millis =
      base::to_unix_millis(base::SystemClock().now() - std::chrono::hours(1));
  return millis;
}

// What an event says about where the pod is.
struct Place {
  std::string id;
  std::string cluster;
  std::string node;

  explicit Place(std::uint64_t job)
      : id(job_id(job)),
        cluster("production-eu-west-" + std::to_string(job % 8)),
        node("worker-" + std::to_string(job % 997) + ".compute.cluster.internal") {}
};

template <typename Event>
Event& begin(Event* event, std::uint64_t job, base::Time created) {
  const base::JobSet job_set = job_set_of(job);
  event->set_job_id(job_id(job));
  event->set_job_set_id(job_set.name);
  event->set_queue(job_set.queue);
  const std::int64_t micros = base::to_unix_micros(created);
  event->mutable_created()->set_seconds(micros / 1'000'000);
  event->mutable_created()->set_nanos(static_cast<std::int32_t>(micros % 1'000'000) * 1000);
  return *event;
}

template <typename Event>
void set_pod(std::uint64_t job, Event& event) {
  const Place place(job);
  event.set_cluster_id(place.cluster);
  event.set_kubernetes_id("9b4cf7a2-" + place.id.substr(0, 4) + "-4d0c-8f1e-" +
                          place.id.substr(14));
  event.set_pod_name("armada-" + place.id + "-0");
  event.set_pod_namespace("batch-processing");
  if constexpr (requires { event.set_node_name(""); }) event.set_node_name(place.node);
  if constexpr (requires { event.set_pool(""); }) event.set_pool("default");
}

void set_job(std::uint64_t job, api::Job& spec) {
  const std::string id = job_id(job);
  const base::JobSet job_set = job_set_of(job);
  spec.set_id(id);
  spec.set_job_set_id(job_set.name);
  spec.set_queue(job_set.queue);
  spec.set_priority(1);
  spec.set_namespace_("batch-processing");
  spec.set_owner("pipeline-service");
  (*spec.mutable_labels())["app.kubernetes.io/part-of"] = "nightly-risk";
  (*spec.mutable_labels())["airflow/task_id"] = "price-" + std::to_string(job % kJobsInJobSet);
  (*spec.mutable_annotations())["armadaproject.io/gangCardinality"] = "1";
  (*spec.mutable_annotations())["example.com/trace"] = id + id;
  std::string pod = "registry.example.com/risk/pricing:2026.08.1 python -m pricing.run --job " + id;
  for (std::uint64_t i = 0; pod.size() < kSpecBytes; ++i) {
    pod +=
        " --argument-" + std::to_string(i) + "=" + std::to_string((job + i) * 2654435761 % 99991);
  }
  spec.add_pod_specs(pod);
}

void set_usage(api::JobUtilisationEvent& event, std::uint64_t job) {
  for (const char* resource : {"cpu", "memory", "ephemeral-storage"}) {
    const std::string quantity = "\n\x06" + std::to_string(100'000 + job % 800'000);
    (*event.mutable_maxresourcesforperiod())[resource] = quantity;
    (*event.mutable_total_cumulative_usage())[resource] = quantity;
    (*event.mutable_avgresourcesforperiod())[resource] = quantity;
  }
}

std::string_view kind_of(Step step) {
  static constexpr std::string_view kKinds[] = {"submitted", "queued",      "leased",   "pending",
                                                "running",   "utilisation", "succeeded"};
  return kKinds[static_cast<std::size_t>(step)];
}

}  // namespace

api::EventMessage make_event(std::uint64_t job, Step step, base::Time created) {
  api::EventMessage out;
  switch (step) {
    case Step::kSubmitted:
      set_job(job, *begin(out.mutable_submitted(), job, created).mutable_job());
      break;
    case Step::kQueued:
      begin(out.mutable_queued(), job, created);
      break;
    case Step::kLeased:
      begin(out.mutable_leased(), job, created).set_cluster_id(Place(job).cluster);
      out.mutable_leased()->set_pool("default");
      break;
    case Step::kPending:
      set_pod(job, begin(out.mutable_pending(), job, created));
      break;
    case Step::kRunning:
      set_pod(job, begin(out.mutable_running(), job, created));
      break;
    case Step::kUtilisation:
      set_pod(job, begin(out.mutable_utilisation(), job, created));
      set_usage(*out.mutable_utilisation(), job);
      break;
    case Step::kSucceeded:
      set_pod(job, begin(out.mutable_succeeded(), job, created));
      break;
  }
  return out;
}

std::vector<Step> whole_life() {
  return {Step::kSubmitted, Step::kQueued,      Step::kLeased,   Step::kPending,
          Step::kRunning,   Step::kUtilisation, Step::kSucceeded};
}

std::vector<Step> life_until_running() {
  return {Step::kSubmitted, Step::kQueued, Step::kLeased, Step::kPending, Step::kRunning};
}

base::JobSet job_set_of(std::uint64_t job) {
  return {"risk-pricing", "nightly-2026-08-" + std::to_string(job / kJobsInJobSet)};
}

eventlog::Record make_record(std::uint64_t job, Step step, std::uint64_t sequence) {
  const std::int64_t millis = first_millis() + static_cast<std::int64_t>(sequence / 1000);
  const auto micros = static_cast<std::int64_t>(sequence % 1000);
  const base::Time created = base::from_unix_micros(millis * 1000 + micros);
  api::EventStreamMessage message;
  message.set_id(std::to_string(millis) + ":" + std::to_string(micros) + ":0:1");
  *message.mutable_message() = make_event(job, step, created);
  const std::string id = job_id(job);
  const topics::EventDescription description{"armada", job_set_of(job), message.id(), kind_of(step),
                                             id,       created};
  return topics::event_record(description, message.SerializeAsString());
}

}  // namespace armada_cache::bench
