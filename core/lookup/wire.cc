#include "core/lookup/wire.h"

#include <algorithm>

#include "armada_cache/internal/v1/lookup.pb.h"

namespace armada_cache::lookup {
namespace {

using base::from_unix_micros;
using base::to_unix_micros;

void write(const base::JobSet& job_set, wire::JobSetKey& into) {
  into.set_queue(job_set.queue);
  into.set_job_set(job_set.name);
}

base::JobSet read(const wire::JobSetKey& from) {
  return {from.queue(), from.job_set()};
}

void write(const Freshness& freshness, wire::Freshness& into) {
  into.set_as_of_us(to_unix_micros(freshness.as_of));
  into.set_certain(freshness.certain);
  into.set_doubt(freshness.doubt);
  into.set_not_followed(!freshness.followed);
  for (const base::JobSet& job_set : freshness.resting) write(job_set, *into.add_resting());
  if (!freshness.partitions.empty()) write_extents(freshness, *into.mutable_extents());
}

Freshness read(const wire::Freshness& from) {
  Freshness freshness;
  freshness.as_of = from_unix_micros(from.as_of_us());
  freshness.certain = from.certain();
  freshness.doubt = from.doubt();
  freshness.followed = !from.not_followed();
  for (const wire::JobSetKey& job_set : from.resting()) freshness.resting.push_back(read(job_set));
  return freshness;
}

void read(const wire::Extents& from, Extents& into) {
  into.incarnation = from.incarnation();
  const int count = from.partitions_size();
  if (from.least_size() != count || from.most_size() != count) return;
  into.partitions.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const bool lags = std::ranges::find(from.lagging(), from.partitions(i)) != from.lagging().end();
    into.partitions.push_back({from.partitions(i), from.least(i), from.most(i), lags});
  }
}

// In process, no partitions mean everything; over RPC, that they went while the question waited.
base::Result<std::vector<std::int32_t>> read_partitions(
    const google::protobuf::RepeatedField<std::int32_t>& from) {
  if (!from.empty()) return std::vector<std::int32_t>(from.begin(), from.end());
  return base::fail(base::ErrorCode::kUnavailable,
                    "the answer tells of no partition: none was there during the whole question");
}

template <typename Answer>
base::Result<Answer> with_freshness(Answer answer, const wire::Freshness& from,
                                    const wire::Extents& extents) {
  auto partitions = read_partitions(extents.partitions());
  if (!partitions) return tl::unexpected(partitions.error());
  answer.freshness = read(from);
  answer.freshness.partitions = *std::move(partitions);
  read(extents, answer.freshness.extents);
  return answer;
}
template <typename Answer>
base::Result<Answer> with_freshness(Answer answer, const wire::Freshness& from) {
  return with_freshness(std::move(answer), from, from.extents());
}

void write(const RelayStatus& relay, wire::RelayRecord& into) {
  into.set_state(static_cast<wire::RelayState>(relay.state));
  into.set_last_error(relay.last_error);
  into.set_state_since_us(to_unix_micros(relay.state_since));
  into.set_connected_us(to_unix_micros(relay.connected));
  into.set_updated_us(to_unix_micros(relay.written));
}

RelayStatus read(const wire::RelayRecord& from, const base::JobSet& of) {
  return {of,
          from.state(),
          from.last_error(),
          from_unix_micros(from.state_since_us()),
          from_unix_micros(from.connected_us()),
          from_unix_micros(from.updated_us())};
}

base::Result<std::size_t> read_limit(int limit) {
  if (limit > 0) return static_cast<std::size_t>(limit);
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "limit is " + std::to_string(limit) + ", but must be at least 1");
}

int as_int(std::size_t limit) {
  return static_cast<int>(std::min(limit, std::size_t{INT32_MAX}));
}

tl::unexpected<base::Error> wrong_count(std::size_t asked, int got) {
  return base::fail(
      base::ErrorCode::kDataLoss,
      "asked for " + std::to_string(asked) + " parts, but the answer has " + std::to_string(got));
}

}  // namespace

