// One completion queue polled by one thread: takes calls, hands them out, sees them answered.
#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "core/base/task_pool.h"
#include "core/rpc/calls/call.h"
#include "core/rpc/calls/departures.h"

namespace armada_cache::rpc {

// A unary method. `handler` must see to it that the call is answered once, at once or later; what
// it leaves unanswered is failed at the deadline.
struct Method {
  using Post = std::function<void(grpc::ServerContext&, grpc::ByteBuffer&, Call::Responder&,
                                  grpc::ServerCompletionQueue&, void* tag)>;
  using Handler = std::function<void(const std::shared_ptr<Call>&)>;

  std::string name;  // "api.Jobs/GetJobStatus"
  Post post;
  Handler handler;
  bool on_polling_thread = false;  // or else on the worker pool
  int slots = 8;                   // calls that wait posted for a caller
};

struct MethodSlots {
  MethodSlots(Method m, CallFamilies& families)
      : method(std::move(m)), metrics(families, method.name) {}

  Method method;
  CallMetrics metrics;
  int posted = 0;
};

class CallQueue {
 public:
  struct Options {
    // For an answer, and as long again for its caller to take it.
    std::chrono::milliseconds call_deadline = std::chrono::seconds(10);
    std::chrono::milliseconds retry_after{250};
    int max_calls = 4096;                          // accepted, and their answers not yet taken
    std::string waiting_metric = "calls_waiting";  // the gauge of them
    bool tells_as_of = true;                       // in each answer's metadata
  };

  CallQueue(const Options& options, std::unique_ptr<grpc::ServerCompletionQueue> queue,
            const AccessGate& gate, base::TaskPool& pool, base::Metrics& metrics);
  ~CallQueue();  // finish() must have been called if start() was

  void add(Method method);  // before start()
  // After the server started: posts the slots and begins to poll.
  void start();
  // Runs it on the polling thread. Without effect once the queue finishes. From any thread.
  void schedule(std::chrono::milliseconds delay, std::function<void()> work);
  // From now on answers leave a few at a time, as it must be once clients are asked to leave.
  void begin_leaving() { leaving_ = true; }
  // Waits until every accepted call is answered and none has come for `quiet`; false if that is
  // not so at the deadline. From any thread but the polling one.
  bool wait_until_quiet(std::chrono::milliseconds quiet,
                        std::chrono::steady_clock::time_point deadline);
  // After the server was shut down: fails what is still unanswered, waits for the thread.
  void finish();

  // For events other than calls: while one is outstanding, the queue does not close.
  void hold() { ++held_; }
  void release() { --held_; }

  // For an operation of somebody else's, whose tag is an Event and which gives the queue back:
  // until then it does not close. Null before start() and once it closes. From any thread.
  grpc::CompletionQueue* lend();
  void give_back();
  // What makes those operations end soon: runs on the polling thread when the queue finishes.
  // Before start().
  void when_finishing(std::function<void()> work) { end_lent_ = std::move(work); }

  grpc::ServerCompletionQueue& grpc_queue() { return *queue_; }
  const AccessGate& gate() const { return shared_.gate; }
  CallFamilies& families() { return families_; }

 private:
  friend class Call;
  class Task;

  void poll();
  void on_call_event(Call& call, bool ok);
  void post(MethodSlots& slots, const std::shared_ptr<Call>& call);
  void arrived(const std::shared_ptr<Call>& call);
  void hand_out(const std::shared_ptr<Call>& call);
  void finished(std::shared_ptr<Call> call);
  void fail_overdue();
  void watch_callers(MethodSlots& slots);
  void give_up_on_slow_callers();
  bool leaving() const { return leaving_.load(std::memory_order_relaxed); }
  void keep_back(std::shared_ptr<Call> answered);
  void depart();
  void begin_finishing();
  void close_when_idle();

  const Options options_;
  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  base::TaskPool& pool_;
  CallContext shared_;
  CallFamilies families_;
  prometheus::Gauge& in_flight_gauge_;
  std::list<MethodSlots> methods_;

  std::atomic<bool> leaving_{false};

  // Of the polling thread alone.
  int posted_ = 0;
  int in_flight_ = 0;
  int held_ = 0;
  bool finishing_ = false;
  bool sweeping_ = false;
  bool watching_ = false;
  bool departing_ = false;
  Departures departures_;
  std::chrono::steady_clock::time_point last_arrival_;
  std::unordered_set<std::shared_ptr<Call>> unanswered_;  // since their handler returned
  // Accepted, in the order of their coming, until their answers are taken.
  boost::intrusive::list<Call, boost::intrusive::constant_time_size<false>> in_hand_;

  std::function<void()> end_lent_;
  std::mutex tasks_mutex_;
  int tasks_ = 0;  // and what is lent
  bool open_ = false;

  std::thread thread_;
};

}  // namespace armada_cache::rpc
