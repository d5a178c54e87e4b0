#include "tests/faults/lookup_watch.h"

#include <algorithm>
#include <bit>

#include "armada/api/submit.pb.h"
#include "tests/simulator/oracle.h"

namespace armada_cache {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kNewAtOnce = 20;
constexpr std::size_t kLately = 4'000;  // jobs of which most still change
constexpr std::size_t kProblemsKept = 20;
constexpr std::chrono::milliseconds kPause{20};
constexpr int kEnded = 4;

// How far in its life a job is; -1: no state of a job.
int rank_of(int state) {
  switch (state) {
    case api::QUEUED:
      return 0;
    case api::LEASED:
      return 1;
    case api::PENDING:
      return 2;
    case api::RUNNING:
      return 3;
    case api::SUCCEEDED:
    case api::FAILED:
    case api::PREEMPTED:
    case api::CANCELLED:
    case api::REJECTED:
      return kEnded;
    default:
      return -1;
  }
}

constexpr std::uint32_t bit(int state) {
  return 1U << static_cast<unsigned>(state);
}

constexpr std::uint32_t kEndedStates = bit(api::SUCCEEDED) | bit(api::FAILED) |
                                       bit(api::PREEMPTED) | bit(api::CANCELLED) |
                                       bit(api::REJECTED);
constexpr std::uint32_t kRunStates = bit(api::LEASED) | bit(api::PENDING) | bit(api::RUNNING);

std::chrono::milliseconds since(Steady::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begin);
}

}  // namespace

LookupWatch::LookupWatch(const Options& options, const Fleet& fleet,
                         std::function<simulator::Account()> account)
    : options_(options), fleet_(fleet), account_(std::move(account)), random_(options.seed) {
  reached_.fill(-1);
  for (int query = 0; query < Fleet::kQueries; ++query) {
    clients_.push_back(std::make_unique<test_support::CacheClient>(fleet_.query_address(query),
                                                                   options_.patience));
  }
  thread_ = std::thread([this] { run(); });
}

void LookupWatch::stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
}

test_support::Problems LookupWatch::problems(const simulator::Account& account) const {
  test_support::Problems all = problems_;
  for (const simulator::JobAccount& job : account.jobs) {
    const auto seen = seen_.find(job.id);
    if (seen == seen_.end()) continue;
    const std::string wrong = judge(job, seen->second);
    if (!wrong.empty() && all.size() < kProblemsKept) all.push_back(job.id + " " + wrong);
  }
  return all;
}

void LookupWatch::run() {
  Steady::time_point renewed;
  while (!stopped_) {
    if (since(renewed) >= options_.renewal) {
      renew_jobs();
      renewed = Steady::now();
    }
    std::string error;
    // Those that may not be there yet take long to say so while a cluster is away.
    if (const Ids ids = pick_new(); !ids.empty() && !look_up(ids, error)) {
      new_.clear();
      renewed = Steady::now();
    }
    const Ids ids = pick_known();
    if (ids.empty()) continue;
    const auto begin = Steady::now();
    if (!look_up(ids, error)) note("no answer for jobs that were answered before: " + error);
    slowest_ = std::max(slowest_, since(begin));
  }
}

void LookupWatch::renew_jobs() {
  new_.clear();
  for (const simulator::JobAccount& job : account_().jobs) {
    if (!seen_.contains(job.id)) new_.push_back(job.id);
  }
  std::shuffle(new_.begin(), new_.end(), random_);
}

LookupWatch::Ids LookupWatch::pick_known() {
  Ids ids;
  const std::size_t lately = std::min(known_.size(), kLately);
  for (std::size_t i = 0; i < options_.batch && !known_.empty(); ++i) {
    const std::size_t back = random_() % (i % 2 == 0 ? lately : known_.size());
    ids.push_back(known_[known_.size() - 1 - back]);
  }
  return ids;
}

