#include "tests/simulator/timers.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

namespace armada_cache::simulator {

struct Timers::Thread {
  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  std::thread thread{[this] { context.run(); }};
};

Timers::Timers() : thread_(std::make_unique<Thread>()) {}

Timers::~Timers() {
  stop();
}

void Timers::after(std::chrono::microseconds delay, std::function<void()> what) {
  auto timer = std::make_shared<boost::asio::steady_timer>(thread_->context, delay);
  timer->async_wait([timer, what = std::move(what)](const boost::system::error_code& error) {
    if (!error) what();
  });
}

void Timers::post(std::function<void()> what) {
  boost::asio::post(thread_->context, std::move(what));
}

void Timers::stop() {
  thread_->context.stop();
  if (thread_->thread.joinable()) thread_->thread.join();
}

}  // namespace armada_cache::simulator
