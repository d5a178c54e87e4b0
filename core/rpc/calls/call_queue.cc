#include "core/rpc/calls/call_queue.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <future>
#include <utility>

namespace armada_cache::rpc {
namespace {

constexpr std::chrono::milliseconds kSweepInterval{20};
constexpr std::chrono::milliseconds kDepartureInterval{10};
constexpr std::chrono::milliseconds kWatchInterval{100};

}  // namespace

// Deletes itself once it has run.
class CallQueue::Task final : public Event {
 public:
  Task(CallQueue& queue, std::function<void()> work) : queue_(queue), work_(std::move(work)) {}

  void set(std::chrono::milliseconds delay) {
    alarm_.Set(queue_.queue_.get(), std::chrono::system_clock::now() + delay,
               static_cast<Event*>(this));
  }

  void on_event(bool) override {
    const std::unique_ptr<Task> self(this);
    work_();
    const std::lock_guard lock(queue_.tasks_mutex_);
    --queue_.tasks_;
  }

 private:
  CallQueue& queue_;
  std::function<void()> work_;
  grpc::Alarm alarm_;
};

CallQueue::CallQueue(const Options& options, std::unique_ptr<grpc::ServerCompletionQueue> queue,
                     const AccessGate& gate, base::TaskPool& pool, base::Metrics& metrics)
    : options_(options),
      queue_(std::move(queue)),
      pool_(pool),
      shared_{gate, options.retry_after, options.tells_as_of, {}},
      families_(metrics),
      in_flight_gauge_(
          metrics.gauge(options.waiting_metric, "Calls accepted whose answer takes time").Add({})) {
}

CallQueue::~CallQueue() {
  if (thread_.joinable()) return;
  // Never started: gRPC wants its queues emptied all the same.
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
  }
}

void CallQueue::add(Method method) {
  methods_.emplace_back(std::move(method), families_);
}

void CallQueue::start() {
  for (MethodSlots& slots : methods_) {
    for (int i = 0; i < slots.method.slots; ++i) {
      post(slots, std::make_shared<Call>(*this, slots, shared_));
    }
  }
  {
    const std::lock_guard lock(tasks_mutex_);
    open_ = true;
  }
  thread_ = std::thread([this] { poll(); });
}

void CallQueue::schedule(std::chrono::milliseconds delay, std::function<void()> work) {
  const std::lock_guard lock(tasks_mutex_);
  if (!open_) return;
  ++tasks_;
  (new Task(*this, std::move(work)))->set(delay);
}

grpc::CompletionQueue* CallQueue::lend() {
  const std::lock_guard lock(tasks_mutex_);
  if (!open_) return nullptr;
  ++tasks_;
  return queue_.get();
}

void CallQueue::give_back() {
  const std::lock_guard lock(tasks_mutex_);
  --tasks_;
}

bool CallQueue::wait_until_quiet(std::chrono::milliseconds quiet,
                                 std::chrono::steady_clock::time_point deadline) {
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < deadline) {
    std::promise<bool> is_quiet;
    schedule(kSweepInterval, [&] {
      const auto since = std::max(began, last_arrival_);
      is_quiet.set_value(in_flight_ == 0 && std::chrono::steady_clock::now() - since >= quiet);
    });
    if (is_quiet.get_future().get()) return true;
  }
  return false;
}

void CallQueue::finish() {
  if (!thread_.joinable()) return;
  schedule(std::chrono::milliseconds(0), [this] { begin_finishing(); });
  thread_.join();
}

void CallQueue::begin_finishing() {
  finishing_ = true;
  leaving_ = false;
  for (const auto& call : departures_.everything()) call->depart();
  if (end_lent_) end_lent_();
}

void CallQueue::keep_back(std::shared_ptr<Call> answered) {
  schedule(std::chrono::milliseconds(0), [this, answered = std::move(answered)] {
    if (finishing_) return answered->depart();
    departures_.add(answered->context_->peer(), answered);
    if (std::exchange(departing_, true)) return;
    schedule(kDepartureInterval, [this] { depart(); });
  });
}

void CallQueue::depart() {
  for (const auto& call : departures_.next_turn()) call->depart();
  departing_ = !departures_.empty();
  if (departing_) schedule(kDepartureInterval, [this] { depart(); });
}

void CallQueue::poll() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    static_cast<Event*>(tag)->on_event(ok);
    if (finishing_) close_when_idle();
  }
}

