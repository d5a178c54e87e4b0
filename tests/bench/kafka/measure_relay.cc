#include <cmath>
#include <future>

#include "armada_cache/internal/v1/records.pb.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/bench/cpu.h"
#include "tests/bench/job_ids.h"
#include "tests/bench/kafka/bare_kafka.h"
#include "tests/bench/kafka/bare_reader.h"
#include "tests/bench/kafka/kafka_under_test.h"
#include "tests/bench/kafka/measurements.h"
#include "tests/bench/kafka/progress_watch.h"
#include "tests/bench/kafka/stream_source.h"
#include "tests/support/tier_process.h"

namespace armada_cache::bench {
namespace {

constexpr double kAim = 60e3;
constexpr std::uint64_t kJobSets = 60;
constexpr std::uint64_t kJobSetsQuick = 2;
constexpr const char* kSubscriber = "bench";

// What ingest makes of the streams.
std::vector<PlacedRecord> records_of(JobSetRange range) {
  std::vector<PlacedRecord> records;
  records.reserve(range.events());
  for (std::uint64_t i = 0; i < range.count; ++i) {
    const std::uint64_t first = (range.first + i) * kJobsInJobSet;
    for (const Step step : whole_life()) {
      for (std::uint64_t job = first; job < first + kJobsInJobSet; ++job) {
        records.push_back({topics::partition_of_job(job_id(job), kPartitions),
                           make_record(job, step, records.size())});
      }
    }
  }
  return records;
}

void append(eventlog::Appender& to, const base::JobSet& job_set, eventlog::Record record) {
  std::promise<base::Status> stored;
  to.append(
      {std::string(topics::kSubscriptions), topics::partition_of_job_set(job_set, kPartitions)},
      {std::move(record)}, [&stored](const base::Result<eventlog::Offset>& result) {
        stored.set_value(result ? base::Status() : tl::unexpected(result.error()));
      });
  const base::Status status = stored.get_future().get();
  if (!status) throw std::runtime_error(status.error().message);
}

// For as long as it lives, somebody wants these job sets.
class Subscriptions {
 public:
  Subscriptions(eventlog::EventLog& log, std::vector<base::JobSet> job_sets)
      : appender_(log.appender()), job_sets_(std::move(job_sets)) {
    internal::v1::SubscriptionRecord lease;
    lease.set_lease_expires_us(
        base::to_unix_micros(base::SystemClock().now() + std::chrono::hours(1)));
    for (const base::JobSet& job_set : job_sets_) {
      append(*appender_, job_set, topics::subscription_record({job_set, kSubscriber}, lease));
    }
  }
  ~Subscriptions() {
    for (const base::JobSet& job_set : job_sets_) {
      append(*appender_, job_set, topics::subscription_tombstone({job_set, kSubscriber}));
    }
  }

 private:
  std::unique_ptr<eventlog::Appender> appender_;
  std::vector<base::JobSet> job_sets_;
};

struct Relayed {
  Pace pace;
  double source_cpu_us = 0;  // of the simulated Armada, an event
  double broker_cpu_us = 0;
};

Relayed relay(KafkaUnderTest& kafka, const Context& context, const StreamSource& source,
              JobSetRange range) {
  test_support::TierOptions options{"ingest", kafka.arguments(), context.scratch};
  options.arguments.push_back("--armada=" + source.address());
  options.arguments.push_back("--group-prefix=bench-" + std::to_string(range.first));
  test_support::TierProcess ingest(options);
  ingest.wait_until_ready();
  const std::uint64_t before = kafka.records_in(topics::kEvents);
  const auto source_cpu = cpu_time_of(source.pid());
  const auto broker_cpu = cpu_time_of(kafka.cluster().pid(0));
  const Subscriptions wanted(kafka.log(), range.job_sets());
  const auto events = static_cast<double>(range.events());
  const auto each = [events](std::chrono::microseconds time) {
    return static_cast<double>(time.count()) / events;
  };
  Relayed relayed;
  relayed.pace = watch_progress(ingest.process(), range.events(),
                                [&] { return kafka.records_in(topics::kEvents) - before; });
  relayed.source_cpu_us = each(cpu_time_of(source.pid()) - source_cpu);
  relayed.broker_cpu_us = each(cpu_time_of(kafka.cluster().pid(0)) - broker_cpu);
  return relayed;
}

std::string whole(double value) {
  return std::to_string(std::llround(value));
}

}  // namespace

Figures measure_relay(const Context& context) {
  KafkaUnderTest kafka;
  Figure figure;
  figure.name = "relay from Armada into Kafka";
  figure.unit = "events/s";
  figure.aim = kAim;
  figure.ceiling_name = "bare idempotent producer";
  std::vector<double> cpu_us, ceiling_cpu_us, source_a_second, source_cpu_us, broker_cpu_us;
  const std::uint64_t job_sets = context.options.quick ? kJobSetsQuick : kJobSets;
  for (std::int64_t run = 0; run < context.options.runs; ++run) {
    const JobSetRange range{static_cast<std::uint64_t>(run) * job_sets, job_sets};
    const BareRun bare =
        produce_bare(kafka.servers(), std::string(topics::kEvents), records_of(range));
    const StreamSource source(range, context.scratch);
    const StreamsRead alone = read_streams(source.address(), range.job_sets());
    if (alone.messages != range.events()) {
      return base::fail(base::ErrorCode::kInternal,
                        "the simulated Armada told " + std::to_string(alone.messages) +
                            " events of " + std::to_string(range.events()));
    }
    const Relayed ours = relay(kafka, context, source, range);
    figure.runs.push_back(ours.pace.a_second);
    figure.ceiling_runs.push_back(bare.records_a_second);
    cpu_us.push_back(ours.pace.cpu_us);
    ceiling_cpu_us.push_back(bare.cpu_us);
    source_a_second.push_back(alone.a_second);
    source_cpu_us.push_back(ours.source_cpu_us);
    broker_cpu_us.push_back(ours.broker_cpu_us);
    progress(figure.name + ": " + whole(ours.pace.a_second) + " events/s, bare producer " +
             whole(bare.records_a_second) + "/s, Armada alone " + whole(alone.a_second) + "/s");
  }
  figure.cpu_us = median_of(cpu_us);
  figure.ceiling_cpu_us = median_of(ceiling_cpu_us);
  figure.note = "the simulated Armada's " + whole(median_of(source_cpu_us)) + ", the broker's " +
                whole(median_of(broker_cpu_us)) + "; the simulated Armada alone delivers " +
                whole(median_of(source_a_second)) + " events/s";
  return std::vector<Figure>{std::move(figure)};
}

}  // namespace armada_cache::bench
