// One thread, one completion queue, raw bytes: as little work for each call as gRPC allows, since
// clients and servers share the machine.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>
#include <optional>
#include <random>

#include "armada/api/job.pb.h"
#include "tests/bench/histogram.h"
#include "tests/bench/job_ids.h"
#include "tests/bench/load_plan.h"

namespace armada_cache::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr char kMethod[] = "/api.Jobs/GetJobStatus";
constexpr std::uint64_t kStride = 7919;  // prime, so that the ids of one call differ
constexpr std::uint64_t kCheckEvery = 256;

struct Call {
  std::size_t stream = 0;
  grpc::GenericStub* stub = nullptr;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer answer;
  grpc::Status status;
  Clock::time_point due;
  std::uint64_t first_job = 0;
};

struct StreamState {
  LoadStream plan;
  Histogram latencies;
  LoadResult result;
  std::uint64_t answered = 0;  // within the measured time
  std::vector<Call*> idle;
  Clock::time_point next_due;

  nanoseconds interval() const { return nanoseconds(1'000'000'000 / plan.calls_a_second); }
  bool has_rate() const { return plan.calls_a_second > 0; }
};

class LoadClient {
 public:
  explicit LoadClient(LoadPlan plan) : plan_(std::move(plan)) {}

  std::vector<LoadResult> run() {
    connect();
    make_calls();
    const auto begin = Clock::now();
    measure_from_ = begin + plan_.warm_up;
    end_ = measure_from_ + plan_.measured;
    for (StreamState& stream : streams_) {
      stream.next_due = begin;
      if (stream.has_rate()) continue;
      while (!stream.idle.empty()) issue(stream, Clock::now());
    }
    poll_until_end();
    drain();
    return results();
  }

 private:
  void connect() {
    for (int i = 0; i < plan_.channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt("bench.channel", i);  // equal arguments would share one connection
      arguments.SetMaxReceiveMessageSize(-1);
      auto channel =
          grpc::CreateCustomChannel(plan_.target, grpc::InsecureChannelCredentials(), arguments);
      channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(5));
      stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
    }
  }

  void make_calls() {
    streams_.resize(plan_.streams.size());
    for (std::size_t s = 0; s < streams_.size(); ++s) {
      streams_[s].plan = plan_.streams[s];
      for (int i = 0; i < streams_[s].plan.callers; ++i) {
        calls_.push_back(std::make_unique<Call>());
        calls_.back()->stream = s;
        calls_.back()->stub = stubs_[calls_.size() % stubs_.size()].get();
        streams_[s].idle.push_back(calls_.back().get());
      }
    }
  }

  // The encoding of an api.JobStatusRequest, written into one slice.
  grpc::ByteBuffer request(const Call& call, int ids) {
    grpc::Slice slice(static_cast<std::size_t>(ids) * (kJobIdBytes + 2));
    auto* out = const_cast<std::uint8_t*>(slice.begin());
    for (int i = 0; i < ids; ++i) {
      *out++ = 0x0a;
      *out++ = static_cast<std::uint8_t>(kJobIdBytes);
      const std::string id =
          job_id((call.first_job + static_cast<std::uint64_t>(i) * kStride) % plan_.jobs);
      out = std::copy(id.begin(), id.end(), out);
    }
    return grpc::ByteBuffer(&slice, 1);
  }

  void issue(StreamState& stream, Clock::time_point due) {
    Call& call = *stream.idle.back();
    stream.idle.pop_back();
    call.first_job = random_() % plan_.jobs;
    call.due = due;
    call.context.emplace();
    call.reader = call.stub->PrepareUnaryCall(&*call.context, kMethod,
                                              request(call, stream.plan.ids_a_call), &queue_);
    call.reader->StartCall();
    call.reader->Finish(&call.answer, &call.status, &call);
    ++outstanding_;
  }

  void issue_due() {
    const auto now = Clock::now();
    for (StreamState& stream : streams_) {
      while (stream.has_rate() && stream.next_due <= now && !stream.idle.empty()) {
        issue(stream, stream.next_due);
        stream.next_due += stream.interval();
      }
    }
  }

  // When the queue must be left to issue the next call; the end where none is due before it.
  Clock::time_point wake_at() const {
    Clock::time_point wake = end_;
    for (const StreamState& stream : streams_) {
      if (stream.has_rate() && !stream.idle.empty()) wake = std::min(wake, stream.next_due);
    }
    return wake;
  }

  void poll_until_end() {
    while (Clock::now() < end_) {
      void* tag = nullptr;
      bool ok = false;
      const auto wait = std::max(wake_at() - Clock::now(), nanoseconds(0));
      const auto deadline = std::chrono::system_clock::now() +
                            std::chrono::duration_cast<std::chrono::microseconds>(wait);
      const auto got = queue_.AsyncNext(&tag, &ok, deadline);
      if (got == grpc::CompletionQueue::GOT_EVENT) finish(*static_cast<Call*>(tag));
      issue_due();
    }
  }

  void finish(Call& call) {
    const auto now = Clock::now();
    StreamState& stream = streams_[call.stream];
    --outstanding_;
    ++stream.result.calls;
    if (!call.status.ok() && ++stream.result.failed == 1) {
      std::cerr << "a call failed: " << call.status.error_message() << "\n";
    }
    if (call.status.ok() && now >= measure_from_ && now < end_) {
      ++stream.answered;
      stream.latencies.record(now - call.due);
    }
    if (plan_.check_answers && stream.result.calls % kCheckEvery == 0 && call.status.ok() &&
        !is_right(call, stream.plan.ids_a_call)) {
      ++stream.result.wrong;
    }
    stream.idle.push_back(&call);
    if (!stream.has_rate() && now < end_) issue(stream, now);
  }

  bool is_right(const Call& call, int ids) const {
    grpc::Slice slice;
    api::JobStatusResponse answer;
    if (!call.answer.DumpToSingleSlice(&slice).ok()) return false;
    if (!answer.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return false;
    for (int i = 0; i < ids; ++i) {
      const auto found = answer.job_states().find(
          job_id((call.first_job + static_cast<std::uint64_t>(i) * kStride) % plan_.jobs));
      if (found == answer.job_states().end() || found->second == api::UNKNOWN) return false;
    }
    return true;
  }

  void drain() {
    const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(5);
    void* tag = nullptr;
    bool ok = false;
    while (outstanding_ > 0 &&
           queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) {
      finish(*static_cast<Call*>(tag));
    }
  }

  std::vector<LoadResult> results() {
    std::vector<LoadResult> results;
    for (StreamState& stream : streams_) {
      stream.result.calls_a_second = static_cast<double>(stream.answered) /
                                     std::chrono::duration<double>(plan_.measured).count();
      stream.result.p50_us = stream.latencies.quantile_us(0.5);
      stream.result.p99_us = stream.latencies.quantile_us(0.99);
      stream.result.max_us = stream.latencies.max_us();
      results.push_back(stream.result);
    }
    return results;
  }

  const LoadPlan plan_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<StreamState> streams_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::mt19937_64 random_{1};
  Clock::time_point measure_from_;
  Clock::time_point end_;
  std::size_t outstanding_ = 0;
};

}  // namespace

int load_main(const std::string& encoded_plan) {
  const auto plan = decode_plan(encoded_plan);
  if (!plan) {
    std::cerr << plan.error().message << "\n";
    return 2;
  }
  std::cout << encode(LoadClient(*plan).run()) << std::endl;
  std::quick_exit(0);  // calls that were never answered must not keep the process
}

}  // namespace armada_cache::bench
