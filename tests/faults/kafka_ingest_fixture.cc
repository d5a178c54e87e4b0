#include "tests/faults/kafka_ingest_fixture.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>

#include "armada/api/event.grpc.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/base/clock.h"
#include "core/eventlog/kafka/kafka_log.h"
#include "core/eventlog/replay.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "tests/simulator/events.h"
#include "tests/support/eventually.h"

namespace armada_cache::ingest {
namespace {

using base::JobSet;
using base::UpstreamId;
using eventlog::Partition;
using eventlog::RecordView;
using test_support::eventually;
using Partitions = std::set<Partition>;
using namespace std::chrono_literals;

const Partitions kAll{0, 1, 2, 3};
constexpr int kJobSets = 12;

template <typename T>
T need(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

void need(const base::Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

// Gives appends up soon, so that a broker that is away makes them fail.
eventlog::kafka::KafkaLogOptions kafka(const std::string& brokers) {
  eventlog::kafka::KafkaLogOptions options;
  options.brokers = brokers;
  options.topics = {.replication_factor = 1, .min_insync_replicas = 1};
  options.request_timeout = 1s;
  options.delivery_timeout = 2s;
  return options;
}

Options ingest_options(const std::string& armada) {
  Options options;
  options.armada.target = armada;
  options.relay.partitions = kPartitions;
  options.relay.cluster = "sim";
  options.relay.times.backoff = {.base = 5ms, .max = 50ms};
  return options;
}

simulator::Options on_a_free_port() {
  simulator::Options options;
  options.listen = "127.0.0.1:0";
  return options;
}

std::unique_ptr<eventlog::EventLog> open_log(const std::string& brokers) {
  auto log = need(eventlog::kafka::open_kafka_log(kafka(brokers)));
  for (const auto& spec : topics::topic_specs(kPartitions, 24h)) need(log->ensure_topic(spec));
  return log;
}

template <typename Each>
void read_all(eventlog::EventLog& log, std::string_view topic, const Each& each) {
  need(eventlog::replay({{}, kLong, nullptr}, log, topic, kAll, each));
}

}  // namespace

Member::Member(const MemberOptions& options)
    : options_(options),
      log_(open_log(options.brokers)),
      ingest_(std::make_unique<Ingest>(ingest_options(options.armada), *log_, base::kSystemClock,
                                       metrics_, 1)) {
  need(ingest_->start());
  keeper_ = std::make_unique<eventlog::PartitionKeeper>(
      "ingest", eventlog::HandoverOptions{.patience = options.session},
      eventlog::PartitionHolder{
          [this](const Partitions& partitions, std::int64_t generation, const auto& give_up) {
            return ingest_->assign(partitions, generation, give_up);
          },
          [this](const Partitions& partitions, bool lost) { ingest_->revoke(partitions, lost); }});
  join();
}

Member::~Member() {
  keeper_->stop();
  ingest_->stop();
  member_.reset();
}

void Member::join() {
  const eventlog::kafka::GroupOptions group{.group = "ingests",
                                            .topic = std::string(topics::kSubscriptions),
                                            .session_timeout = options_.session,
                                            .heartbeat_interval = 200ms,
                                            .rebalance_timeout = options_.session};
  member_ = need(eventlog::kafka::GroupMember::join(
      kafka(options_.brokers), group,
      {[this](const Partitions& partitions, std::int64_t generation) {
         keeper_->assigned(partitions, generation);
       },
       [this] { keeper_->revoked(); }, [this] { keeper_->lost(); }}));
}

RelayStatus Member::status_of(const JobSet& job_set) const {
  return ingest_->status_of(job_set).value_or(RelayStatus{});
}

bool Member::follows(const JobSet& job_set) const {
  return status_of(job_set).state == RelayState::kFollowing;
}

KafkaIngest::KafkaIngest() : armada_(on_a_free_port()) {
  for (int i = 0; i < kJobSets; ++i) job_sets_.push_back({"q", "set-" + std::to_string(i)});
  address_ = need(armada_.start());
  log_ = open_log(cluster_.servers());
  subscribe_all();
}

void KafkaIngest::subscribe_all() {
  internal::v1::SubscriptionRecord record;
  record.set_lease_expires_us(base::to_unix_micros(base::kSystemClock.now() + 1h));
  const auto appender = log_->appender();
  for (const JobSet& job_set : job_sets_) {
    std::promise<bool> stored;
    appender->append(
        {std::string(topics::kSubscriptions), topics::partition_of_job_set(job_set, kPartitions)},
        {topics::subscription_record({job_set, "test"}, record)},
        [&](const auto& last) { stored.set_value(last.has_value()); });
    if (!stored.get_future().get()) throw std::runtime_error("no subscription");
  }
}

void KafkaIngest::begin_load() {
  load_ = std::jthread([this](const std::stop_token& stop) { emit_until(stop); });
}

// In each round and job set a job is leased, the one before runs, and the one before that succeeds.
void KafkaIngest::emit_until(const std::stop_token& stop) {
  using simulator::Step;
  simulator::Random random(1);
  std::mutex mutex;
  std::condition_variable_any pace;
  std::unique_lock lock(mutex);
  constexpr std::array kLife{Step::kLeased, Step::kRunning, Step::kSucceeded};
  while (!stop.stop_requested()) {
    for (const JobSet& job_set : job_sets_) {
      const base::Time now = base::kSystemClock.now();
      std::deque<std::string>& live = live_[job_set];
      live.push_front(simulator::make_job_id(now, random));
      std::vector<api::EventMessage> events;
      for (std::size_t age = 0; age < live.size(); ++age) {
        events.push_back(simulator::make_event(kLife.at(age), {live[age], job_set, 1}, now));
      }
      if (live.size() == kLife.size()) live.pop_back();
      armada_.emit(job_set, events);
    }
    pace.wait_for(lock, stop, 5ms, [] { return false; });
  }
}

bool KafkaIngest::has_all(const Member& member) const {
  return std::ranges::all_of(job_sets_, [&](const JobSet& job_set) {
    return member.follows(job_set) && streams(job_set) == 1;
  });
}

bool KafkaIngest::are_shared(const Member& first, const Member& second) const {
  const auto of_first = std::ranges::count_if(
      job_sets_, [&](const JobSet& job_set) { return first.follows(job_set); });
  return of_first > 0 && of_first < kJobSets &&
         std::ranges::all_of(job_sets_, [&](const JobSet& job_set) {
           return first.follows(job_set) != second.follows(job_set);
         });
}

bool KafkaIngest::each_has_one_stream() const {
  return std::ranges::all_of(job_sets_,
                             [&](const JobSet& job_set) { return streams(job_set) == 1; });
}

std::map<JobSet, std::string> KafkaIngest::cursors(const Member& member) const {
  std::map<JobSet, std::string> cursors;
  for (const JobSet& job_set : job_sets_) cursors[job_set] = member.status_of(job_set).cursor;
  return cursors;
}

bool KafkaIngest::goes_on(const Member& member) const {
  const auto before = cursors(member);
  return std::ranges::all_of(job_sets_, [&](const JobSet& job_set) {
    return eventually(kLong,
                      [&] { return member.status_of(job_set).cursor != before.at(job_set); });
  });
}

bool KafkaIngest::comes_to_the_end(const std::vector<const Member*>& members) const {
  const auto account = armada_.account();
  return std::ranges::all_of(account.job_sets, [&](const auto& sent) {
    const std::string last = simulator::to_text(sent.ids.back().id, sent.ids.back().last);
    return eventually(kLong, [&] {
      return std::ranges::any_of(members, [&](const Member* member) {
        const RelayStatus status = member->status_of(sent.job_set);
        return status.cursor == last && status.state == RelayState::kFollowing;
      });
    });
  });
}

std::map<std::string, std::string> KafkaIngest::sent(const JobSet& job_set) const {
  const auto stub =
      api::Event::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  api::JobSetRequest request;
  request.set_queue(job_set.queue);
  request.set_id(job_set.name);
  grpc::ClientContext context;
  const auto stream = stub->GetJobSetEvents(&context, request);
  std::map<std::string, std::string> messages;
  for (api::EventStreamMessage message; stream->Read(&message);) {
    messages[message.id()] = simulator::encode(message);
  }
  if (!stream->Finish().ok()) throw std::runtime_error("the simulator's stream broke");
  return messages;
}

Relayed KafkaIngest::read_events() const {
  Relayed relayed;
  std::map<JobSet, std::map<std::string, std::string>> truth;
  for (const JobSet& job_set : job_sets_) truth[job_set] = sent(job_set);
  std::map<JobSet, std::set<std::string>> seen;
  std::map<std::pair<JobSet, Partition>, UpstreamId> last;
  read_all(*log_, topics::kEvents, [&](const RecordView& record) {
    const JobSet job_set = need(topics::job_set_of_event(record));
    const std::string id(record.header("ce_id").value_or(""));
    const UpstreamId number = UpstreamId::parse(id).value();
    UpstreamId& newest = last[{job_set, record.partition}];
    const auto told = truth[job_set].find(id);
    if (told == truth[job_set].end() || told->second != record.value) {
      relayed.faults.push_back("was not sent so: " + job_set.name + " " + id);
    }
    if (seen[job_set].contains(id)) {
      ++relayed.repeats;
      auto& oldest = relayed.oldest_repeat.try_emplace(job_set, number).first->second;
      oldest = std::min(oldest, number);
    } else if (number <= newest) {
      relayed.faults.push_back("after a newer one: " + job_set.name + " " + id);
    }
    seen[job_set].insert(id);
    newest = std::max(newest, number);
  });
  for (const auto& [job_set, messages] : truth) {
    if (messages.empty() || seen[job_set].size() != messages.size()) {
      relayed.faults.push_back(job_set.name + ": " + std::to_string(seen[job_set].size()) + " of " +
                               std::to_string(messages.size()));
    }
  }
  return relayed;
}

std::map<JobSet, std::vector<StoredRelay>> KafkaIngest::read_relays() const {
  std::map<JobSet, std::vector<StoredRelay>> relays;
  read_all(*log_, topics::kRelays, [&](const RecordView& record) {
    relays[need(topics::decode_relay_key(record.key))].push_back(
        need(decode_relay(record.value.value_or(""))));
  });
  return relays;
}

}  // namespace armada_cache::ingest
