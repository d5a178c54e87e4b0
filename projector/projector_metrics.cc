#include "projector/projector_metrics.h"

#include <algorithm>

namespace armada_cache::projector {
namespace {

prometheus::Counter& outcome(base::Metrics::CounterFamily& family, const char* name) {
  return family.Add({{"outcome", name}});
}

}  // namespace

ProjectorMetrics::ProjectorMetrics(base::Metrics& metrics)
    : visible_bounds_(base::latency_buckets()),
      visible_(metrics
                   .histogram("projector_event_visible_seconds",
                              "From the creation of an event in Armada until lookups see it")
                   .Add({}, visible_bounds_)),
      batch_records_(
          metrics.histogram("projector_batch_records", "Records of one partition applied at once")
              .Add({}, std::vector<double>{1, 5, 10, 50, 100, 500, 1000, 5000})),
      events_(metrics.counter("projector_events_total", "Events by what became of them")),
      applied_(outcome(events_, "applied")),
      repeated_(outcome(events_, "repeated")),
      straggling_(outcome(events_, "straggling")),
      foreign_(outcome(events_, "foreign")),
      unknown_job_(outcome(events_, "unknown_job")),
      relay_records_(metrics.counter("projector_relay_records_total", "Relay records by outcome")),
      relays_(outcome(relay_records_, "applied")),
      stale_relays_(outcome(relay_records_, "older_generation")),
      trimmed_(metrics
                   .counter("projector_trimmed_events_total",
                            "Events that the log no longer kept when they were to be applied")
                   .Add({})),
      forgotten_(metrics
                     .counter("projector_forgotten_jobs_total",
                              "Terminal jobs forgotten because of their age")
                     .Add({})),
      failures_(metrics.counter("projector_failures_total",
                                "Errors of the log or the databases; each is tried again")),
      live_jobs_(metrics.gauge("projector_live_jobs", "Jobs that are not terminal").Add({})),
      live_bytes_(
          metrics.gauge("projector_live_table_bytes", "Memory of the live jobs' table").Add({})),
      lags_(metrics.gauge("projector_lag_records", "Records in the log that are not applied yet")),
      stalled_(metrics.gauge("projector_stalled", "1 while the partition stands still, else 0")),
      damaged_(metrics.gauge("projector_damaged",
                             "1 once the partition's database was found damaged, else 0")) {
  // There from the start, so that the first failure is a rise.
  for (const auto what : {doing::kOpen, doing::kLoad, doing::kOpenReader, doing::kRead,
                          doing::kApply, doing::kForget}) {
    failures_.Add({{"doing", std::string(what)}});
  }
  auto& rejected =
      metrics.counter("projector_rejected_records_total", "Records kept aside, by reason");
  for (std::size_t i = 0; i < kRejectionCount; ++i) {
    rejected_[i] = &rejected.Add({{"reason", std::string(name_of(static_cast<Rejection>(i)))}});
  }
  auto& relay_states = metrics.gauge("projector_relays", "Relays of job sets by their state");
  for (std::size_t i = 0; i < relay::kStates; ++i) {
    relay_states_[i] =
        &relay_states.Add({{"state", std::string(relay::meaning_of(static_cast<int>(i)).name)}});
  }
}

void ProjectorMetrics::applied(const ChangeSet& changes, std::size_t records, base::Time now) {
  const Tally& tally = changes.tally;
  applied_.Increment(static_cast<double>(tally.applied));
  repeated_.Increment(static_cast<double>(tally.repeated));
  straggling_.Increment(static_cast<double>(tally.straggling));
  foreign_.Increment(static_cast<double>(tally.foreign));
  unknown_job_.Increment(static_cast<double>(tally.unknown_job));
  relays_.Increment(static_cast<double>(tally.relays));
  stale_relays_.Increment(static_cast<double>(tally.stale_relays));
  for (const RejectedRecord& record : changes.rejected) {
    rejected_[static_cast<std::size_t>(record.reason)]->Increment();
  }
  batch_records_.Observe(static_cast<double>(records));
  observe_visibility(changes, now);
}

void ProjectorMetrics::observe_visibility(const ChangeSet& changes, base::Time now) {
  if (changes.created.empty()) return;
  std::vector<double> counts(visible_bounds_.size() + 1);
  double sum = 0;
  for (const base::Time created : changes.created) {
    const double seconds = static_cast<double>((now - created).count()) / 1e6;
    const auto bucket = std::lower_bound(visible_bounds_.begin(), visible_bounds_.end(), seconds);
    ++counts[static_cast<std::size_t>(bucket - visible_bounds_.begin())];
    sum += seconds;
  }
  visible_.ObserveMultiple(counts, sum);
}

void ProjectorMetrics::failed(std::string_view doing) {
  failures_.Add({{"doing", std::string(doing)}}).Increment();
}

void ProjectorMetrics::trimmed(eventlog::Offset events) {
  trimmed_.Increment(static_cast<double>(events));
}

void ProjectorMetrics::forgotten(std::size_t jobs) {
  forgotten_.Increment(static_cast<double>(jobs));
}

void ProjectorMetrics::lag(eventlog::Partition partition, eventlog::Offset records) {
  lags_.set(partition, static_cast<double>(records));
}

void ProjectorMetrics::forget(eventlog::Partition partition) {
  lags_.forget(partition);
  stalled_.forget(partition);
  damaged_.forget(partition);
}

void ProjectorMetrics::PartitionGauges::set(eventlog::Partition partition, double value) {
  const std::lock_guard lock(mutex_);
  Gauge*& gauge = gauges_[partition];
  if (gauge == nullptr) gauge = &family_.Add({{"partition", std::to_string(partition)}});
  gauge->Set(value);
}

void ProjectorMetrics::PartitionGauges::forget(eventlog::Partition partition) {
  const std::lock_guard lock(mutex_);
  const auto found = gauges_.find(partition);
  if (found == gauges_.end()) return;
  family_.Remove(found->second);
  gauges_.erase(found);
}

void ProjectorMetrics::state(std::span<Partition* const> partitions, const RelayBoard& relays) {
  double jobs = 0;
  double bytes = 0;
  for (const Partition* partition : partitions) {
    jobs += static_cast<double>(partition->live_jobs());
    bytes += static_cast<double>(partition->table().live_bytes());
    stalled_.set(partition->number(), partition->trouble().empty() ? 0 : 1);
    damaged_.set(partition->number(), partition->store().damage().empty() ? 0 : 1);
  }
  live_jobs_.Set(jobs);
  live_bytes_.Set(bytes);
  const auto counts = relays.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    relay_states_[i]->Set(static_cast<double>(counts[i]));
  }
}

}  // namespace armada_cache::projector
