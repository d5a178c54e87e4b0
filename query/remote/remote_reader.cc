#include "query/remote/remote_reader.h"

#include <google/protobuf/arena.h>
#include <grpcpp/channel.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <atomic>
#include <mutex>
#include <utility>

#include "armada_cache/internal/v1/lookup.pb.h"
#include "core/lookup/kept_ids.h"
#include "core/lookup/wire.h"
#include "core/rpc/calls/client_queue.h"

namespace armada_cache::query {
namespace {

namespace wire = internal::v1;
using base::ErrorCode;

// The message lives until it returns.
template <typename Message>
using Answered = std::function<void(base::Result<Message*>)>;

using StatusDone = lookup::JobReader::Done<lookup::StatusAnswer>;

struct StatusQuestion {
  lookup::KeptIds ids;
  bool with_queues = false;
  StatusDone done;
};

void write(std::span<const std::string_view> ids, bool with_queues, wire::StatusesRequest& into) {
  into.mutable_job_ids()->Reserve(static_cast<int>(ids.size()));
  for (const std::string_view id : ids) into.add_job_ids(id.data(), id.size());
  into.set_with_queues(with_queues);
}

template <typename Message>
grpc::ByteBuffer bytes_of(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own_buffer);
  return bytes;
}

}  // namespace

class RemoteReader::Connection {
 public:
  Connection(std::string target, const RemoteOptions& options,
             std::shared_ptr<grpc::Channel> channel, rpc::ClientQueue& queue)
      : target_(std::move(target)),
        options_(options),
        channel_(std::move(channel)),
        queue_(queue),
        gatherer_(options.gathering) {}

  // One call by itself.
  template <typename Response, typename Request>
  void ask(const char* method, const Request& request, Answered<Response> answered) {
    if (calls_.fetch_add(1) >= options_.calls_max) {
      --calls_;
      return answered(tl::unexpected(too_many()));
    }
    send<Response>(method, request,
                   [this, answered = std::move(answered)](base::Result<Response*> response) {
                     --calls_;
                     answered(std::move(response));
                   });
  }

  void ask_statuses(std::span<const std::string_view> ids, bool with_queues, StatusDone done) {
    google::protobuf::Arena arena;
    auto& request = *google::protobuf::Arena::CreateMessage<wire::StatusesRequest>(&arena);
    write(ids, with_queues, request);
    ask<wire::StatusesResponse>(
        "Statuses", request,
        [this, asked = ids.size(), with_queues,
         done = std::move(done)](base::Result<wire::StatusesResponse*> response) {
          if (!response) return done(tl::unexpected(response.error()));
          const wire::StatusesResponse& told = **response;
          done(sense(lookup::read(told, told.freshness().extents(), asked, with_queues)));
        });
  }

  void gather(StatusQuestion question) {
    std::unique_lock lock(mutex_);
    if (gatherer_.full()) {
      lock.unlock();
      return question.done(tl::unexpected(too_many()));
    }
    Batch batch = gatherer_.add(std::move(question));
    lock.unlock();
    if (!batch.empty()) send_batch(std::move(batch));
  }

  bool reachable() { return channel_->GetState(true) == GRPC_CHANNEL_READY; }

  bool gathers(std::size_t ids) const { return ids <= options_.gathered_ids_max; }

  // An answer that makes no sense, or tells of nothing, is an error of the projector.
  template <typename Answer>
  base::Result<Answer> sense(base::Result<Answer> answer) const {
    if (answer) return answer;
    return base::fail(ErrorCode::kUnavailable,
                      "projector " + target_ + " gave no usable answer: " + answer.error().message);
  }

 private:
  using Batch = Gatherer<StatusQuestion>::Batch;

  base::Error too_many() const {
    return {ErrorCode::kResourceExhausted,
            "too many lookups wait for projector " + target_ + "; try again"};
  }

  base::Error told(const base::Error& error) const {
    switch (error.code) {
      case ErrorCode::kInvalidArgument:
      case ErrorCode::kNotFound:
      case ErrorCode::kResourceExhausted:
      case ErrorCode::kDataLoss:
        return {error.code, "projector " + target_ + ": " + error.message};
      case ErrorCode::kDeadlineExceeded:
        return {ErrorCode::kUnavailable, "projector " + target_ + " gave no answer within " +
                                             std::to_string(options_.call_timeout.count()) + " ms"};
      default:
        return {ErrorCode::kUnavailable, "projector " + target_ + ": " + error.message + " (" +
                                             std::string(base::name_of(error.code)) + ")"};
    }
  }

  template <typename Response, typename Request>
  void send(const char* method, const Request& request, Answered<Response> answered) {
    queue_.call(channel_, std::string("/armada_cache.internal.v1.Lookup/") + method,
                bytes_of(request), options_.call_timeout,
                [this, answered = std::move(answered)](base::Result<grpc::ByteBuffer> bytes) {
                  if (!bytes) return answered(tl::unexpected(told(bytes.error())));
                  google::protobuf::Arena arena;
                  auto* response = google::protobuf::Arena::CreateMessage<Response>(&arena);
                  if (!grpc::SerializationTraits<Response>::Deserialize(&*bytes, response).ok()) {
                    return answered(sense(base::Result<Response*>(
                        base::fail(ErrorCode::kDataLoss, "no valid " + response->GetTypeName()))));
                  }
                  answered(response);
                });
  }

