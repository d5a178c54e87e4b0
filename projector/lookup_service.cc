#include "projector/lookup_service.h"

#include <algorithm>
#include <map>

#include "core/job/states.h"
#include "projector/job_listing.h"
#include "projector/partition_share.h"
#include "projector/record_codec.h"

namespace armada_cache::projector {
namespace {

base::Error closed_error() {
  return {base::ErrorCode::kUnavailable, "the projector is stopped"};
}

bool has_active(const JobSetState& job_set) {
  for (std::size_t state = 0; state < kStateCount; ++state) {
    if (is_active(static_cast<int>(state)) && job_set.jobs_by_state[state] > 0) return true;
  }
  return false;
}

base::Error nothing_here() {
  return {base::ErrorCode::kUnavailable, "no partition is materialized here now"};
}

SearchContext context_of(const Options& options, const FreshnessJudge& judge, GoalWaiters& waiters,
                         base::TaskPool& pool) {
  return {judge, waiters, pool, options.certainty_wait,
          static_cast<eventlog::Offset>(2 * options.batch_max_records)};
}

}  // namespace

LookupService::LookupService(const Options& options, const PartitionMaps& maps,
                             const FreshnessJudge& judge, const RelayBoard& relays,
                             GoalWaiters& waiters, base::TaskPool& pool, const base::Clock& clock)
    : maps_(maps),
      context_(context_of(options, judge, waiters, pool)),
      relays_(relays),
      clock_(clock),
      retention_(options.retention),
      list_scan_max_(options.list_scan_max),
      wakes_per_answer_(options.wakes_per_answer),
      poll_check_scan_(options.poll_check_scan) {}

LookupService::Moment LookupService::moment() const {
  return {maps_.now(), clock_.now(), context_.judge.visible_relays()};
}

void LookupService::lower(Moment& moment, const Partition& partition) {
  moment.visible = std::min(moment.visible, partition.events_as_of());
}

bool LookupService::expired(const JobStatus& status, base::Time now) const {
  if (!job::is_terminal(status.state)) return false;
  return base::from_unix_micros(std::int64_t{status.last_transition_seconds} * 1'000'000) +
             retention_ <
         now;
}

void LookupService::note_owner(const Partition& partition, JobSetNumber job_set,
                               const Moment& moment, lookup::Freshness& freshness) {
  const std::int64_t limit = partition.cells().limit_at(job_set, moment.visible);
  freshness.as_of = std::min({freshness.as_of, moment.visible, base::from_unix_micros(limit)});
  JobSetCell* cell = partition.cells().find(job_set);
  if (cell == nullptr) return;
  cell->note_asked(static_cast<std::uint32_t>(base::to_unix_micros(moment.now) / 1'000'000));
}

void LookupService::doubt(SearchDoubt doubt, const Moment& moment,
                          lookup::Freshness& freshness) const {
  freshness.certain = doubt.why.empty();
  const base::Time seen = freshness.certain ? doubt.seen : moment.visible;
  const base::Time relays = freshness.certain ? doubt.relays_as_of : relays_.as_of(moment.visible);
  freshness.as_of = std::min({freshness.as_of, seen, relays});
  if (!freshness.certain) freshness.resting = relays_.resting(wakes_per_answer_);
  freshness.doubt = std::move(doubt.why);
}

void LookupService::take(std::size_t at, const Partition& partition, const JobStatus& status,
                         const Moment& moment, lookup::StatusAnswer& answer) const {
  if (expired(status, moment.now)) return;
  answer.statuses[at].state = status.state;
  note_owner(partition, status.job_set, moment, answer.freshness);
  if (!answer.queues.empty()) answer.queues[at] = partition.job_sets().queue_of(status.job_set);
}

void LookupService::statuses(std::span<const std::string_view> ids, bool with_queues,
                             Done<lookup::StatusAnswer> done) {
  if (closed_.load(std::memory_order_acquire)) return done(tl::unexpected(closed_error()));
  Moment asked = moment();
  lookup::StatusAnswer answer;
  answer.freshness.as_of = asked.visible;
  answer.statuses.resize(ids.size());
  if (with_queues) answer.queues.resize(ids.size());
  std::vector<std::size_t> missing;
  const auto take_or_miss = [&](std::size_t at, const Partition& partition,
                                const std::optional<JobStatus>& status) {
    if (!status) return missing.push_back(at);
    take(at, partition, *status, asked, answer);
  };
  if (ids.size() == 1) {
    const Partition* partition = asked.partitions->of_job(ids[0]);
    if (partition == nullptr) return done(tl::unexpected(not_here(ids[0])));
    lower(asked, *partition);
    take_or_miss(0, *partition, partition->table().status(ids[0]));
  } else {
    for (const PartitionShare& share : shares_of(*asked.partitions, ids)) {
      if (share.partition == nullptr) return done(tl::unexpected(not_here(share.ids[0])));
      lower(asked, *share.partition);
      std::vector<std::optional<JobStatus>> found(share.ids.size());
      share.partition->table().statuses(share.ids, found);
      for (std::size_t i = 0; i < found.size(); ++i) {
        take_or_miss(share.at[i], *share.partition, found[i]);
      }
    }
  }
  if (missing.empty()) return done(std::move(answer));
  search_statuses(std::move(missing), ids, asked, std::move(answer), std::move(done));
}

void LookupService::search_statuses(std::vector<std::size_t> missing,
                                    std::span<const std::string_view> ids, const Moment& moment,
                                    lookup::StatusAnswer answer, Done<lookup::StatusAnswer> done) {
  std::vector<std::string> searched;
  searched.reserve(missing.size());
  for (const std::size_t at : missing) searched.emplace_back(ids[at]);
  auto finish = [this, missing = std::move(missing), searched, moment, answer = std::move(answer),
                 done =
                     std::move(done)](base::Result<JobSearch<JobStatus>::Outcome> outcome) mutable {
    if (!outcome) return done(tl::unexpected(outcome.error()));
    bool all = true;
    for (std::size_t i = 0; i < missing.size(); ++i) {
      all = all && outcome->values[i];
      if (!outcome->values[i]) continue;
      const Partition& partition = *moment.partitions->of_job(searched[i]);
      take(missing[i], partition, *outcome->values[i], moment, answer);
    }
    if (!all) doubt(std::move(outcome->doubt), moment, answer.freshness);
    done(std::move(answer));
  };
  std::make_shared<JobSearch<JobStatus>>(context_, moment.partitions, find_statuses,
                                         std::move(searched), std::move(finish))
      ->start();
}

void LookupService::details(std::vector<std::string> ids, bool with_spec,
                            Done<lookup::DetailsAnswer> done) {
  if (closed_.load(std::memory_order_acquire)) return done(tl::unexpected(closed_error()));
  Moment asked = moment();
  lookup::DetailsAnswer answer;
  answer.freshness.as_of = asked.visible;
  for (const std::string& id : ids) {
    const Partition* partition = asked.partitions->of_job(id);
    if (partition == nullptr) return done(tl::unexpected(not_here(id)));
    lower(asked, *partition);
  }
  auto finish = [this, ids, with_spec, asked, answer = std::move(answer), done = std::move(done)](
                    base::Result<JobSearch<OwnedJob>::Outcome> outcome) mutable {
    if (!outcome) return done(tl::unexpected(outcome.error()));
    const bool all = std::all_of(outcome->values.begin(), outcome->values.end(),
                                 [](const auto& job) { return job.has_value(); });
    if (!all) doubt(std::move(outcome->doubt), asked, answer.freshness);
    deliver_details(std::move(ids), std::move(outcome->values), with_spec, asked, std::move(answer),
                    done);
  };
  std::make_shared<JobSearch<OwnedJob>>(context_, asked.partitions, find_jobs, std::move(ids),
                                        std::move(finish))
      ->start();
}

void LookupService::deliver_details(std::vector<std::string> ids,
                                    std::vector<std::optional<OwnedJob>> jobs, bool with_spec,
                                    const Moment& moment, lookup::DetailsAnswer answer,
                                    const Done<lookup::DetailsAnswer>& done) const {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!jobs[i] || expired(jobs[i]->status, moment.now)) continue;
    const Partition& partition = *moment.partitions->of_job(ids[i]);
    const auto owner = partition.job_sets().name_of(jobs[i]->status.job_set);
    if (!owner) continue;
    note_owner(partition, jobs[i]->status.job_set, moment, answer.freshness);
    answer.jobs.push_back({std::move(ids[i]), with_names(jobs[i]->record, *owner), {}});
  }
  if (!with_spec || answer.jobs.empty()) return done(std::move(answer));
  auto shared = std::make_shared<lookup::DetailsAnswer>(std::move(answer));
  const bool accepted = context_.pool.try_post([held = moment.partitions, shared, done] {
    auto added = add_specs(*held, shared->jobs);
    if (!added) return done(tl::unexpected(added.error()));
    done(std::move(*shared));
  });
  if (!accepted) done(tl::unexpected(too_many_lookups()));
}

