#include "query/services/jobs_service.h"

#include <map>
#include <memory>
#include <set>
#include <unordered_set>
#include <utility>

#include "armada/api/job.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/job/answers.h"
#include "core/job/run_id.h"

namespace armada_cache::query {
namespace {

using base::ErrorCode;
using lookup::DetailsAnswer;
using lookup::FoundJob;
using lookup::JobReader;
using lookup::StatusAnswer;

template <typename Ids>
std::vector<std::string> each_once(const Ids& ids) {
  const std::unordered_set<std::string> distinct(ids.begin(), ids.end());
  return {distinct.begin(), distinct.end()};
}

// Gives each job found with its record to `add`, which may refuse it.
template <typename Response, typename Add>
Reply<Response> fold_jobs(base::Result<DetailsAnswer> answer, Add add) {
  if (!answer) return {tl::unexpected(answer.error()), {}};
  Reply<Response> reply{Response(), answer->freshness.as_of};
  internal::v1::JobRecord record;
  for (const FoundJob& job : answer->jobs) {
    if (!record.ParseFromString(job.record)) {
      return Reply<Response>::failed(ErrorCode::kDataLoss,
                                     "the record of job '" + job.job_id + "' cannot be read");
    }
    if (base::Status added = add(job, record, *reply.result); !added) {
      return {tl::unexpected(added.error()), reply.as_of};
    }
  }
  return reply;
}

api::JobStatusResponse uri_response(const UriMatches& matches) {
  api::JobStatusResponse response;
  for (const auto& [job_id, state] : matches.states) {
    (*response.mutable_job_states())[job_id] = static_cast<api::JobState>(state);
  }
  return response;
}

}  // namespace

JobsService::JobsService(JobReader& reader, RelayDoubts& doubts, Later later,
                         const JobsOptions& options)
    : reader_(reader), doubts_(doubts), later_(std::move(later)), options_(options) {}

base::Status JobsService::check_count(std::size_t count, std::string_view what) const {
  if (count <= options_.max_ids) return {};
  return base::fail(
      ErrorCode::kUnknown,
      "request contained more than " + std::to_string(options_.max_ids) + " " + std::string(what));
}

std::function<void(std::span<const base::JobSet>)> JobsService::waker() {
  return [this](std::span<const base::JobSet> resting) { doubts_.wake(resting); };
}

void JobsService::statuses(std::span<const std::string_view> ids,
                           JobReader::Done<StatusAnswer> done) {
  Question<StatusAnswer> question;
  question.ask = [this, ids](JobReader::Done<StatusAnswer> answered) {
    reader_.statuses(ids, false, std::move(answered));
  };
  question.complete = [](const StatusAnswer& answer) {
    for (const lookup::JobStatus status : answer.statuses) {
      if (status.state == lookup::JobStatus::kNone) return false;
    }
    return true;
  };
  question.doubt = [this] { return doubts_.any(); };
  question.wake = waker();
  ask_until_sure(later_, options_.patience, std::move(question), std::move(done));
}

void JobsService::find(std::vector<std::string> ids, bool with_spec,
                       JobReader::Done<DetailsAnswer> done) {
  const std::size_t count = ids.size();
  Question<DetailsAnswer> question;
  question.ask = [this, ids = std::move(ids), with_spec](JobReader::Done<DetailsAnswer> answered) {
    reader_.details(ids, with_spec, std::move(answered));
  };
  question.complete = [count](const DetailsAnswer& answer) { return answer.jobs.size() == count; };
  question.doubt = [this] { return doubts_.any(); };
  question.wake = waker();
  ask_until_sure(later_, options_.patience, std::move(question), std::move(done));
}

void JobsService::details(const api::JobDetailsRequest& request,
                          Respond<api::JobDetailsResponse> respond) {
  if (auto checked = check_count(static_cast<std::size_t>(request.job_ids_size()), "jobIds");
      !checked) {
    return respond({tl::unexpected(checked.error())});
  }
  const job::Expansion expansion{.job_spec = request.expand_job_spec(),
                                 .job_runs = request.expand_job_run()};
  const auto add = [expansion](const FoundJob& job, const auto& record, auto& response) {
    return job::fill_details(job.job_id, record, job.spec, expansion,
                             (*response.mutable_job_details())[job.job_id]);
  };
  find(each_once(request.job_ids()), expansion.job_spec,
       [add, respond = std::move(respond)](base::Result<DetailsAnswer> answer) {
         respond(fold_jobs<api::JobDetailsResponse>(std::move(answer), add));
       });
}

void JobsService::errors(const api::JobErrorsRequest& request,
                         Respond<api::JobErrorsResponse> respond) {
  if (auto checked = check_count(static_cast<std::size_t>(request.job_ids_size()), "jobIds");
      !checked) {
    return respond({tl::unexpected(checked.error())});
  }
  const auto add = [](const FoundJob& job, const auto& record, auto& response) -> base::Status {
    (*response.mutable_job_errors())[job.job_id] = std::string(job::error_text(record));
    return {};
  };
  find(each_once(request.job_ids()), false,
       [add, respond = std::move(respond)](base::Result<DetailsAnswer> answer) {
         respond(fold_jobs<api::JobErrorsResponse>(std::move(answer), add));
       });
}

void JobsService::run_details(const api::JobRunDetailsRequest& request,
                              Respond<api::JobRunDetailsResponse> respond) {
  if (auto checked = check_count(static_cast<std::size_t>(request.run_ids_size()), "RunIds");
      !checked) {
    return respond({tl::unexpected(checked.error())});
  }
  std::map<std::string, std::set<int>, std::less<>> runs;  // numbers by job
  for (const std::string& run_id : request.run_ids()) {
    if (const auto run = job::parse_run_id(run_id)) {
      runs[std::string(run->job_id)].insert(run->number);
    }
  }
  std::vector<std::string> ids;
  ids.reserve(runs.size());
  for (const auto& [job_id, numbers] : runs) ids.push_back(job_id);
  const auto add = [runs = std::move(runs)](const FoundJob& job, const auto& record,
                                            auto& response) -> base::Status {
    const auto asked = runs.find(job.job_id);
    if (asked == runs.end()) return {};
    for (const int number : asked->second) {
      api::JobRunDetails details;
      if (!job::fill_run_details(job.job_id, number, record, details)) continue;
      (*response.mutable_job_run_details())[details.run_id()] = std::move(details);
    }
    return {};
  };
  find(std::move(ids), false,
       [add, respond = std::move(respond)](base::Result<DetailsAnswer> answer) {
         respond(fold_jobs<api::JobRunDetailsResponse>(std::move(answer), add));
       });
}

void JobsService::statuses_of_uri(const api::JobStatusUsingExternalJobUriRequest& request,
                                  Respond<api::JobStatusResponse> respond) {
  if (request.external_job_uri().empty()) {
    return respond(Reply<api::JobStatusResponse>::failed(ErrorCode::kUnknown,
                                                         "request must contain external job uri"));
  }
  lookup::ListRequest search;
  search.job_set = {request.queue(), request.jobset()};
  search.external_uri = request.external_job_uri();
  Question<UriMatches> question;
  question.ask = [this, search](JobReader::Done<UriMatches> answered) {
    search_uri(reader_, search, options_.uri_search, std::move(answered));
  };
  question.complete = [](const UriMatches& matches) { return !matches.states.empty(); };
  const auto doubt = std::make_shared<std::string>();
  question.doubt = [this, doubt, job_set = search.job_set] { return *doubt = doubts_.of(job_set); };
  question.wake = waker();
  ask_until_sure<UriMatches>(
      later_, options_.patience, std::move(question),
      [doubt, respond = std::move(respond)](base::Result<UriMatches> matches) {
        if (!matches) return respond({tl::unexpected(matches.error())});
        respond({uri_response(*matches), matches->freshness.as_of,
                 doubt->empty() ? matches->freshness.doubt : *doubt});
      });
}

void JobsService::active_queues(Respond<api::GetActiveQueuesResponse> respond) {
  Question<lookup::ActiveQueuesAnswer> question;
  question.ask = [this](auto answered) { reader_.active_queues(std::move(answered)); };
  question.complete = [](const lookup::ActiveQueuesAnswer&) { return false; };
  question.doubt = [] { return std::string(); };
  ask_until_sure<lookup::ActiveQueuesAnswer>(
      later_, options_.patience, std::move(question),
      [respond = std::move(respond)](base::Result<lookup::ActiveQueuesAnswer> answer) {
        if (!answer) return respond({tl::unexpected(answer.error())});
        api::GetActiveQueuesResponse response;
        for (const auto& [pool, queue] : answer->queues) {
          (*response.mutable_active_queues_by_pool())[pool].add_queues(queue);
        }
        respond({std::move(response), answer->freshness.as_of});
      });
}

}  // namespace armada_cache::query
