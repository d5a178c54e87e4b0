#include "app/run_service.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <limits>
#include <thread>

#include "app/http_server.h"
#include "app/version.h"
#include "core/base/address.h"
#include "core/base/log.h"
#include "core/rpc/library_locks.h"
#include "core/rpc/library_log.h"

namespace armada_cache::app {
namespace {

using base::Status;

constexpr std::chrono::seconds kTrimInterval{30};
// The databases alone want hundreds.
constexpr std::size_t kFewFiles = 1024;
constexpr std::chrono::milliseconds kReadyPause{2};
constexpr std::chrono::milliseconds kSoundPause{200};

// As high as it may be. What it is then.
std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<std::int64_t>::max());
}

// What a burst of large answers took is kept by the allocator until it is told to give it back.
void trim_memory(boost::asio::steady_timer& timer) {
  timer.expires_after(kTrimInterval);
  timer.async_wait([&timer](auto error) {
    if (error) return;
    malloc_trim(0);
    trim_memory(timer);
  });
}

class Life {
 public:
  explicit Life(const ServiceRun& run)
      : run_(run),
        ready_(run.metrics.gauge("ready", "1 while /readyz answers 200, else 0").Add({})) {
    // Before any thread starts, so that a signal during the start is not lost.
    signals_.async_wait([this](auto, int) { told_to_stop_ = true; });
  }

  Status start() {
    auto http = HttpServer::start(run_.settings.http,
                                  {[this] { return ready(); }, [this] { return scrape(); }});
    if (!http) return tl::unexpected(http.error());
    http_ = std::move(*http);
    if (auto started = run_.service.start(starting_); !started) return started;
    stage_ = Stage::kStarted;
    return await_service();
  }

  Status run() {
    tell_ready();
    boost::asio::steady_timer trimming(context_);
    trim_memory(trimming);
    while (!told_to_stop_) {
      context_.run_one_for(kSoundPause);
      if (auto sound = run_.service.sound(); !sound) return sound;
    }
    base::log_info("stopping");
    return {};
  }

  void stop() {
    stage_ = Stage::kStopping;
    run_.service.stop(std::chrono::steady_clock::now() + run_.settings.drain_timeout);
  }

  bool told_to_stop() {
    context_.poll();
    return told_to_stop_;
  }

 private:
  enum class Stage { kStarting, kStarted, kStopping };

  Status ready() const {
    if (stage_ == Stage::kStarted) return run_.service.ready();
    return base::fail(base::ErrorCode::kUnavailable,
                      stage_ == Stage::kStopping ? "it is being stopped" : starting_.why());
  }

  std::string scrape() {
    if (stage_ == Stage::kStarted) run_.service.update_metrics();
    ready_.Set(ready() ? 1 : 0);
    return run_.metrics.text();
  }

  Status await_service() {
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      if (told_to_stop()) return starting_.cancelled();
      if (auto sound = run_.service.sound(); !sound) return sound;
      auto up = run_.service.is_up();
      if (up) return up;
      if (run_.start_timeout && std::chrono::steady_clock::now() - begin >= *run_.start_timeout) {
        return up;
      }
      starting_.waits(up.error().message);
      std::this_thread::sleep_for(kReadyPause);
    }
  }

  void tell_ready() const {
    const std::string http =
        base::parse_address(run_.settings.http.listen)->host + ":" + std::to_string(http_->port());
    const std::string listens = run_.service.listens_on();
    std::cout << "armada-cache " << run_.command << " ready: " << listens
              << (listens.empty() ? "" : ", ") << "http " << http << std::endl;
    base::log_info("ready", {{"command", run_.command},
                             {"version", kVersion},
                             {"listens_on", listens},
                             {"http", http}});
  }

  const ServiceRun& run_;
  prometheus::Gauge& ready_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM, SIGHUP};
  bool told_to_stop_ = false;
  Starting starting_{[this] { return told_to_stop(); }};
  std::atomic<Stage> stage_{Stage::kStarting};
  std::unique_ptr<HttpServer> http_;
};

}  // namespace

void prepare(const ProcessSettings& settings) {
  // A file that may not grow is then an error of the write, as a full disk is, and not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  base::set_log_level(settings.log_level);
  rpc::take_over_library_logs();
  rpc::spare_library_lock_checks();
}

void fit_connections(rpc::ListenerOptions& connections) {
  const std::size_t files = raise_file_limit();
  if (files < kFewFiles) {
    base::log_warn(
        "this process may open few files; without more it may fail to start or let nobody in: "
        "raise the limit (ulimit -n, LimitNOFILE)",
        {{"open_files", files}, {"wanted", kFewFiles}});
  }
  const std::size_t most = std::max<std::size_t>(files / 2, 1);
  if (connections.max_connections <= most) return;
  base::log_warn(
      "fewer connections than max-connections are let in: the limit of open files is low",
      {{"max_connections", connections.max_connections}, {"let_in", most}, {"open_files", files}});
  connections.max_connections = most;
}

int explain(const std::string& command, const base::Error& error) {
  std::cerr << "armada-cache " << command << ": " << error.message << "\n";
  if (error.code == base::ErrorCode::kInvalidArgument) return 2;
  return error.code == base::ErrorCode::kAlreadyExists ? 3 : 1;
}

int run_service(const ServiceRun& run) {
  Life life(run);
  const Status started = life.start();
  const Status ran = started ? life.run() : started;
  const bool planned = ran || life.told_to_stop();
  life.stop();
  if (!planned) return explain(run.command, ran.error());
  base::log_info(started ? "stopped" : "stopped before it was ready");
  return 0;
}

}  // namespace armada_cache::app
