#include "core/rpc/calls/reflection_service.h"

#include <utility>

#include "core/rpc/calls/call_queue.h"
#include "core/rpc/calls/schema_answers.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace armada_cache::rpc {

using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

namespace {

constexpr std::size_t kMaxConversations = 32;
constexpr std::chrono::minutes kMaxAge{1};

}  // namespace

struct ReflectionService::Generated {
  ServerReflection::AsyncService service;
};

class ReflectionService::Conversation final : public Stream {
 public:
  Conversation(StreamSet& set, ReflectionService& owner)
      : Stream(set), owner_(owner), stream_(&context()) {}

 private:
  void request_call(grpc::ServerContext& context, void* tag) override {
    auto& queue = owner_.streams_.queue().grpc_queue();
    owner_.generated_->service.RequestServerReflectionInfo(&context, &stream_, &queue, &queue, tag);
  }

  void on_accepted() override { read(); }

  void on_operation(bool ok) override {
    const bool was_writing = std::exchange(writing_, false);
    if (finishing() || broken()) return;
    if (!ok) {
      // Nothing more to read: the caller has asked all it wanted.
      if (!was_writing) finish(grpc::Status::OK);
    } else if (was_writing) {
      overdue_ ? part() : read();
    } else {
      write();
    }
  }

  // An answer under way is given the time until the next look.
  void look() override {
    if (!ending() && age() <= kMaxAge) return;
    const bool was_overdue = std::exchange(overdue_, true);
    if (!writing_) {
      part();
    } else if (was_overdue) {
      context().TryCancel();
    }
  }

  void part() {
    if (ending()) return finish({grpc::StatusCode::UNAVAILABLE, "the server stops"});
    finish({grpc::StatusCode::DEADLINE_EXCEEDED, "a reflection stream ends after a minute"});
  }

  void end(const grpc::Status& status, void* tag) override { stream_.Finish(status, tag); }

  void read() {
    begin([this](void* tag) { stream_.Read(&request_, tag); });
  }

  void write() {
    ServerReflectionResponse response;
    answer_schema_request(owner_.services_, request_, response);
    writing_ = true;
    begin([&](void* tag) { stream_.Write(response, tag); });
  }

  ReflectionService& owner_;
  grpc::ServerAsyncReaderWriter<ServerReflectionResponse, ServerReflectionRequest> stream_;
  ServerReflectionRequest request_;
  bool writing_ = false;
  bool overdue_ = false;
};

ReflectionService::ReflectionService(CallQueue& queue, std::vector<std::string> services)
    : services_(std::move(services)),
      generated_(std::make_unique<Generated>()),
      streams_({.max_streams = kMaxConversations}, queue,
               [this](StreamSet& set) { return std::make_unique<Conversation>(set, *this); }) {}

ReflectionService::~ReflectionService() = default;

grpc::Service& ReflectionService::service() {
  return generated_->service;
}

}  // namespace armada_cache::rpc