  void send_batch(Batch batch) {
    google::protobuf::Arena arena;
    auto& request = *google::protobuf::Arena::CreateMessage<wire::GatheredStatusesRequest>(&arena);
    for (const StatusQuestion& question : batch) {
      write(question.ids.views(), question.with_queues, *request.add_questions());
    }
    send<wire::GatheredStatusesResponse>(
        "GatheredStatuses", request,
        [this, shared = std::make_shared<Batch>(std::move(batch))](
            const base::Result<wire::GatheredStatusesResponse*>& response) {
          send_next();
          give_out(*shared, response);
        });
  }

  void send_next() {
    std::unique_lock lock(mutex_);
    Batch batch = gatherer_.finished();
    lock.unlock();
    if (!batch.empty()) send_batch(std::move(batch));
  }

  void give_out(Batch& batch, const base::Result<wire::GatheredStatusesResponse*>& response) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      StatusQuestion& asked = batch[i];
      const int at = static_cast<int>(i);
      if (!response) {
        asked.done(tl::unexpected(response.error()));
      } else if (const auto& told = **response;
                 at < told.answers_size() && told.answers(at).has_answer()) {
        asked.done(sense(lookup::read(told.answers(at).answer(), told.extents(),
                                      asked.ids.views().size(), asked.with_queues)));
      } else {
        ask_statuses(asked.ids.views(), asked.with_queues, std::move(asked.done));
      }
    }
  }

  const std::string target_;
  const RemoteOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  rpc::ClientQueue& queue_;
  std::atomic<std::size_t> calls_ = 0;
  std::mutex mutex_;
  Gatherer<StatusQuestion> gatherer_;
};

base::Result<std::unique_ptr<RemoteReader>> RemoteReader::make(const std::string& target,
                                                               const RemoteOptions& options,
                                                               rpc::ClientQueue& queue) {
  rpc::ChannelOptions channel_options = options.channel;
  channel_options.target = target;
  if (auto checked = rpc::check(channel_options, {}); !checked) {
    return tl::unexpected(checked.error());
  }
  auto channel = rpc::make_channel(channel_options);
  if (!channel) return tl::unexpected(channel.error());
  return std::unique_ptr<RemoteReader>(
      new RemoteReader(std::make_unique<Connection>(target, options, *std::move(channel), queue)));
}

RemoteReader::RemoteReader(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

RemoteReader::~RemoteReader() = default;

bool RemoteReader::reachable() {
  return connection_->reachable();
}

void RemoteReader::statuses(std::span<const std::string_view> ids, bool with_queues,
                            Done<lookup::StatusAnswer> done) {
  if (!connection_->gathers(ids.size())) {
    return connection_->ask_statuses(ids, with_queues, std::move(done));
  }
  connection_->gather({lookup::KeptIds(ids), with_queues, std::move(done)});
}

void RemoteReader::details(std::vector<std::string> ids, bool with_spec,
                           Done<lookup::DetailsAnswer> done) {
  wire::DetailsRequest request;
  request.mutable_job_ids()->Assign(ids.begin(), ids.end());
  request.set_with_spec(with_spec);
  connection_->ask<wire::DetailsResponse>("Details", request, [this, done](auto response) {
    if (!response) return done(tl::unexpected(response.error()));
    done(connection_->sense(lookup::read(std::move(**response))));
  });
}

void RemoteReader::list(lookup::ListRequest request, Done<lookup::ListAnswer> done) {
  wire::ListRequest message;
  lookup::write(request, message);
  connection_->ask<wire::ListResponse>("List", message, [this, done](auto response) {
    if (!response) return done(tl::unexpected(response.error()));
    done(connection_->sense(lookup::read(**response)));
  });
}

void RemoteReader::summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) {
  wire::SummarizeRequest request;
  request.set_queue(job_set.queue);
  request.set_job_set(job_set.name);
  connection_->ask<wire::SummarizeResponse>(
      "Summarize", request, [this, job_set = std::move(job_set), done](auto response) {
        if (!response) return done(tl::unexpected(response.error()));
        done(connection_->sense(lookup::read(**response, job_set)));
      });
}

void RemoteReader::relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) {
  wire::RelaysRequest request;
  lookup::write(job_sets, request);
  connection_->ask<wire::RelaysResponse>(
      "Relays", request, [this, job_sets = std::move(job_sets), done](auto response) {
        if (!response) return done(tl::unexpected(response.error()));
        done(connection_->sense(lookup::read(**response, job_sets)));
      });
}

void RemoteReader::asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) {
  wire::AskedRequest message;
  lookup::write(request, message);
  connection_->ask<wire::AskedResponse>("Asked", message, [this, done](auto response) {
    if (!response) return done(tl::unexpected(response.error()));
    done(connection_->sense(lookup::read(**response)));
  });
}

void RemoteReader::active_queues(Done<lookup::ActiveQueuesAnswer> done) {
  connection_->ask<wire::ActiveQueuesResponse>("ActiveQueues", wire::ActiveQueuesRequest(),
                                               [this, done](auto response) {
                                                 if (!response)
                                                   return done(tl::unexpected(response.error()));
                                                 done(connection_->sense(lookup::read(**response)));
                                               });
}

}  // namespace armada_cache::query
