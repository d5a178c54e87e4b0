// A plain client of the simulated Armada, for its tests.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "armada/api/event.grpc.pb.h"
#include "armada/api/job.grpc.pb.h"
#include "armada/api/submit.grpc.pb.h"

namespace armada_cache::simulator {

struct StreamEnd {
  std::vector<api::EventStreamMessage> messages;
  grpc::Status status;
};

class Client {
 public:
  explicit Client(const std::string& address)
      : channel_(
            grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments())),
        events(api::Event::NewStub(channel_)),
        jobs(api::Jobs::NewStub(channel_)),
        submit(api::Submit::NewStub(channel_)) {}

  // Reads until the stream ends or, if `most` is not 0, so many messages have come.
  StreamEnd read(const api::JobSetRequest& request, std::size_t most = 0,
                 const std::string& authorization = "") const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!authorization.empty()) context.AddMetadata("authorization", authorization);
    const auto reader = events->GetJobSetEvents(&context, request);
    StreamEnd end;
    api::EventStreamMessage message;
    while ((most == 0 || end.messages.size() < most) && reader->Read(&message)) {
      end.messages.push_back(message);
    }
    if (most > 0 && end.messages.size() == most) context.TryCancel();
    end.status = reader->Finish();
    return end;
  }

  template <typename Response, typename Stub, typename Method, typename Request>
  static std::pair<grpc::Status, Response> call(Stub& stub, Method method, const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    return {status, response};
  }

 private:
  static grpc::ChannelArguments arguments() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return arguments;
  }

  std::shared_ptr<grpc::Channel> channel_;

 public:
  std::unique_ptr<api::Event::Stub> events;
  std::unique_ptr<api::Jobs::Stub> jobs;
  std::unique_ptr<api::Submit::Stub> submit;
};

inline api::JobSetRequest request_for(const std::string& queue, const std::string& job_set,
                                      const std::string& from = "", bool watch = false) {
  api::JobSetRequest request;
  request.set_queue(queue);
  request.set_id(job_set);
  request.set_from_message_id(from);
  request.set_watch(watch);
  return request;
}

}  // namespace armada_cache::simulator