void write_extents(const Freshness& of, wire::Extents& into) {
  into.mutable_partitions()->Add(of.partitions.begin(), of.partitions.end());
  into.set_incarnation(of.extents.incarnation);
  for (const Extent& extent : of.extents.partitions) {
    into.add_least(extent.least);
    into.add_most(extent.most);
    if (extent.lags) into.add_lagging(extent.partition);
  }
}

void write(const ListRequest& request, wire::ListRequest& into) {
  into.set_queue(request.job_set.queue);
  into.set_job_set(request.job_set.name);
  for (const int state : request.states) into.add_states(static_cast<api::JobState>(state));
  into.set_external_uri(request.external_uri);
  into.set_after_job_id(request.after_job_id);
  into.set_limit(as_int(request.limit));
}

void write(std::span<const base::JobSet> job_sets, wire::RelaysRequest& into) {
  for (const base::JobSet& job_set : job_sets) write(job_set, *into.add_job_sets());
}

void write(const AskedRequest& request, wire::AskedRequest& into) {
  into.set_since_us(to_unix_micros(request.since));
  write(request.after, *into.mutable_after());
  into.set_limit(as_int(request.limit));
}

base::Result<ListRequest> read(const wire::ListRequest& from) {
  const auto limit = read_limit(from.limit());
  if (!limit) return tl::unexpected(limit.error());
  ListRequest request;
  request.job_set = {from.queue(), from.job_set()};
  request.states.assign(from.states().begin(), from.states().end());
  request.external_uri = from.external_uri();
  request.after_job_id = from.after_job_id();
  request.limit = *limit;
  return request;
}

base::Result<AskedRequest> read(const wire::AskedRequest& from) {
  const auto limit = read_limit(from.limit());
  if (!limit) return tl::unexpected(limit.error());
  return AskedRequest{from_unix_micros(from.since_us()), read(from.after()), *limit};
}

std::vector<base::JobSet> read(const wire::RelaysRequest& from) {
  std::vector<base::JobSet> job_sets;
  for (const wire::JobSetKey& job_set : from.job_sets()) job_sets.push_back(read(job_set));
  return job_sets;
}

void write(const StatusAnswer& answer, wire::StatusesResponse& into) {
  into.mutable_states()->Reserve(static_cast<int>(answer.statuses.size()));
  for (const JobStatus& status : answer.statuses) into.add_states(status.state);
  for (const std::string& queue : answer.queues) into.add_queues(queue);
  write(answer.freshness, *into.mutable_freshness());
}

void write(DetailsAnswer answer, wire::DetailsResponse& into) {
  for (FoundJob& job : answer.jobs) {
    wire::FoundJob& made = *into.add_jobs();
    made.set_job_id(std::move(job.job_id));
    made.set_record(std::move(job.record));
    made.set_spec(std::move(job.spec));
  }
  write(answer.freshness, *into.mutable_freshness());
}

void write(const ListAnswer& answer, wire::ListResponse& into) {
  for (const ListedJob& job : answer.jobs) {
    wire::ListedJob& made = *into.add_jobs();
    made.set_job_id(job.job_id);
    made.set_state(static_cast<api::JobState>(job.state));
    made.set_submitted_us(to_unix_micros(job.submitted));
    made.set_last_transition_us(to_unix_micros(job.last_transition));
  }
  into.set_more(answer.more);
  into.set_go_on_after(answer.go_on_after);
  write(answer.freshness, *into.mutable_freshness());
}

void write(const JobSetSummary& summary, wire::SummarizeResponse& into) {
  into.mutable_jobs_by_state()->Add(summary.jobs_by_state.begin(), summary.jobs_by_state.end());
  if (summary.relay) write(*summary.relay, *into.mutable_relay());
  write(summary.freshness, *into.mutable_freshness());
}

void write(const RelaysAnswer& answer, wire::RelaysResponse& into) {
  for (const std::optional<RelayStatus>& relay : answer.relays) {
    wire::RelayOfJobSet& made = *into.add_relays();
    if (relay) write(*relay, *made.mutable_relay());
  }
  write(answer.freshness, *into.mutable_freshness());
}

