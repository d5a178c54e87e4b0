#include "tests/unit/query/fake_reader.h"

#include <algorithm>
#include <utility>

#include "core/relay/state.h"

namespace armada_cache::query {

void FakeReader::put(const std::string& id, const base::JobSet& job_set, api::JobState state) {
  const std::lock_guard lock(mutex_);
  Job& job = jobs_[id];
  job.record.set_queue(job_set.queue);
  job.record.set_job_set(job_set.name);
  job.record.set_state(state);
  job.record.set_submitted_us(1'700'000'000'000'000);
  job.record.set_submitted_seen(true);
}

void FakeReader::change(const std::string& id, const std::function<void(Job&)>& edit) {
  const std::lock_guard lock(mutex_);
  edit(jobs_.at(id));
}

void FakeReader::set_relay(const base::JobSet& job_set, internal::v1::RelayState state,
                           const std::string& error) {
  const std::lock_guard lock(mutex_);
  const base::Time now = base::SystemClock().now();
  relays_[job_set] = {job_set, state, error, now, now, now};
  written_.erase(job_set);
}

void FakeReader::set_written(const base::JobSet& job_set, base::Time written) {
  const std::lock_guard lock(mutex_);
  written_[job_set] = written;
}

void FakeReader::set_asked(std::vector<base::JobSet> job_sets) {
  const std::lock_guard lock(mutex_);
  std::ranges::sort(job_sets);
  asked_for_ = std::move(job_sets);
}

void FakeReader::set_doubt(const std::string& doubt) {
  const std::lock_guard lock(mutex_);
  doubt_ = doubt;
}

void FakeReader::set_error(std::optional<base::Error> error) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
}

void FakeReader::set_list_scan(std::size_t jobs) {
  const std::lock_guard lock(mutex_);
  list_scan_ = jobs;
}

void FakeReader::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

void FakeReader::release() {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    answers.swap(held_);
  }
  for (const auto& answer : answers) answer();
}

int FakeReader::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

int FakeReader::held() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(held_.size());
}

std::vector<std::size_t> FakeReader::id_counts() const {
  const std::lock_guard lock(mutex_);
  return id_counts_;
}

lookup::Freshness FakeReader::freshness() const {
  lookup::Freshness fresh;
  fresh.as_of = base::from_unix_micros(kAsOfMillis * 1000);
  fresh.doubt = doubt_;
  for (const auto& [job_set, told] : relays_) {
    const relay::Meaning& meaning = relay::meaning_of(told.state);
    if (meaning.doubt != relay::Doubt::kAlways) continue;
    if (fresh.doubt.empty()) fresh.doubt = "job set " + job_set.name + " is in doubt";
    if (meaning.rests) fresh.resting.push_back(job_set);
  }
  fresh.certain = fresh.doubt.empty();
  return fresh;
}

lookup::Freshness FakeReader::freshness(const base::JobSet& job_set) const {
  lookup::Freshness fresh;
  fresh.as_of = base::from_unix_micros(kAsOfMillis * 1000);
  fresh.doubt = doubt_;
  const auto told = relays_.find(job_set);
  const relay::Meaning& meaning = relay::meaning_of(
      told == relays_.end() ? relay::State::kStopped : relay::state_of(told->second.state));
  if (fresh.doubt.empty()) fresh.doubt = meaning.sentence;
  fresh.followed = meaning.doubt != relay::Doubt::kWhileWanted;
  fresh.certain = doubt_.empty() && meaning.doubt != relay::Doubt::kAlways;
  if (meaning.rests) fresh.resting.push_back(job_set);
  return fresh;
}

template <typename Answer>
void FakeReader::give(Answer answer, Done<Answer> done) {
  base::Result<Answer> result = std::move(answer);
  {
    const std::lock_guard lock(mutex_);
    if (error_) result = tl::unexpected(*error_);
    if (holding_) {
      held_.push_back([result = std::move(result), done = std::move(done)] { done(result); });
      return;
    }
  }
  done(std::move(result));
}