void CallQueue::on_call_event(Call& call, bool ok) {
  std::shared_ptr<Call> held = std::move(call.held_by_grpc_);
  if (!call.posted_) {
    finished(std::move(held));
    return;
  }
  --posted_;
  --call.slots_.posted;
  if (!ok) return;  // the server stops: nobody called
  ++in_flight_;
  call.begin();
  last_arrival_ = call.began_;
  call.held_by_grpc_ = held;  // until its answer is written
  in_hand_.push_back(call);
  arrived(held);
  watch_callers(call.slots_);
}

void CallQueue::post(MethodSlots& slots, const std::shared_ptr<Call>& call) {
  ++posted_;
  ++slots.posted;
  call->post(*queue_);
}

void CallQueue::arrived(const std::shared_ptr<Call>& call) {
  if (auto admitted = call->admit(); !admitted) {
    call->fail(admitted.error());
  } else if (in_flight_ > options_.max_calls) {
    call->fail({base::ErrorCode::kResourceExhausted, "the server has too many calls in hand"});
  } else {
    hand_out(call);
  }
  if (call->answered()) return;
  unanswered_.insert(call);
  in_flight_gauge_.Set(static_cast<double>(unanswered_.size()));
  if (MethodSlots& slots = call->slots_; slots.posted < slots.method.slots && !finishing_) {
    post(slots, std::make_shared<Call>(*this, slots, shared_));
  }
  if (!std::exchange(sweeping_, true)) schedule(kSweepInterval, [this] { fail_overdue(); });
}

void CallQueue::hand_out(const std::shared_ptr<Call>& call) {
  const Method& method = call->slots_.method;
  if (method.on_polling_thread) {
    method.handler(call);
  } else if (!pool_.try_post([&method, call] { method.handler(call); })) {
    call->fail({base::ErrorCode::kResourceExhausted, "the server's queue of work is full"});
  }
}

void CallQueue::finished(std::shared_ptr<Call> call) {
  --in_flight_;
  call->unlink();
  if (unanswered_.erase(call) > 0) {
    in_flight_gauge_.Set(static_cast<double>(unanswered_.size()));
  }
  MethodSlots& slots = call->slots_;
  if (finishing_ || slots.posted >= slots.method.slots) return;
  // Somebody who answers late must not find another caller in this call.
  const bool alone = call.use_count() == 1;
  post(slots, alone ? std::move(call) : std::make_shared<Call>(*this, slots, shared_));
}

void CallQueue::fail_overdue() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& call : unanswered_) {
    if (finishing_) {
      call->fail({base::ErrorCode::kUnavailable, "the server stops; try another or again"});
    } else if (call->deadline(options_.call_deadline) <= now) {
      call->fail({base::ErrorCode::kDeadlineExceeded,
                  "no answer within the call's deadline; the server's own is " +
                      std::to_string(options_.call_deadline.count()) + " ms"});
    }
  }
  sweeping_ = !unanswered_.empty();
  if (sweeping_) schedule(kSweepInterval, [this] { fail_overdue(); });
}

// A caller that does not take its answers must keep no slot from others: there are always some, up
// to max_calls, and after its time it is given up.
void CallQueue::watch_callers(MethodSlots& slots) {
  if (slots.posted < (slots.method.slots + 1) / 2 && in_flight_ <= options_.max_calls &&
      !finishing_) {
    post(slots, std::make_shared<Call>(*this, slots, shared_));
  }
  if (!std::exchange(watching_, true)) {
    schedule(kWatchInterval, [this] { give_up_on_slow_callers(); });
  }
}

void CallQueue::give_up_on_slow_callers() {
  const auto overdue = std::chrono::steady_clock::now() - 2 * options_.call_deadline;
  for (Call& call : in_hand_) {
    if (call.began_ > overdue) break;
    call.give_up();
  }
  watching_ = !in_hand_.empty() && !finishing_;
  if (watching_) schedule(kWatchInterval, [this] { give_up_on_slow_callers(); });
}

void CallQueue::close_when_idle() {
  if (posted_ > 0 || in_flight_ > 0 || held_ > 0) return;
  const std::lock_guard lock(tasks_mutex_);
  if (tasks_ > 0 || !open_) return;
  open_ = false;
  queue_->Shutdown();
}

}  // namespace armada_cache::rpc
