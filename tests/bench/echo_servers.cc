#include "tests/bench/echo_servers.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <deque>
#include <optional>
#include <thread>

#include "armada/api/job.grpc.pb.h"
#include "tests/bench/job_ids.h"

namespace armada_cache::bench {
namespace {

constexpr int kPreparedCalls = 512;

grpc::ByteBuffer to_buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::unique_ptr<grpc::Server> serve(grpc::ServerBuilder& builder, grpc::Service& service,
                                    int& port) {
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  return builder.BuildAndStart();
}

class CallbackEcho final : public EchoServer {
 public:
  explicit CallbackEcho(const std::string& answer) : service_(answer) {
    grpc::ServerBuilder builder;
    server_ = serve(builder, service_, port_);
  }
  ~CallbackEcho() override { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const override { return "127.0.0.1:" + std::to_string(port_); }

 private:
  class Service final : public api::Jobs::WithRawCallbackMethod_GetJobStatus<api::Jobs::Service> {
   public:
    explicit Service(const std::string& answer) : answer_(to_buffer(answer)) {}
    grpc::ServerUnaryReactor* GetJobStatus(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer*,
                                           grpc::ByteBuffer* response) override {
      *response = answer_;
      grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }

   private:
    const grpc::ByteBuffer answer_;
  };

  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class PollingEcho final : public EchoServer {
 public:
  explicit PollingEcho(const std::string& answer) : answer_(to_buffer(answer)) {
    grpc::ServerBuilder builder;
    queue_ = builder.AddCompletionQueue();
    server_ = serve(builder, service_, port_);
    for (int i = 0; i < kPreparedCalls; ++i) expect(calls_.emplace_back());
    thread_ = std::thread([this] { poll(); });
  }
  ~PollingEcho() override {
    stopping_ = true;
    server_->Shutdown(std::chrono::system_clock::now());
    queue_->Shutdown();
    thread_.join();
  }
  std::string address() const override { return "127.0.0.1:" + std::to_string(port_); }

 private:
  using Service = api::Jobs::WithRawMethod_GetJobStatus<api::Jobs::Service>;
  struct Call {
    std::optional<grpc::ServerContext> context;
    grpc::ByteBuffer request;
    std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer;
    bool answering = false;
  };

  void expect(Call& call) {
    call.writer.reset();
    call.context.emplace();
    call.writer.emplace(&*call.context);
    call.answering = false;
    service_.RequestGetJobStatus(&*call.context, &call.request, &*call.writer, queue_.get(),
                                 queue_.get(), &call);
  }

  void poll() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
      Call& call = *static_cast<Call*>(tag);
      if (call.answering) {
        if (!stopping_) expect(call);
      } else if (ok) {
        call.answering = true;
        call.writer->Finish(answer_, grpc::Status::OK, &call);
      }
    }
  }

  const grpc::ByteBuffer answer_;
  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::deque<Call> calls_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::string echo_answer(int ids) {
  api::JobStatusResponse answer;
  for (int i = 0; i < ids; ++i) {
    (*answer.mutable_job_states())[job_id(static_cast<std::uint64_t>(i))] = api::RUNNING;
  }
  return answer.SerializeAsString();
}

std::unique_ptr<EchoServer> start_callback_echo(const std::string& answer) {
  return std::make_unique<CallbackEcho>(answer);
}

std::unique_ptr<EchoServer> start_polling_echo(const std::string& answer) {
  return std::make_unique<PollingEcho>(answer);
}

}  // namespace armada_cache::bench
