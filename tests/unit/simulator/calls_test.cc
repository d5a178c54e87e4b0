// What api.Submit and api.Jobs of the simulated Armada do, seen by a real client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/simulator.h"
#include "tests/support/eventually.h"
#include "tests/unit/simulator/client.h"

namespace armada_cache::simulator {
namespace {

using std::chrono::seconds;
using test_support::eventually;
using testing::HasSubstr;
using testing::SizeIs;

const base::JobSet kJobSet{"q-a", "set"};

class CallsTest : public testing::Test {
 protected:
  void start(double job_seconds) {
    Options options;
    options.listen = "127.0.0.1:0";
    options.queues = {{"q-a"}};
    options.job_seconds = job_seconds;
    sim_ = std::make_unique<Simulator>(std::move(options));
    client_ = std::make_unique<Client>(sim_->start().value());
  }

  std::string submit(const std::string& outcome = "succeeded", const std::string& uri = "") {
    api::JobSubmitRequest request;
    request.set_queue("q-a");
    request.set_job_set_id("set");
    api::JobSubmitRequestItem& item = *request.add_job_request_items();
    item.set_namespace_("ns");
    item.set_pod_spec("spec");
    item.set_external_job_uri(uri);
    (*item.mutable_annotations())["armada-sim/outcome"] = outcome;
    const auto [status, response] = Client::call<api::JobSubmitResponse>(
        *client_->submit, &api::Submit::Stub::SubmitJobs, request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.job_response_items(0).job_id();
  }

  api::JobState state_of(const std::string& id) {
    api::JobStatusRequest request;
    request.add_job_ids(id);
    const auto [status, response] = Client::call<api::JobStatusResponse>(
        *client_->jobs, &api::Jobs::Stub::GetJobStatus, request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.job_states().at(id);
  }

  api::JobDetails details_of(const std::string& id) {
    api::JobDetailsRequest request;
    request.add_job_ids(id);
    request.set_expand_job_run(true);
    request.set_expand_job_spec(true);
    const auto [status, response] = Client::call<api::JobDetailsResponse>(
        *client_->jobs, &api::Jobs::Stub::GetJobDetails, request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.job_details().at(id);
  }

  bool ends_as(const std::string& id, api::JobState state) {
    return eventually(seconds(20), [&] { return state_of(id) == state; });
  }

  std::unique_ptr<Simulator> sim_;
  std::unique_ptr<Client> client_;
};

TEST_F(CallsTest, SubmittedJobsLiveAsTheyAreTold) {
  start(0.1);
  const std::string id = submit();
  EXPECT_THAT(id, SizeIs(26));
  EXPECT_TRUE(ends_as(id, api::SUCCEEDED));
  EXPECT_TRUE(ends_as(submit("failed"), api::FAILED));
  EXPECT_TRUE(ends_as(submit("preempted"), api::PREEMPTED));
  EXPECT_TRUE(ends_as(submit("rejected"), api::REJECTED));
  const std::string retried = submit("retried");
  EXPECT_TRUE(ends_as(retried, api::SUCCEEDED));
  const api::JobDetails details = details_of(retried);
  EXPECT_EQ(details.job_runs_size(), 2);
  EXPECT_EQ(details.job_spec().pod_spec(), "spec");
  EXPECT_EQ(details.namespace_(), "ns");
  EXPECT_EQ(details.latest_run_id(), details.job_runs(0).run_id());
  EXPECT_TRUE(eventually(seconds(10), [&] { return sim_->ended(); }));
  for (const JobAccount& job : sim_->account().jobs) EXPECT_EQ(job.state, job.expected);
}

TEST_F(CallsTest, CancelledJobsAreCancelled) {
  start(1000);
  const std::string id = submit();
  EXPECT_EQ(state_of(id), api::QUEUED);
  api::JobCancelRequest request;
  request.set_queue("q-a");
  request.set_job_set_id("set");
  request.add_job_ids(id);
  const auto [status, response] = Client::call<api::CancellationResult>(
      *client_->submit, &api::Submit::Stub::CancelJobs, request);
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(response.cancelled_ids(), testing::ElementsAre(id));
  EXPECT_EQ(state_of(id), api::CANCELLED);
  EXPECT_EQ(details_of(id).cancel_user(), "anonymous");
  EXPECT_EQ(client_->read(request_for("q-a", "set")).messages.size(), 4U);
  EXPECT_EQ(sim_->account().jobs.at(0).expected, JobState::kCancelled);
}

TEST_F(CallsTest, JobsThatRunArePreemptedOthersOnlyReprioritized) {
  start(10);
  const std::string id = submit();
  api::JobPreemptRequest preempt;
  preempt.set_queue("q-a");
  preempt.set_job_set_id("set");
  preempt.add_job_ids(id);
  const auto ask = [&] {
    return Client::call<api::PreemptionResult>(*client_->submit, &api::Submit::Stub::PreemptJobs,
                                               preempt)
        .first.ok();
  };
  EXPECT_TRUE(ask());
  EXPECT_EQ(state_of(id), api::QUEUED);
  api::JobReprioritizeRequest reprioritize;
  reprioritize.set_queue("q-a");
  reprioritize.set_job_set_id("set");
  reprioritize.set_new_priority(9);
  EXPECT_TRUE(Client::call<api::JobReprioritizeResponse>(
                  *client_->submit, &api::Submit::Stub::ReprioritizeJobs, reprioritize)
                  .first.ok());
  const StreamEnd end = client_->read(request_for("q-a", "set"));
  ASSERT_GE(end.messages.size(), 5U);
  EXPECT_EQ(end.messages[4].message().reprioritized().new_priority(), 9);
  ASSERT_TRUE(eventually(seconds(20), [&] { return state_of(id) != api::QUEUED; }));
  EXPECT_TRUE(ask());
  EXPECT_EQ(state_of(id), api::PREEMPTED);
}

TEST_F(CallsTest, ForeignIdsLeaveOnlyAWishInTheStream) {
  start(1000);
  const std::string id = submit();
  EXPECT_FALSE(sim_->cancel({"q-b", "other"}, id));
  EXPECT_EQ(state_of(id), api::QUEUED);
  sim_->add_queue({"q-b"});
  const StreamEnd end = client_->read(request_for("q-b", "other"));
  ASSERT_THAT(end.messages, SizeIs(1));
  EXPECT_EQ(end.messages[0].message().cancelling().job_id(), id);
  EXPECT_EQ(end.messages[0].message().cancelling().queue(), "q-b");
}

TEST_F(CallsTest, AnswersOfApiJobsAreArmadas) {
  start(1000);
  const std::string id = submit("succeeded", "dag/1");
  EXPECT_EQ(state_of("nosuch"), api::UNKNOWN);
  api::JobStatusRequest many;
  for (int i = 0; i < 501; ++i) many.add_job_ids(std::to_string(i));
  const auto [status, ignored] =
      Client::call<api::JobStatusResponse>(*client_->jobs, &api::Jobs::Stub::GetJobStatus, many);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(status.error_message(), "request contained more than 500 jobIds");
  api::JobStatusUsingExternalJobUriRequest by_uri;
  by_uri.set_queue("q-a");
  by_uri.set_jobset("set");
  const auto ask_by_uri = [&] {
    return Client::call<api::JobStatusResponse>(
        *client_->jobs, &api::Jobs::Stub::GetJobStatusUsingExternalJobUri, by_uri);
  };
  EXPECT_THAT(ask_by_uri().first.error_message(),
              HasSubstr("request must contain external job uri"));
  by_uri.set_external_job_uri("dag/1");
  EXPECT_EQ(ask_by_uri().second.job_states().at(id), api::QUEUED);
  by_uri.set_external_job_uri("dag/2");
  EXPECT_THAT(ask_by_uri().second.job_states(), SizeIs(0));
  api::JobErrorsRequest errors;
  errors.add_job_ids(id);
  errors.add_job_ids("nosuch");
  const auto answer =
      Client::call<api::JobErrorsResponse>(*client_->jobs, &api::Jobs::Stub::GetJobErrors, errors);
  EXPECT_THAT(answer.second.job_errors(), SizeIs(1));
  EXPECT_EQ(answer.second.job_errors().at(id), "");
}

TEST_F(CallsTest, ActiveQueuesAreThoseWithJobsThatRun) {
  start(10);
  submit();
  EXPECT_TRUE(eventually(seconds(20), [&] {
    const auto answer = Client::call<api::GetActiveQueuesResponse>(
        *client_->jobs, &api::Jobs::Stub::GetActiveQueues, api::GetActiveQueuesRequest());
    return answer.second.active_queues_by_pool_size() == 1 &&
           answer.second.active_queues_by_pool().at("default").queues(0) == "q-a";
  }));
}

TEST_F(CallsTest, QueuesAreMadeAndShown) {
  start(1);
  api::Queue queue;
  queue.set_name("q-new");
  auto& permission = *queue.add_permissions();
  permission.add_verbs("watch");
  permission.add_subjects()->set_name("bob");
  const auto create = [&] {
    return Client::call<google::protobuf::Empty>(*client_->submit, &api::Submit::Stub::CreateQueue,
                                                 queue)
        .first.error_code();
  };
  EXPECT_EQ(create(), grpc::StatusCode::OK);
  EXPECT_EQ(create(), grpc::StatusCode::ALREADY_EXISTS);
  api::QueueGetRequest request;
  request.set_name("q-new");
  const auto got =
      Client::call<api::Queue>(*client_->submit, &api::Submit::Stub::GetQueue, request);
  EXPECT_EQ(got.second.permissions(0).subjects(0).name(), "bob");
  EXPECT_THAT(got.second.user_owners(), testing::ElementsAre("anonymous"));
  api::JobSubmitRequest nowhere;
  nowhere.set_queue("nosuch");
  nowhere.set_job_set_id("set");
  EXPECT_EQ(Client::call<api::JobSubmitResponse>(*client_->submit, &api::Submit::Stub::SubmitJobs,
                                                 nowhere)
                .first.error_code(),
            grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace armada_cache::simulator