base::Status LookupService::add_specs(const PartitionMap& partitions,
                                      std::vector<lookup::FoundJob>& jobs) {
  std::map<const Partition*, std::vector<std::size_t>> by_partition;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    by_partition[partitions.of_job(jobs[i].job_id)].push_back(i);
  }
  for (const auto& [partition, at] : by_partition) {
    std::vector<std::string_view> ids;
    for (const std::size_t index : at) ids.push_back(jobs[index].job_id);
    auto specs = partition->store().specs(ids, Reach::kDisk);
    if (!specs) return tl::unexpected(unreadable(*partition, specs.error()));
    for (std::size_t i = 0; i < at.size(); ++i) {
      if ((*specs)[i].value) jobs[at[i]].spec = *std::move((*specs)[i].value);
    }
  }
  return {};
}

template <typename Answer>
void LookupService::when_fresh(
    Done<Answer> done,
    std::function<void(const FreshnessJudge::Goals&, const Done<Answer>&)> then) {
  if (closed_.load(std::memory_order_acquire)) return done(tl::unexpected(closed_error()));
  const HeldMap held = maps_.now();
  if (held->all().empty()) return done(tl::unexpected(nothing_here()));
  Done<Answer> tell = [held, done = std::move(done)](base::Result<Answer> answer) {
    if (answer) answer->freshness.partitions = held->numbers();
    done(std::move(answer));
  };
  const auto go_on = [this, done = std::move(tell), then = std::move(then)](const auto& goals) {
    auto run = [goals, done, then] { then(goals, done); };
    if (!when_near(context_, goals, run)) done(tl::unexpected(too_many_lookups()));
  };
  context_.judge.goals(held, held->all(), go_on);
}

