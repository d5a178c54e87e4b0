#include "tests/bench/kafka/bare_reader.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <future>
#include <stdexcept>

#include "armada/api/event.pb.h"

namespace armada_cache::bench {
namespace {

using grpc::ByteBuffer;

class StreamReader final : public grpc::ClientBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  StreamReader(const std::shared_ptr<grpc::Channel>& channel, const base::JobSet& job_set) {
    api::JobSetRequest request;
    request.set_queue(job_set.queue);
    request.set_id(job_set.name);
    const grpc::Slice slice(request.SerializeAsString());
    request_ = ByteBuffer(&slice, 1);
    grpc::TemplatedGenericStub<ByteBuffer, ByteBuffer> stub(channel);
    stub.PrepareBidiStreamingCall(&context_, "/api.Event/GetJobSetEvents", {}, this);
    StartWriteLast(&request_, {});
    StartRead(&message_);
    StartCall();
  }

  // Waits for the end of the stream. Its messages.
  std::uint64_t wait() {
    const grpc::Status end = ended_.get_future().get();
    if (!end.ok()) throw std::runtime_error("a stream of Armada: " + end.error_message());
    return messages_;
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++messages_;
    StartRead(&message_);
  }
  void OnDone(const grpc::Status& end) override { ended_.set_value(end); }

 private:
  grpc::ClientContext context_;
  ByteBuffer request_;
  ByteBuffer message_;
  std::uint64_t messages_ = 0;
  std::promise<grpc::Status> ended_;
};

}  // namespace

StreamsRead read_streams(const std::string& address, const std::vector<base::JobSet>& job_sets) {
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto begin = std::chrono::steady_clock::now();
  std::deque<StreamReader> readers;
  for (const base::JobSet& job_set : job_sets) readers.emplace_back(channel, job_set);
  StreamsRead read;
  for (StreamReader& reader : readers) read.messages += reader.wait();
  read.a_second = static_cast<double>(read.messages) /
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return read;
}

}  // namespace armada_cache::bench
