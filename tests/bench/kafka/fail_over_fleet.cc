#include "tests/bench/kafka/fail_over_fleet.h"

#include <algorithm>
#include <stdexcept>

#include "armada/api/event.pb.h"
#include "armada/api/job.pb.h"
#include "tests/bench/job_events.h"
#include "tests/bench/job_ids.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace armada_cache::bench {
namespace {

using test_support::CacheClient;
using test_support::eventually;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};
constexpr std::uint64_t kMostJobs = 50'000;
constexpr std::uint64_t kJobSets = 20;

std::uint64_t jobs_of(const Options& options) {
  return std::min<std::uint64_t>(options.jobs, kMostJobs);
}

// Those of events that Armada sends, beyond the jobs that were in the log before.
JobSetRange relayed_job_sets(std::uint64_t jobs) {
  return {jobs / kJobsInJobSet + 1, kJobSets};
}

void need(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what + " after a minute");
}

void need(const base::Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

std::string metrics_of(const Tier& tier) {
  return test_support::http_get(tier->http_address(), "/metrics").body;
}

double streams_of(const Tier& ingest) {
  return test_support::metric_sum(metrics_of(ingest), "armada_cache_ingest_streams_open");
}

bool has_partitions(const std::string& query_metrics, const std::string& group,
                    const Tier& projector, int partitions) {
  return test_support::metric(query_metrics, "armada_cache_query_directory_partitions{group=\"" +
                                                 group + "\",projector=\"" +
                                                 projector->grpc_address() + "\"}") == partitions;
}

void end(Tier& tier, Ending ending) {
  ending == Ending::kKilled ? kill_tier(tier) : stop_tier(tier);
}

}  // namespace

FailOverFleet::FailOverFleet(const Context& context)
    : context_(context),
      jobs_(jobs_of(context.options)),
      session_(context.options.quick ? 2 : 6),
      armada_(empty_world()),
      armada_address_(armada_.start().value()),
      next_job_(relayed_job_sets(jobs_).first * kJobsInJobSet) {
  const auto filled = fill_running_jobs(kafka_, jobs_);
  if (!filled) throw std::runtime_error(filled.error().message);
  asked_ = filled->last_jobs;
  first_ingest_ = start_ingest();
  a_first_ = start_member("a", "a-first");
  a_second_ = start_member("a", "a-second");
  b_ = start_member("b", "b");
  query_both_ = start_tier(context, kafka_, "query", {"--replica-groups=a,b"});
  query_one_ = start_tier(context, kafka_, "query", {"--replica-groups=a"});
  need(follow_job_sets(armada_, query_one_->grpc_address(), relayed_job_sets(jobs_)));
  for (const Tier* query : {&query_both_, &query_one_}) {
    need(await_answers(**query, asked_, api::RUNNING));
  }
  both_groups_ = watch_answers(query_both_);
  one_group_ = watch_answers(query_one_);
  relays_ = std::make_unique<GapWatch>([this] { return all_relayed(); });
}

FailOverFleet::Callers FailOverFleet::lose_projector(Ending ending) {
  await_placed();
  both_groups_->begin();
  one_group_->begin();
  end(a_second_, ending);
  need(one_group_->await(kPatience) && both_groups_->await(kPatience),
       "jobs of a projector that is gone are not answered");
  const Callers callers{both_groups_->seen(), one_group_->seen()};
  a_second_ = start_member("a", "a-second");
  return callers;
}

double FailOverFleet::join_ingest() {
  await_placed();
  relays_->begin();
  second_ingest_ = start_ingest();
  need(eventually(kPatience,
                  [this] {
                    const double here = streams_of(first_ingest_);
                    const double there = streams_of(second_ingest_);
                    return here > 0 && there > 0 && here + there == kJobSets;
                  }),
       "two ingests do not share the job sets");
  need(relays_->await(kPatience), "not all job sets are relayed");
  return relays_->seen().longest_gap_ms;
}

double FailOverFleet::lose_ingest(Ending ending) {
  await_placed();
  relays_->begin();
  end(second_ingest_, ending);
  need(eventually(kPatience, [this] { return streams_of(first_ingest_) == kJobSets; }),
       "the other ingest does not relay all job sets");
  need(relays_->await(kPatience), "not all job sets are relayed");
  return relays_->seen().longest_gap_ms;
}

double FailOverFleet::restart_broker() {
  await_placed();
  kafka_.cluster().kill(0);
  const std::uint64_t job = next_job_++;
  for (const Step step : {Step::kSubmitted, Step::kLeased, Step::kRunning}) {
    armada_.emit(job_set_of(job), {make_event(job, step, base::SystemClock().now())});
  }
  kafka_.cluster().start(0);
  kafka_.cluster().wait_until_ready();
  const auto ready = Clock::now();
  need(await_answers(*query_one_, {job}, api::RUNNING));
  return std::chrono::duration<double, std::milli>(Clock::now() - ready).count();
}

Tier FailOverFleet::start_member(const std::string& group, const std::string& folder) const {
  return start_projector(context_, kafka_, folder,
                         {"--replica-group=" + group,
                          "--group-session-timeout=" + std::to_string(session_.count()) + "s"});
}

Tier FailOverFleet::start_ingest() const {
  return start_tier(context_, kafka_, "ingest",
                    {"--armada=" + armada_address_,
                     "--group-session-timeout=" + std::to_string(session_.count()) + "s"});
}

std::unique_ptr<GapWatch> FailOverFleet::watch_answers(const Tier& query) const {
  auto client = std::make_shared<CacheClient>(query->grpc_address());
  return std::make_unique<GapWatch>(
      [client, ids = ids_of(asked_)] { return answers(*client, ids, api::RUNNING); });
}

void FailOverFleet::await_placed() {
  need(eventually(kPatience, [this] { return all_placed() && all_relayed(); }),
       "partitions or job sets are not where they belong");
}

bool FailOverFleet::all_placed() const {
  const std::string metrics = metrics_of(query_both_);
  const std::string others = metrics_of(query_one_);
  return has_partitions(metrics, "a", a_first_, kPartitions / 2) &&
         has_partitions(metrics, "a", a_second_, kPartitions / 2) &&
         has_partitions(metrics, "b", b_, kPartitions) &&
         has_partitions(others, "a", a_second_, kPartitions / 2);
}

bool FailOverFleet::all_relayed() const {
  const JobSetRange job_sets = relayed_job_sets(jobs_);
  for (std::uint64_t i = 0; i < job_sets.count; ++i) {
    const auto readers = armada_.readers(job_set_of((job_sets.first + i) * kJobsInJobSet));
    if (readers.open == 0) return false;
  }
  return true;
}

}  // namespace armada_cache::bench
