#include "tests/simulator/jobs_service.h"

#include <charconv>

#include "tests/simulator/rpc_call.h"

namespace armada_cache::simulator {
namespace {

constexpr int kMostIds = 500;
constexpr std::string_view kRunInfix = "-run-";

void write(base::Time time, google::protobuf::Timestamp& out) {
  const std::int64_t micros = base::to_unix_micros(time);
  out.set_seconds(micros / 1'000'000);
  out.set_nanos(static_cast<std::int32_t>(micros % 1'000'000 * 1'000));
}

bool is_set(base::Time time) {
  return time != base::Time();
}

std::string run_id(const std::string& job_id, std::size_t run) {
  return job_id + std::string(kRunInfix) + std::to_string(run);
}

void write(const std::string& job_id, const JobFacts& job, std::size_t number,
           api::JobRunDetails& out) {
  const RunFacts& run = job.runs[number];
  out.set_run_id(run_id(job_id, number));
  out.set_job_id(job_id);
  out.set_state(static_cast<api::JobRunState>(run.state));
  out.set_cluster(std::string(run.cluster));
  out.set_node(std::string(run.node));
  if (is_set(run.leased)) write(run.leased, *out.mutable_leased_ts());
  if (is_set(run.pending)) write(run.pending, *out.mutable_pending_ts());
  if (is_set(run.started)) write(run.started, *out.mutable_started_ts());
  if (is_set(run.finished)) write(run.finished, *out.mutable_finished_ts());
  for (const auto& [port, address] : run.ingress_addresses) {
    (*out.mutable_ingress_addresses())[port] = address;
  }
}

void write(const std::string& job_id, const JobFacts& job, bool with_runs, api::JobDetails& out) {
  out.set_job_id(job_id);
  out.set_queue(job.job_set->queue);
  out.set_jobset(job.job_set->name);
  out.set_state(static_cast<api::JobState>(job.state));
  write(job.submitted, *out.mutable_submitted_ts());
  write(job.last_transition, *out.mutable_last_transition_ts());
  if (is_set(job.cancelled)) write(job.cancelled, *out.mutable_cancel_ts());
  out.set_cancel_user(std::string(job.cancel_user));
  if (!job.runs.empty()) out.set_latest_run_id(run_id(job_id, job.runs.size() - 1));
  if (!with_runs) return;
  for (std::size_t i = job.runs.size(); i-- > 0;) write(job_id, job, i, *out.add_job_runs());
}

}  // namespace

grpc::Status JobsService::check(const grpc::CallbackServerContext& context, int ids,
                                std::string_view what) const {
  const auto user = authenticate(context, world_.credentials());
  if (!user) return to_grpc(user.error());
  if (ids <= kMostIds) return grpc::Status::OK;
  return {grpc::StatusCode::UNKNOWN,
          "request contained more than " + std::to_string(kMostIds) + " " + std::string(what)};
}

grpc::ServerUnaryReactor* JobsService::GetJobStatus(grpc::CallbackServerContext* context,
                                                    const api::JobStatusRequest* request,
                                                    api::JobStatusResponse* response) {
  const grpc::Status status = check(*context, request->job_ids_size(), "jobIds");
  if (!status.ok()) return finish(context, status);
  world_.ask([&](const Oracle& oracle) {
    for (const std::string& id : request->job_ids()) {
      const JobFacts* const job = oracle.find(id);
      (*response->mutable_job_states())[id] =
          job == nullptr ? api::UNKNOWN : static_cast<api::JobState>(job->state);
    }
  });
  return finish(context);
}

grpc::ServerUnaryReactor* JobsService::GetJobStatusUsingExternalJobUri(
    grpc::CallbackServerContext* context, const api::JobStatusUsingExternalJobUriRequest* request,
    api::JobStatusResponse* response) {
  const grpc::Status status = check(*context, 0, "");
  if (!status.ok()) return finish(context, status);
  if (request->external_job_uri().empty()) {
    return finish(context, {grpc::StatusCode::UNKNOWN, "request must contain external job uri"});
  }
  world_.ask([&](const Oracle& oracle) {
    for (const std::string& id :
         oracle.find_by_uri({request->queue(), request->jobset()}, request->external_job_uri())) {
      (*response->mutable_job_states())[id] = static_cast<api::JobState>(oracle.find(id)->state);
    }
  });
  return finish(context);
}

grpc::ServerUnaryReactor* JobsService::GetJobDetails(grpc::CallbackServerContext* context,
                                                     const api::JobDetailsRequest* request,
                                                     api::JobDetailsResponse* response) {
  const grpc::Status status = check(*context, request->job_ids_size(), "jobIds");
  if (!status.ok()) return finish(context, status);
  std::map<std::string, base::UpstreamId> specs;
  world_.ask([&](const Oracle& oracle) {
    for (const std::string& id : request->job_ids()) {
      const JobFacts* const job = oracle.find(id);
      if (job == nullptr) continue;
      write(id, *job, request->expand_job_run(), (*response->mutable_job_details())[id]);
      specs[id] = job->submitted_id;
    }
  });
  for (const auto& [id, submitted_id] : specs) {
    api::JobDetails& details = (*response->mutable_job_details())[id];
    api::Job spec = world_.spec_of({details.queue(), details.jobset()}, submitted_id);
    details.set_namespace_(spec.namespace_());
    if (request->expand_job_spec()) *details.mutable_job_spec() = std::move(spec);
  }
  return finish(context);
}

grpc::ServerUnaryReactor* JobsService::GetJobErrors(grpc::CallbackServerContext* context,
                                                    const api::JobErrorsRequest* request,
                                                    api::JobErrorsResponse* response) {
  const grpc::Status status = check(*context, request->job_ids_size(), "jobIds");
  if (!status.ok()) return finish(context, status);
  world_.ask([&](const Oracle& oracle) {
    for (const std::string& id : request->job_ids()) {
      const JobFacts* const job = oracle.find(id);
      if (job != nullptr) (*response->mutable_job_errors())[id] = std::string(job->error);
    }
  });
  return finish(context);
}

grpc::ServerUnaryReactor* JobsService::GetJobRunDetails(grpc::CallbackServerContext* context,
                                                        const api::JobRunDetailsRequest* request,
                                                        api::JobRunDetailsResponse* response) {
  const grpc::Status status = check(*context, request->run_ids_size(), "runIds");
  if (!status.ok()) return finish(context, status);
  world_.ask([&](const Oracle& oracle) {
    for (const std::string& id : request->run_ids()) {
      const std::size_t infix = id.rfind(kRunInfix);
      if (infix == std::string::npos) continue;
      const std::string job_id = id.substr(0, infix);
      const JobFacts* const job = oracle.find(job_id);
      std::size_t number = SIZE_MAX;
      std::from_chars(id.data() + infix + kRunInfix.size(), id.data() + id.size(), number);
      if (job == nullptr || number >= job->runs.size()) continue;
      write(job_id, *job, number, (*response->mutable_job_run_details())[id]);
    }
  });
  return finish(context);
}

grpc::ServerUnaryReactor* JobsService::GetActiveQueues(
    grpc::CallbackServerContext* context, const api::GetActiveQueuesRequest* /*request*/,
    api::GetActiveQueuesResponse* response) {
  const grpc::Status status = check(*context, 0, "");
  if (!status.ok()) return finish(context, status);
  std::map<std::string, std::set<std::string>> queues_by_pool;
  world_.ask([&](const Oracle& oracle) {
    for (const auto& [id, job] : oracle.jobs()) {
      if (is_terminal(job.state) || job.state == JobState::kQueued) continue;
      queues_by_pool[std::string(job.runs.back().pool)].insert(job.job_set->queue);
    }
  });
  for (const auto& [pool, queues] : queues_by_pool) {
    (*response->mutable_active_queues_by_pool())[pool].mutable_queues()->Assign(queues.begin(),
                                                                                queues.end());
  }
  return finish(context);
}

}  // namespace armada_cache::simulator
