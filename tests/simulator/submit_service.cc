#include "tests/simulator/submit_service.h"

#include "tests/simulator/rpc_call.h"

namespace armada_cache::simulator {
namespace {

using base::ErrorCode;

constexpr char kUriAnnotation[] = "armadaproject.io/externalJobUri";

api::Job job_from(const api::JobSubmitRequestItem& item, const std::string& user) {
  api::Job job;
  job.set_priority(item.priority());
  if (item.has_pod_spec()) job.set_pod_spec(item.pod_spec());
  if (!item.has_pod_spec() && item.pod_specs_size() > 0) job.set_pod_spec(item.pod_specs(0));
  job.set_namespace_(item.namespace_());
  job.set_owner(user);
  *job.mutable_labels() = item.labels();
  *job.mutable_annotations() = item.annotations();
  if (!item.external_job_uri().empty()) {
    (*job.mutable_annotations())[kUriAnnotation] = item.external_job_uri();
  }
  *job.mutable_required_node_labels() = item.required_node_labels();
  job.set_client_id(item.client_id());
  *job.mutable_ingress() = item.ingress();
  *job.mutable_services() = item.services();
  job.set_scheduler(item.scheduler());
  return job;
}

Queue queue_from(const api::Queue& wire, const std::string& creator) {
  Queue queue;
  queue.name = wire.name();
  queue.priority_factor = wire.priority_factor();
  queue.user_owners.assign(wire.user_owners().begin(), wire.user_owners().end());
  if (queue.user_owners.empty()) queue.user_owners.push_back(creator);
  queue.group_owners.assign(wire.group_owners().begin(), wire.group_owners().end());
  for (const auto& from : wire.permissions()) {
    Permission& permission = queue.permissions.emplace_back();
    permission.verbs.assign(from.verbs().begin(), from.verbs().end());
    for (const auto& subject : from.subjects()) {
      permission.subjects.push_back({subject.kind(), subject.name()});
    }
  }
  return queue;
}

void write(const Queue& queue, api::Queue& wire) {
  wire.set_name(queue.name);
  wire.set_priority_factor(queue.priority_factor);
  wire.mutable_user_owners()->Assign(queue.user_owners.begin(), queue.user_owners.end());
  wire.mutable_group_owners()->Assign(queue.group_owners.begin(), queue.group_owners.end());
  for (const Permission& permission : queue.permissions) {
    auto& to = *wire.add_permissions();
    to.mutable_verbs()->Assign(permission.verbs.begin(), permission.verbs.end());
    for (const Permission::Subject& subject : permission.subjects) {
      auto& to_subject = *to.add_subjects();
      to_subject.set_kind(subject.kind);
      to_subject.set_name(subject.name);
    }
  }
}

}  // namespace

base::Result<std::string> SubmitService::admit(const grpc::CallbackServerContext& context,
                                               const std::string& verb,
                                               const std::string& queue) const {
  auto user = authenticate(context, world_.credentials());
  if (!user) return user;
  if (!world_.queues().find(queue)) {
    return base::fail(ErrorCode::kNotFound, "Queue " + queue + " does not exist");
  }
  if (!world_.queues().may(*user, verb, queue)) {
    return base::fail(ErrorCode::kPermissionDenied,
                      *user + " has not the permission " + verb + " on queue " + queue);
  }
  return user;
}

grpc::ServerUnaryReactor* SubmitService::SubmitJobs(grpc::CallbackServerContext* context,
                                                    const api::JobSubmitRequest* request,
                                                    api::JobSubmitResponse* response) {
  const auto user = admit(*context, "submit", request->queue());
  if (!user) return finish(context, to_grpc(in_method("SubmitJobs", user.error())));
  const base::JobSet job_set{request->queue(), request->job_set_id()};
  if (job_set.name.empty()) {
    return finish(context,
                  {grpc::StatusCode::INVALID_ARGUMENT, "[SubmitJobs] no job set is named"});
  }
  for (const auto& item : request->job_request_items()) {
    auto id = engine_.submit(job_set, job_from(item, *user));
    api::JobSubmitResponseItem& answer = *response->add_job_response_items();
    if (id) {
      answer.set_job_id(std::move(*id));
    } else {
      answer.set_error(id.error().message);
    }
  }
  return finish(context);
}

grpc::ServerUnaryReactor* SubmitService::CancelJobs(grpc::CallbackServerContext* context,
                                                    const api::JobCancelRequest* request,
                                                    api::CancellationResult* response) {
  const auto user = admit(*context, "cancel", request->queue());
  if (!user) return finish(context, to_grpc(in_method("CancelJobs", user.error())));
  const base::JobSet job_set{request->queue(), request->job_set_id()};
  std::vector<std::string> ids(request->job_ids().begin(), request->job_ids().end());
  if (!request->job_id().empty()) ids.push_back(request->job_id());
  if (ids.empty()) ids = engine_.live_jobs(job_set);
  for (const std::string& id : ids) {
    engine_.cancel(job_set, id, {*user, request->reason()});
    response->add_cancelled_ids(id);  // as Armada: it answers what it was asked, not what happened
  }
  return finish(context);
}

grpc::ServerUnaryReactor* SubmitService::PreemptJobs(grpc::CallbackServerContext* context,
                                                     const api::JobPreemptRequest* request,
                                                     api::PreemptionResult* response) {
  const auto user = admit(*context, "preempt", request->queue());
  if (!user) return finish(context, to_grpc(in_method("PreemptJobs", user.error())));
  const base::JobSet job_set{request->queue(), request->job_set_id()};
  for (const std::string& id : request->job_ids()) {
    engine_.preempt(job_set, id, {*user, request->reason()});
    (*response->mutable_preemption_results())[id] = "";
  }
  return finish(context);
}

grpc::ServerUnaryReactor* SubmitService::ReprioritizeJobs(
    grpc::CallbackServerContext* context, const api::JobReprioritizeRequest* request,
    api::JobReprioritizeResponse* response) {
  const auto user = admit(*context, "reprioritize", request->queue());
  if (!user) return finish(context, to_grpc(in_method("ReprioritizeJobs", user.error())));
  const base::JobSet job_set{request->queue(), request->job_set_id()};
  std::vector<std::string> ids(request->job_ids().begin(), request->job_ids().end());
  if (ids.empty()) ids = engine_.live_jobs(job_set);
  for (const std::string& id : ids) {
    engine_.reprioritize(job_set, id, request->new_priority());
    (*response->mutable_reprioritization_results())[id] = "";
  }
  return finish(context);
}

grpc::ServerUnaryReactor* SubmitService::CreateQueue(grpc::CallbackServerContext* context,
                                                     const api::Queue* request,
                                                     google::protobuf::Empty* /*response*/) {
  const auto user = authenticate(*context, world_.credentials());
  if (!user) return finish(context, to_grpc(in_method("CreateQueue", user.error())));
  if (request->name().empty()) {
    return finish(context, {grpc::StatusCode::INVALID_ARGUMENT, "[CreateQueue] no name is given"});
  }
  if (!world_.queues().add(queue_from(*request, *user))) {
    return finish(context, {grpc::StatusCode::ALREADY_EXISTS,
                            "[CreateQueue] queue " + request->name() + " already exists"});
  }
  return finish(context);
}

grpc::ServerUnaryReactor* SubmitService::GetQueue(grpc::CallbackServerContext* context,
                                                  const api::QueueGetRequest* request,
                                                  api::Queue* response) {
  const auto user = authenticate(*context, world_.credentials());
  if (!user) return finish(context, to_grpc(in_method("GetQueue", user.error())));
  const auto queue = world_.queues().find(request->name());
  if (!queue) {
    return finish(context, {grpc::StatusCode::NOT_FOUND,
                            "[GetQueue] Queue " + request->name() + " does not exist"});
  }
  write(*queue, *response);
  return finish(context);
}

grpc::ServerUnaryReactor* SubmitService::Health(grpc::CallbackServerContext* context,
                                                const google::protobuf::Empty* /*request*/,
                                                api::HealthCheckResponse* response) {
  response->set_status(api::HealthCheckResponse::SERVING);
  return finish(context);
}

}  // namespace armada_cache::simulator