void LookupService::list(lookup::ListRequest request, Done<lookup::ListAnswer> done) {
  when_fresh<lookup::ListAnswer>(
      std::move(done), [this, request = std::move(request)](const auto& goals, const auto& reply) {
        lookup::Freshness fresh = context_.judge.of(goals, request.job_set);
        const base::Time now = clock_.now();
        auto answer = list_jobs(
            goals.partitions->all(), request,
            [this, now](const JobStatus& status) { return expired(status, now); }, list_scan_max_);
        if (answer) answer->freshness = std::move(fresh);
        reply(std::move(answer));
      });
}

void LookupService::summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) {
  when_fresh<lookup::JobSetSummary>(
      std::move(done), [this, job_set = std::move(job_set)](const auto& goals, const auto& reply) {
        lookup::JobSetSummary summary;
        summary.freshness = context_.judge.of(goals, job_set);
        if (auto relay = relays_.find(job_set)) summary.relay = std::move(relay->status);
        summary.jobs_by_state.assign(kStateCount, 0);
        for (const Partition* partition : goals.partitions->all()) {
          const std::optional<JobSetState> state = partition->job_sets().find(job_set);
          if (!state) continue;
          for (std::size_t i = 0; i < kStateCount; ++i) {
            summary.jobs_by_state[i] += state->jobs_by_state[i];
          }
        }
        reply(std::move(summary));
      });
}

void LookupService::relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) {
  when_fresh<lookup::RelaysAnswer>(std::move(done), [this, job_sets = std::move(job_sets)](
                                                        const auto& goals, const auto& reply) {
    lookup::RelaysAnswer answer;
    answer.freshness.as_of = context_.judge.visible(*goals.partitions);
    answer.freshness.doubt = FreshnessJudge::behind(goals);
    answer.freshness.certain = answer.freshness.doubt.empty();
    for (const base::JobSet& job_set : job_sets) {
      auto& told = answer.relays.emplace_back();
      if (auto relay = relays_.find(job_set)) told = std::move(relay->status);
    }
    reply(std::move(answer));
  });
}

void LookupService::asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) {
  if (closed_.load(std::memory_order_acquire)) return done(tl::unexpected(closed_error()));
  const base::Time now = clock_.now();
  const HeldMap held = maps_.now();
  if (held->all().empty()) return done(tl::unexpected(nothing_here()));
  lookup::AskedAnswer answer = relays_.asked(request, poll_check_scan_);
  answer.as_of = now;
  answer.partitions = held->numbers();
  done(std::move(answer));
}

// Which queues are active is as old as what is known of any job set with an active job, and of
// any that may have got one.
base::Time LookupService::as_of_active(const PartitionMap& partitions) const {
  const base::Time visible = context_.judge.visible(partitions);
  base::Time as_of = std::min(visible, relays_.as_of(visible));
  for (const Partition* partition : partitions.all()) {
    partition->job_sets().each([&](const JobSetEntry& entry) {
      if (!has_active(entry.state)) return;
      const std::int64_t limit = partition->cells().limit_at(entry.state.number, visible);
      as_of = std::min(as_of, base::from_unix_micros(limit));
    });
  }
  return as_of;
}

void LookupService::active_queues(Done<lookup::ActiveQueuesAnswer> done) {
  when_fresh<lookup::ActiveQueuesAnswer>(
      std::move(done), [this](const auto& goals, const auto& reply) {
        lookup::ActiveQueuesAnswer answer;
        answer.freshness.as_of = as_of_active(*goals.partitions);
        answer.freshness.doubt = FreshnessJudge::behind(goals);
        ActiveChanges counts;
        for (const Partition* partition : goals.partitions->all()) {
          if (!partition->loaded()) answer.freshness.doubt = "live jobs are still being loaded";
          for (const auto& [key, count] : partition->active_queues().counts()) {
            counts[key] += count;
          }
        }
        for (const auto& [key, count] : counts) {
          if (count > 0) answer.queues.push_back({key.first, key.second});
        }
        answer.freshness.certain = answer.freshness.doubt.empty();
        reply(std::move(answer));
      });
}

}  // namespace armada_cache::projector
