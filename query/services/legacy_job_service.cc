#include "query/services/legacy_job_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "armada/api/jobservice.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "core/job/answers.h"
#include "core/relay/state.h"
#include "query/subscriptions/relay_checks.h"
#include "query/subscriptions/subscription_service.h"

namespace armada_cache::query {
namespace {

using jobservice::JobServiceRequest;
using jobservice::JobServiceResponse;
using lookup::JobReader;

// What is known of a job in a job set: nothing, where it is none of that job set's.
struct JobOfSet {
  std::optional<internal::v1::JobRecord> record;
  lookup::Freshness freshness;
};

JobServiceResponse::State legacy_state(api::JobState state) {
  switch (state) {
    case api::RUNNING:
      return JobServiceResponse::RUNNING;
    case api::SUCCEEDED:
      return JobServiceResponse::SUCCEEDED;
    case api::FAILED:
    case api::REJECTED:
    case api::PREEMPTED:
      return JobServiceResponse::FAILED;
    case api::CANCELLED:
      return JobServiceResponse::CANCELLED;
    default:
      return JobServiceResponse::SUBMITTED;
  }
}

JobServiceResponse response_for(const JobOfSet& job) {
  JobServiceResponse response;
  if (!job.record) {
    response.set_state(JobServiceResponse::JOB_ID_NOT_FOUND);
    return response;
  }
  response.set_state(legacy_state(job.record->state()));
  if (response.state() == JobServiceResponse::FAILED) {
    response.set_error(std::string(job::error_text(*job.record)));
  }
  return response;
}

base::Result<JobOfSet> pick(base::Result<lookup::DetailsAnswer> answer,
                            const base::JobSet& job_set) {
  if (!answer) return tl::unexpected(answer.error());
  JobOfSet job{std::nullopt, std::move(answer->freshness)};
  if (answer->jobs.empty()) return job;
  internal::v1::JobRecord record;
  if (!record.ParseFromString(answer->jobs.front().record)) {
    return base::fail(base::ErrorCode::kDataLoss,
                      "the record of job '" + answer->jobs.front().job_id + "' cannot be read");
  }
  if (record.queue() == job_set.queue && record.job_set() == job_set.name) {
    job.record = std::move(record);
  }
  return job;
}

void add_doubt(const base::JobSet& job_set, const std::optional<lookup::RelayStatus>& relay,
               lookup::Freshness& freshness) {
  const std::string doubt = doubt_of_relay(relay);
  if (doubt.empty()) return;
  freshness.certain = false;
  freshness.doubt = "job set '" + job_set.name + "': " + doubt;
  if (relay && relay::meaning_of(relay->state).rests) freshness.resting.push_back(job_set);
}

// The relay first: what it had brought by then is in the answer about the job that follows.
void ask_relay_then_job(JobReader& reader, const base::JobSet& job_set, const std::string& job_id,
                        JobReader::Done<JobOfSet> done) {
  reader.relays({job_set}, [&reader, job_set, job_id,
                            done = std::move(done)](base::Result<lookup::RelaysAnswer> answer) {
    if (!answer) return done(tl::unexpected(answer.error()));
    reader.details({job_id}, false,
                   [job_set, relay = std::move(answer->relays.front()),
                    done](base::Result<lookup::DetailsAnswer> found) {
                     auto job = pick(std::move(found), job_set);
                     if (job) add_doubt(job_set, relay, job->freshness);
                     done(std::move(job));
                   });
  });
}

}  // namespace

void LegacyJobService::status(const JobServiceRequest& request,
                              Respond<JobServiceResponse> respond) {
  const base::JobSet job_set{request.queue(), request.job_set_id()};
  auto question = std::make_shared<Question<JobOfSet>>();
  question->ask = [this, job_set, job_id = request.job_id()](JobReader::Done<JobOfSet> answered) {
    ask_relay_then_job(reader_, job_set, job_id, std::move(answered));
  };
  question->complete = [](const JobOfSet& job) { return job.record.has_value(); };
  question->doubt = [this, job_set] { return subscriptions_.of(job_set); };
  question->wake = [this](std::span<const base::JobSet> resting) { subscriptions_.wake(resting); };
  subscriptions_.touch(
      job_set, [this, question, respond = std::move(respond)](const base::Status& touched) {
        if (!touched) {
          if (touched.error().code == base::ErrorCode::kInvalidArgument) {
            return respond({tl::unexpected(touched.error())});
          }
          // What is known is still told; only "no such job" cannot be.
          question->doubt = [doubt = touched.error().message] { return doubt; };
        }
        ask_until_sure<JobOfSet>(later_, patience_, std::move(*question),
                                 [respond](base::Result<JobOfSet> job) {
                                   if (!job) return respond({tl::unexpected(job.error())});
                                   respond({response_for(*job), job->freshness.as_of});
                                 });
      });
}

}  // namespace armada_cache::query