void write(const AskedAnswer& answer, wire::AskedResponse& into) {
  for (const base::JobSet& job_set : answer.job_sets) write(job_set, *into.add_job_sets());
  if (answer.next) write(*answer.next, *into.mutable_next());
  into.set_as_of_us(to_unix_micros(answer.as_of));
  into.mutable_partitions()->Add(answer.partitions.begin(), answer.partitions.end());
}

void write(const ActiveQueuesAnswer& answer, wire::ActiveQueuesResponse& into) {
  for (const ActiveQueue& queue : answer.queues) {
    wire::ActiveQueue& made = *into.add_queues();
    made.set_pool(queue.pool);
    made.set_queue(queue.queue);
  }
  write(answer.freshness, *into.mutable_freshness());
}

base::Result<StatusAnswer> read(const wire::StatusesResponse& from, const wire::Extents& of,
                                std::size_t asked, bool with_queues) {
  if (static_cast<std::size_t>(from.states_size()) != asked) {
    return wrong_count(asked, from.states_size());
  }
  if (with_queues && static_cast<std::size_t>(from.queues_size()) != asked) {
    return wrong_count(asked, from.queues_size());
  }
  StatusAnswer answer;
  answer.statuses.reserve(asked);
  for (const int state : from.states()) answer.statuses.push_back({state});
  if (with_queues) answer.queues.assign(from.queues().begin(), from.queues().end());
  return with_freshness(std::move(answer), from.freshness(), of);
}

base::Result<DetailsAnswer> read(wire::DetailsResponse&& from) {
  DetailsAnswer answer;
  answer.jobs.reserve(static_cast<std::size_t>(from.jobs_size()));
  for (wire::FoundJob& job : *from.mutable_jobs()) {
    answer.jobs.push_back({std::move(*job.mutable_job_id()), std::move(*job.mutable_record()),
                           std::move(*job.mutable_spec())});
  }
  return with_freshness(std::move(answer), from.freshness());
}

base::Result<ListAnswer> read(const wire::ListResponse& from) {
  ListAnswer answer;
  for (const wire::ListedJob& job : from.jobs()) {
    answer.jobs.push_back({job.job_id(), job.state(), from_unix_micros(job.submitted_us()),
                           from_unix_micros(job.last_transition_us())});
  }
  answer.more = from.more();
  answer.go_on_after = from.go_on_after();
  return with_freshness(std::move(answer), from.freshness());
}

base::Result<JobSetSummary> read(const wire::SummarizeResponse& from, const base::JobSet& of) {
  JobSetSummary summary;
  summary.jobs_by_state.assign(from.jobs_by_state().begin(), from.jobs_by_state().end());
  if (from.has_relay()) summary.relay = read(from.relay(), of);
  return with_freshness(std::move(summary), from.freshness());
}

base::Result<RelaysAnswer> read(const wire::RelaysResponse& from,
                                std::span<const base::JobSet> asked) {
  if (static_cast<std::size_t>(from.relays_size()) != asked.size()) {
    return wrong_count(asked.size(), from.relays_size());
  }
  RelaysAnswer answer;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const wire::RelayOfJobSet& relay = from.relays(static_cast<int>(i));
    auto& told = answer.relays.emplace_back();
    if (relay.has_relay()) told = read(relay.relay(), asked[i]);
  }
  return with_freshness(std::move(answer), from.freshness());
}

base::Result<AskedAnswer> read(const wire::AskedResponse& from) {
  AskedAnswer answer;
  for (const wire::JobSetKey& job_set : from.job_sets()) answer.job_sets.push_back(read(job_set));
  if (from.has_next()) answer.next = read(from.next());
  answer.as_of = from_unix_micros(from.as_of_us());
  auto partitions = read_partitions(from.partitions());
  if (!partitions) return tl::unexpected(partitions.error());
  answer.partitions = *std::move(partitions);
  return answer;
}

base::Result<ActiveQueuesAnswer> read(const wire::ActiveQueuesResponse& from) {
  ActiveQueuesAnswer answer;
  for (const wire::ActiveQueue& queue : from.queues()) {
    answer.queues.push_back({queue.pool(), queue.queue()});
  }
  return with_freshness(std::move(answer), from.freshness());
}

}  // namespace armada_cache::lookup
