#include "query/transport/health_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/rpc/status.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "query/transport/grpc_caller.h"
#include "query/transport/protobuf_handler.h"

namespace armada_cache::query {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

struct HealthService::Generated {
  Health::WithRawMethod_Check<Health::WithAsyncMethod_Watch<Health::Service>> service;
};

// One stream; deletes itself through forget() when none of its operations is outstanding.
class HealthService::Watch final : public Event {
 public:
  explicit Watch(HealthService& owner) : owner_(owner), done_(*this), writer_(&context_) {}

  void post() {
    began([this](void* tag) {
      context_.AsyncNotifyWhenDone(static_cast<Event*>(&done_));
      owner_.generated_->service.RequestWatch(&context_, &request_, &writer_,
                                              &owner_.queue_.grpc_queue(),
                                              &owner_.queue_.grpc_queue(), tag);
    });
  }

  void on_event(bool ok) override {
    ended_operation();
    if (state_ != State::kPosted) {
      state_ = State::kIdle;
      broken_ = broken_ || !ok;
    } else if (ok) {
      accept();
    }
    proceed();
  }

  // Tells what changed since it was last told.
  void look() {
    if (state_ != State::kIdle || finishing_ || broken_) return;
    const bool too_old = std::chrono::steady_clock::now() - since_ > owner_.options_.max_watch_age;
    const int status = owner_.status_of(request_.service());
    if (owner_.ending_ || too_old) {
      end(status);
    } else if (status != told_) {
      write(status);
    }
  }

 private:
  enum class State { kPosted, kIdle, kWriting };

  // The client went away, or the stream was finished.
  struct Done final : Event {
    explicit Done(Watch& of) : watch(of) {}
    void on_event(bool) override {
      watch.ended_operation();
      watch.broken_ = true;
      watch.proceed();
    }
    Watch& watch;
  };

  void accept() {
    state_ = State::kIdle;
    since_ = std::chrono::steady_clock::now();
    ++operations_;  // of done_
    owner_.queue_.hold();
    ++owner_.streaming_;
    streaming_ = true;
    owner_.post_watch();
    if (auto admitted = owner_.queue_.gate().admit(GrpcCaller(context_)); !admitted) {
      finish(rpc::to_grpc(admitted.error()));
    } else if (owner_.streaming_ > owner_.options_.max_watches) {
      finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watchers of health"});
    }
  }

  void proceed() {
    look();
    if (operations_ == 0) {
      if (streaming_) --owner_.streaming_;
      owner_.forget(this);
    }
  }

  template <typename Start>
  void began(Start start) {
    ++operations_;
    owner_.queue_.hold();
    start(static_cast<Event*>(this));
  }

  void ended_operation() {
    --operations_;
    owner_.queue_.release();
  }

  void write(int status) {
    state_ = State::kWriting;
    told_ = status;
    began([&](void* tag) { writer_.Write(answer(status), tag); });
  }

  void end(int status) {
    state_ = State::kWriting;
    finishing_ = true;
    began([&](void* tag) {
      writer_.WriteAndFinish(answer(status), grpc::WriteOptions(),
                             {grpc::StatusCode::UNAVAILABLE, "watch again"}, tag);
    });
  }

  void finish(const grpc::Status& status) {
    state_ = State::kWriting;
    finishing_ = true;
    began([&](void* tag) { writer_.Finish(status, tag); });
  }

  static HealthCheckResponse answer(int status) {
    HealthCheckResponse response;
    response.set_status(static_cast<HealthCheckResponse::ServingStatus>(status));
    return response;
  }

  HealthService& owner_;
  Done done_;
  grpc::ServerContext context_;
  HealthCheckRequest request_;
  grpc::ServerAsyncWriter<HealthCheckResponse> writer_;
  State state_ = State::kPosted;
  int operations_ = 0;
  bool streaming_ = false;
  bool finishing_ = false;
  bool broken_ = false;
  int told_ = -1;
  std::chrono::steady_clock::time_point since_;
};

HealthService::HealthService(const Options& options, CallQueue& queue,
                             std::function<bool()> serving, std::vector<std::string> services)
    : options_(options),
      queue_(queue),
      serving_(std::move(serving)),
      services_(std::move(services)),
      generated_(std::make_unique<Generated>()) {
  add_check();
}

HealthService::~HealthService() = default;

grpc::Service& HealthService::service() {
  return generated_->service;
}

void HealthService::add_check() {
  Method check;
  check.name = "grpc.health.v1.Health/Check";
  check.post = [this](auto& context, auto& request, auto& responder, auto& queue, void* tag) {
    generated_->service.RequestCheck(&context, &request, &responder, &queue, &queue, tag);
  };
  check.on_polling_thread = true;
  check.handler = protobuf_handler<HealthCheckRequest, HealthCheckResponse>(
      [this](HealthCheckRequest request, const Respond<HealthCheckResponse>& respond) {
        if (!knows(request.service())) {
          respond(Reply<HealthCheckResponse>::failed(base::ErrorCode::kNotFound,
                                                     "this server has no such service"));
          return;
        }
        HealthCheckResponse response;
        response.set_status(
            static_cast<HealthCheckResponse::ServingStatus>(status_of(request.service())));
        respond({std::move(response)});
      });
  queue_.add(std::move(check));
}

void HealthService::start() {
  queue_.schedule(std::chrono::milliseconds(0), [this] { post_watch(); });
}

void HealthService::end_watches() {
  queue_.schedule(std::chrono::milliseconds(0), [this] {
    ending_ = true;
    look();
  });
}

void HealthService::post_watch() {
  auto watch = std::make_unique<Watch>(*this);
  Watch* const posted = watch.get();
  watches_.emplace(posted, std::move(watch));
  posted->post();
  if (!std::exchange(looking_, true)) {
    queue_.schedule(options_.look_interval, [this] {
      looking_ = false;
      look();
    });
  }
}

void HealthService::look() {
  for (auto& [watch, owned] : watches_) watch->look();
  if (streaming_ == 0 || std::exchange(looking_, true)) return;
  queue_.schedule(options_.look_interval, [this] {
    looking_ = false;
    look();
  });
}

void HealthService::forget(Watch* watch) {
  watches_.erase(watch);
}

bool HealthService::knows(const std::string& service) const {
  return std::ranges::find(services_, service) != services_.end();
}

int HealthService::status_of(const std::string& service) const {
  if (!knows(service)) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace armada_cache::query
