#include "core/rpc/calls/health_service.h"

#include <algorithm>
#include <utility>

#include "core/rpc/calls/protobuf_handler.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace armada_cache::rpc {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {

HealthCheckResponse message_of(int status) {
  HealthCheckResponse response;
  response.set_status(static_cast<HealthCheckResponse::ServingStatus>(status));
  return response;
}

}  // namespace

struct HealthService::Generated {
  Health::WithRawMethod_Check<Health::WithAsyncMethod_Watch<Health::Service>> service;
};

class HealthService::Watch final : public Stream {
 public:
  Watch(StreamSet& set, HealthService& owner) : Stream(set), owner_(owner), writer_(&context()) {}

 private:
  void request_call(grpc::ServerContext& context, void* tag) override {
    auto& queue = owner_.watches_.queue().grpc_queue();
    owner_.generated_->service.RequestWatch(&context, &request_, &writer_, &queue, &queue, tag);
  }

  void on_accepted() override { look(); }

  void on_operation(bool ok) override {
    writing_ = false;
    if (ok && !finishing() && !broken()) look();
  }

  void look() override {
    if (writing_) return;
    const int status = owner_.status_of(request_.service());
    if (status != told_) {
      told_ = status;
      writing_ = true;
      begin([&](void* tag) { writer_.Write(message_of(status), tag); });
    } else if (ending() || age() > owner_.options_.max_watch_age) {
      finish({grpc::StatusCode::UNAVAILABLE, "watch again"});
    }
  }

  void end(const grpc::Status& status, void* tag) override { writer_.Finish(status, tag); }

  HealthService& owner_;
  HealthCheckRequest request_;
  grpc::ServerAsyncWriter<HealthCheckResponse> writer_;
  bool writing_ = false;
  int told_ = -1;
};

HealthService::HealthService(const Options& options, CallQueue& queue,
                             std::function<bool()> serving, std::vector<std::string> services)
    : options_(options),
      serving_(std::move(serving)),
      services_(std::move(services)),
      generated_(std::make_unique<Generated>()),
      watches_({.max_streams = options.max_watches}, queue,
               [this](StreamSet& set) { return std::make_unique<Watch>(set, *this); }) {
  add_check(queue);
}

HealthService::~HealthService() = default;

grpc::Service& HealthService::service() {
  return generated_->service;
}

void HealthService::add_check(CallQueue& queue) {
  Method check;
  check.name = "grpc.health.v1.Health/Check";
  check.post = [this](auto& context, auto& request, auto& responder, auto& grpc_queue, void* tag) {
    generated_->service.RequestCheck(&context, &request, &responder, &grpc_queue, &grpc_queue, tag);
  };
  check.on_polling_thread = true;
  check.handler = protobuf_handler<HealthCheckRequest, HealthCheckResponse>(
      [this](const HealthCheckRequest& request, const Respond<HealthCheckResponse>& respond) {
        const int status = status_of(request.service());
        if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
          respond(Reply<HealthCheckResponse>::failed(base::ErrorCode::kNotFound,
                                                     "this server has no such service"));
        } else {
          respond({message_of(status)});
        }
      });
  queue.add(std::move(check));
}

int HealthService::status_of(const std::string& service) const {
  if (std::ranges::find(services_, service) == services_.end()) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  return serving_() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace armada_cache::rpc
