#include "tests/support/account_check.h"

#include <algorithm>

#include "tests/simulator/ids.h"
#include "tests/support/eventually.h"

namespace armada_cache::test_support {
namespace {

constexpr std::size_t kIdsAtOnce = 500;
constexpr std::size_t kProblemsKept = 20;

void note(Problems& problems, const std::string& what) {
  if (problems.size() < kProblemsKept) problems.push_back(what);
}

void compare_job(const simulator::JobAccount& job, const api::JobDetailsResponse& details,
                 Problems& problems) {
  const auto found = details.job_details().find(job.id);
  if (found == details.job_details().end()) return note(problems, job.id + " has no details");
  const auto runs = static_cast<std::uint32_t>(found->second.job_runs_size());
  if (runs != job.runs) {
    note(problems,
         job.id + " has " + std::to_string(runs) + " runs instead of " + std::to_string(job.runs));
  }
  if (found->second.queue() != job.job_set.queue || found->second.jobset() != job.job_set.name) {
    note(problems,
         job.id + " is said to be of " + found->second.queue() + "/" + found->second.jobset());
  }
}

void compare_batch(const CacheClient& client, const simulator::JobAccount* jobs, std::size_t count,
                   Problems& problems) {
  CacheClient::Ids ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(jobs[i].id);
  const auto statuses = client.statuses(ids);
  const auto details = client.details(ids, false, true);
  if (!statuses.ok()) return note(problems, "GetJobStatus: " + statuses.error);
  if (!details.ok()) return note(problems, "GetJobDetails: " + details.error);
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = statuses.message.job_states().find(jobs[i].id);
    const int state = found == statuses.message.job_states().end() ? -1 : found->second;
    if (state != static_cast<int>(jobs[i].expected)) {
      note(problems, jobs[i].id + " is " + std::to_string(state) + " instead of " +
                         std::string(name_of(jobs[i].expected)));
    }
    compare_job(jobs[i], details.message, problems);
  }
}

}  // namespace

Problems compare_answers(const CacheClient& client, const simulator::Account& account) {
  Problems problems;
  for (std::size_t begin = 0; begin < account.jobs.size(); begin += kIdsAtOnce) {
    const std::size_t count = std::min(kIdsAtOnce, account.jobs.size() - begin);
    compare_batch(client, account.jobs.data() + begin, count, problems);
  }
  return problems;
}

Problems compare_answers_until(std::chrono::milliseconds deadline, const CacheClient& client,
                               const simulator::Account& account) {
  Problems problems;
  eventually(deadline, [&] {
    problems = compare_answers(client, account);
    return problems.empty();
  });
  return problems;
}

Problems compare_log(const LogContents& log, const simulator::Account& account) {
  Problems problems = log.faults;
  for (const simulator::JobSetAccount& sent : account.job_sets) {
    const auto found = log.messages.find(sent.job_set);
    const std::map<std::string, int> none;
    const auto& logged = found == log.messages.end() ? none : found->second;
    std::size_t known = 0;
    for (const simulator::MessageId& message : sent.ids) {
      const std::string id = simulator::to_text(message.id, message.last);
      if (logged.contains(id)) {
        ++known;
      } else {
        note(problems, sent.job_set.name + " lacks message " + id);
      }
    }
    if (known != logged.size()) {
      note(problems, sent.job_set.name + " holds messages that were never sent");
    }
  }
  return problems;
}

}  // namespace armada_cache::test_support
