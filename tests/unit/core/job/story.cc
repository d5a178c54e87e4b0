#include "tests/unit/core/job/story.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <sstream>
#include <stdexcept>

namespace armada_cache::job {
namespace {

constexpr int kNanos = 123'456'789;

std::string quantity(std::string_view text) {
  std::string encoded = "\n";
  encoded.push_back(static_cast<char>(text.size()));
  return encoded.append(text);
}

}  // namespace

Story::Story(std::string queue, std::string job_set, std::string job_id)
    : queue_(std::move(queue)), job_set_(std::move(job_set)), job_id_(std::move(job_id)) {}

Story& Story::tell(std::string_view words) {
  std::istringstream in{std::string(words)};
  for (std::string word; in >> word;) tell_one(word);
  return *this;
}

void Story::tell_one(std::string_view word) {
  if (word == "newpod") {
    ++pods_;
    return;
  }
  const std::size_t at = word.find('@');
  if (at != std::string_view::npos) cluster_ = word.substr(at + 1);
  word = word.substr(0, at);
  const std::size_t colon = word.find(':');
  const std::string_view kind = word.substr(0, colon);
  const std::string_view variant =
      colon == std::string_view::npos ? std::string_view() : word.substr(colon + 1);
  const bool same_time = kind == "failed" && !events_.empty() &&
                         (events_.back().has_preempted() || events_.back().has_lease_expired());
  if (!same_time && !events_.empty()) ++seconds_;
  make(kind, variant, events_.emplace_back());
}

template <typename Message>
void Story::stamp(Message& message) const {
  message.set_job_id(job_id_);
  message.set_job_set_id(job_set_);
  message.set_queue(queue_);
  message.mutable_created()->set_seconds(seconds_);
  message.mutable_created()->set_nanos(kNanos);
}

std::string Story::pod() const {
  return job_id_ + "-pod-" + std::to_string(pods_);
}

void Story::make(std::string_view kind, std::string_view variant, api::EventMessage& event) {
  if (kind == "submitted") {
    auto& submitted = *event.mutable_submitted();
    stamp(submitted);
    submitted.mutable_job()->set_id(job_id_);
    submitted.mutable_job()->set_namespace_("namespace");
    submitted.mutable_job()->set_priority(1);
    (*submitted.mutable_job()->mutable_annotations())["armadaproject.io/externalJobUri"] = "uri";
  } else if (kind == "queued") {
    stamp(*event.mutable_queued());
  } else if (kind == "failed") {
    auto& failed = *event.mutable_failed();
    stamp(failed);
    failed.set_reason("failed at " + std::to_string(seconds_));
    failed.set_cluster_id(variant == "rejected" ? "" : cluster_);
    failed.set_cause(variant == "rejected" ? api::Rejected : api::Error);
    failed.set_retryable(variant == "retryable");
    failed.set_failure_category("category");
    failed.add_container_statuses()->set_exitcode(3);
  } else {
    make_report(kind, event);
    if (event.events_case() == api::EventMessage::EVENTS_NOT_SET) make_decision(kind, event);
  }
}

void Story::make_report(std::string_view kind, api::EventMessage& event) {
  const auto fill = [this](auto& report) {
    stamp(report);
    report.set_cluster_id(cluster_);
    report.set_kubernetes_id(pod());
  };
  if (kind == "pending") {
    fill(*event.mutable_pending());
    event.mutable_pending()->set_pool("pool");
  } else if (kind == "running") {
    fill(*event.mutable_running());
    event.mutable_running()->set_node_name("node-of-" + pod());
  } else if (kind == "lease_returned") {
    fill(*event.mutable_lease_returned());
    event.mutable_lease_returned()->set_reason("returned at " + std::to_string(seconds_));
  } else if (kind == "ingress_info") {
    fill(*event.mutable_ingress_info());
    (*event.mutable_ingress_info()->mutable_ingress_addresses())[8080] =
        "address-" + std::to_string(seconds_);
  } else if (kind == "utilisation") {
    fill(*event.mutable_utilisation());
    (*event.mutable_utilisation()->mutable_maxresourcesforperiod())["cpu"] =
        quantity(std::to_string(seconds_ % 7) + "00m");
  }
}

void Story::make_decision(std::string_view kind, api::EventMessage& event) {
  if (kind == "leased") {
    ++pods_;
    stamp(*event.mutable_leased());
    event.mutable_leased()->set_cluster_id(cluster_);
    event.mutable_leased()->set_pool("pool");
  } else if (kind == "lease_expired") {
    stamp(*event.mutable_lease_expired());
  } else if (kind == "succeeded") {
    stamp(*event.mutable_succeeded());
  } else if (kind == "reprioritized") {
    stamp(*event.mutable_reprioritized());
    event.mutable_reprioritized()->set_new_priority(static_cast<double>(seconds_ % 100));
  } else if (kind == "reprioritizing") {
    stamp(*event.mutable_reprioritizing());
    event.mutable_reprioritizing()->set_new_priority(-5);
  } else if (kind == "cancelling") {
    stamp(*event.mutable_cancelling());
    event.mutable_cancelling()->set_requestor("somebody");
  } else if (kind == "cancelled") {
    stamp(*event.mutable_cancelled());
    event.mutable_cancelled()->set_requestor("user");
    event.mutable_cancelled()->set_reason("no longer needed");
  } else if (kind == "preempting") {
    stamp(*event.mutable_preempting());
  } else if (kind == "preempted") {
    stamp(*event.mutable_preempted());
    event.mutable_preempted()->set_run_id("upstream-" + std::to_string(pods_));
    event.mutable_preempted()->set_requestor("admin");
    event.mutable_preempted()->set_reason("make room");
    event.mutable_preempted()->set_preempting_job_id("job-2");
  } else {
    throw std::invalid_argument("no such event: " + std::string(kind));
  }
}

std::int64_t micros_of(std::size_t index) {
  return (Story::kStartSeconds + static_cast<std::int64_t>(index)) * 1'000'000 + kNanos / 1000;
}

Outcome Projection::apply_as(base::UpstreamId id, const api::EventMessage& event) {
  api::EventStreamMessage message;
  message.set_id(std::to_string(id.millis) + ":" + std::to_string(id.sequence) + ":" +
                 std::to_string(id.index) + ":0");
  *message.mutable_message() = event;
  const auto opened = open(message);
  if (!opened) throw std::invalid_argument(opened.error().message);
  const Outcome outcome = job::apply(opened->event, opened->id, known_, record_);
  known_ = known_ || outcome == Outcome::kApplied;
  return outcome;
}

Outcome Projection::apply(const api::EventMessage& event) {
  return apply_as({next_++, 0, 0}, event);
}

Projection& Projection::apply_all(const std::vector<api::EventMessage>& events) {
  for (const auto& event : events) apply(event);
  return *this;
}

std::string Projection::content() const {
  JobRecord copy = record_;
  copy.clear_last_id();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    copy.SerializeToCodedStream(&out);
  }
  return bytes;
}

JobRecord record_after(std::string_view words) {
  return Projection().apply_all(Story().tell(words).events()).record();
}

}  // namespace armada_cache::job
