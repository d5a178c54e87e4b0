#include "ingest/relay_metrics.h"

#include "core/topics/codecs.h"

namespace armada_cache::ingest {

RelayMetrics::RelayMetrics(base::Metrics& metrics)
    : waiting_(metrics
                   .gauge("ingest_job_sets_waiting",
                          "Wanted job sets that wait for a place below max-job-sets")
                   .Add({})),
      events_(
          metrics.counter("relayed_events_total", "Messages read from Armada and relayed").Add({})),
      bytes_(metrics.counter("relayed_bytes_total", "Bytes of the messages relayed").Add({})),
      undecodable_(metrics
                       .counter("relayed_undecodable_total",
                                "Messages relayed although their wire form is broken")
                       .Add({})),
      records_(metrics.counter("ingest_unreadable_records_total",
                               "Records of the log that ingest had to leave aside")),
      streams_(metrics.gauge("ingest_streams_open", "Streams from Armada that are open").Add({})),
      ends_(metrics.counter("ingest_stream_ends_total", "Ends of streams by their code")),
      append_failures_(metrics.counter("ingest_append_failures_total",
                                       "Appends of events that the log refused, by code")),
      append_seconds_(metrics
                          .histogram("ingest_append_seconds",
                                     "Time until the log acknowledged a group of events")
                          .Add({}, base::latency_buckets())),
      buffer_(metrics
                  .gauge("ingest_buffer_bytes",
                         "Bytes read from Armada and not yet acknowledged by the log")
                  .Add({})) {
  // There from the start, so that the first failure is a rise.
  for (const auto topic : {topics::kRelays, topics::kSubscriptions}) {
    records_.Add({{"topic", std::string(topic)}});
  }
  for (const auto code : {base::ErrorCode::kUnavailable, base::ErrorCode::kResourceExhausted,
                          base::ErrorCode::kInvalidArgument, base::ErrorCode::kNotFound}) {
    append_failures_.Add({{"code", std::string(base::name_of(code))}});
  }
  auto& relays = metrics.gauge("relays", "Job sets by the state of their relay");
  for (std::size_t i = 0; i < relay::kStates; ++i) {
    relays_[i] = &relays.Add({{"state", std::string(relay::meaning_of(static_cast<int>(i)).name)}});
  }
}

void RelayMetrics::relayed(std::size_t events, std::size_t bytes) {
  events_.Increment(static_cast<double>(events));
  bytes_.Increment(static_cast<double>(bytes));
}

void RelayMetrics::stream_ended(const base::Status& end) {
  const std::string code(end ? "ok" : base::name_of(end.error().code));
  ends_.Add({{"code", code}}).Increment();
}

void RelayMetrics::append_failed(base::ErrorCode code) {
  append_failures_.Add({{"code", std::string(base::name_of(code))}}).Increment();
}

void RelayMetrics::appended(base::Duration took) {
  append_seconds_.Observe(std::chrono::duration<double>(took).count());
}

}  // namespace armada_cache::ingest