void FakeReader::statuses(std::span<const std::string_view> ids, bool,
                          Done<lookup::StatusAnswer> done) {
  lookup::StatusAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    ++asked_;
    id_counts_.push_back(ids.size());
    for (const std::string_view id : ids) {
      const auto found = jobs_.find(std::string(id));
      answer.statuses.push_back({found == jobs_.end()
                                     ? lookup::JobStatus::kNone
                                     : static_cast<int>(found->second.record.state())});
    }
    answer.freshness = freshness();
  }
  give(std::move(answer), std::move(done));
}

void FakeReader::details(std::vector<std::string> ids, bool with_spec,
                         Done<lookup::DetailsAnswer> done) {
  lookup::DetailsAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    ++asked_;
    for (const std::string& id : ids) {
      const auto found = jobs_.find(id);
      if (found == jobs_.end()) continue;
      answer.jobs.push_back({id, found->second.record.SerializeAsString(),
                             with_spec ? found->second.spec : std::string()});
    }
    answer.freshness = freshness();
  }
  give(std::move(answer), std::move(done));
}

void FakeReader::list(lookup::ListRequest request, Done<lookup::ListAnswer> done) {
  lookup::ListAnswer answer;
  const base::JobSet job_set = request.job_set;
  {
    const std::lock_guard lock(mutex_);
    std::size_t looked_at = 0;
    for (auto at = jobs_.upper_bound(request.after_job_id); at != jobs_.end(); ++at) {
      if (looked_at++ == list_scan_) {
        answer.more = true;
        break;
      }
      const auto& record = at->second.record;
      answer.go_on_after = at->first;
      if (record.queue() != request.job_set.queue) continue;
      if (record.job_set() != request.job_set.name) continue;
      if (!request.external_uri.empty() && record.external_job_uri() != request.external_uri) {
        continue;
      }
      if (!request.states.empty() &&
          std::ranges::find(request.states, static_cast<int>(record.state())) ==
              request.states.end()) {
        continue;
      }
      if (answer.jobs.size() == request.limit) {
        answer.more = true;
        answer.go_on_after = answer.jobs.back().job_id;
        break;
      }
      answer.jobs.push_back({at->first, static_cast<int>(record.state()),
                             base::from_unix_micros(record.submitted_us()), base::Time{}});
    }
    answer.freshness = freshness(job_set);
  }
  give(std::move(answer), std::move(done));
}

void FakeReader::summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) {
  lookup::JobSetSummary answer;
  answer.jobs_by_state.assign(11, 0);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, job] : jobs_) {
      if (job.record.queue() != job_set.queue || job.record.job_set() != job_set.name) continue;
      ++answer.jobs_by_state[static_cast<std::size_t>(job.record.state())];
    }
    if (const auto relay = relays_.find(job_set); relay != relays_.end()) {
      answer.relay = relay->second;
    }
    answer.freshness = freshness(job_set);
  }
  done(std::move(answer));
}

void FakeReader::relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) {
  lookup::RelaysAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    for (const base::JobSet& job_set : job_sets) {
      auto& told = answer.relays.emplace_back();
      const auto known = relays_.find(job_set);
      if (known == relays_.end()) continue;
      told = known->second;
      const auto written = written_.find(job_set);
      told->written = written == written_.end() ? base::SystemClock().now() : written->second;
    }
    answer.freshness = freshness();
  }
  give(std::move(answer), std::move(done));
}

void FakeReader::asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) {
  lookup::AskedAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    for (const base::JobSet& job_set : asked_for_) {
      if (job_set <= request.after && request.after != base::JobSet{}) continue;
      if (answer.job_sets.size() == request.limit) {
        answer.next = answer.job_sets.back();
        break;
      }
      answer.job_sets.push_back(job_set);
    }
    answer.as_of = base::SystemClock().now();
  }
  give(std::move(answer), std::move(done));
}

void FakeReader::active_queues(Done<lookup::ActiveQueuesAnswer> done) {
  lookup::ActiveQueuesAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    answer.queues = {{"default", "q-a"}, {"default", "q-b"}, {"gpu", "q-a"}};
    answer.freshness = freshness();
  }
  give(std::move(answer), std::move(done));
}

}  // namespace armada_cache::query