LookupWatch::Ids LookupWatch::pick_new() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(new_.size(), kNewAtOnce));
  Ids ids(new_.end() - count, new_.end());
  new_.erase(new_.end() - count, new_.end());
  return ids;
}

bool LookupWatch::look_up(const Ids& ids, std::string& error) {
  const auto end = Steady::now() + options_.deadline;
  for (int query = options_.preferred;; query = (query + 1) % Fleet::kQueries) {
    const int life = fleet_.query_life(query);
    const auto answer = clients_[static_cast<std::size_t>(query)]->statuses(ids);
    const bool lives = life % 2 == 0 && life == fleet_.query_life(query);
    int& reached = reached_[static_cast<std::size_t>(query)];
    if (answer.ok()) {
      if (lives) reached = life;
      take(query, life, answer.message, ids);
      ++answered_;
      return true;
    }
    error = "query " + std::to_string(query) + ": " + answer.error;
    const bool again = answer.code == test_support::code::kUnavailable ||
                       answer.code == test_support::code::kDeadlineExceeded;
    if (!again) note("code " + std::to_string(answer.code) + ", " + error);
    // Nobody waits for those that may not be there yet.
    const bool known = seen_.contains(ids.front());
    // A client may not have noticed yet that it is there again.
    if (known && lives && reached == life) note("it lives, and does not answer: " + error);
    if (!again || !known || stopped_ || Steady::now() + kPause > end) return stopped_;
    ++failed_over_;
    std::this_thread::sleep_for(kPause);
  }
}

void LookupWatch::take(int query, int life, const api::JobStatusResponse& answer, const Ids& ids) {
  for (const std::string& id : ids) {
    const auto found = answer.job_states().find(id);
    if (found == answer.job_states().end()) {
      note(id + " has no answer");
    } else {
      take_state(query, life, id, found->second);
    }
  }
}

void LookupWatch::take_state(int query, int life, const std::string& id, int state) {
  const auto before = seen_.find(id);
  if (state == api::UNKNOWN) {
    if (before != seen_.end()) note(id + " is UNKNOWN to query " + std::to_string(query));
    return;
  }
  const int rank = rank_of(state);
  if (rank < 0) return note(id + " is in state " + std::to_string(state));
  if (before == seen_.end()) known_.push_back(id);
  Seen& seen = seen_[id];
  jobs_seen_ = seen_.size();
  seen.states |= bit(state);
  // It cannot be told which process answered when one ended meanwhile.
  if (life % 2 != 0 || fleet_.query_life(query) != life) return;
  Told& told = seen.told[static_cast<std::size_t>(query)];
  if (told.life != life) told = {life, rank, 0};
  if (rank < told.rank) {
    seen.steps_back = std::max(seen.steps_back, ++told.steps_back);
    if (told.rank == kEnded) note(id + " had ended, and is in state " + std::to_string(state));
  }
  told.rank = rank;
}

void LookupWatch::note(const std::string& what) {
  if (problems_.size() < kProblemsKept) problems_.push_back(what);
}

std::string LookupWatch::judge(const simulator::JobAccount& job, const Seen& seen) {
  const std::uint32_t ended = seen.states & kEndedStates;
  if ((ended & ~bit(static_cast<int>(job.expected))) != 0) {
    return "was said to have ended otherwise than as " + std::string(name_of(job.expected));
  }
  if (job.runs == 0 && (seen.states & kRunStates) != 0) return "never ran, and was said to";
  // Each run but the last may end in the queue; the last one too, where its lease expires and the
  // job fails of that.
  const bool may_expire = job.expected == simulator::JobState::kFailed;
  if (seen.steps_back + (may_expire ? 0U : 1U) > std::max(job.runs, 1U)) {
    return "went back " + std::to_string(seen.steps_back) + " times in " +
           std::to_string(job.runs) + " runs";
  }
  return {};
}

}  // namespace armada_cache
