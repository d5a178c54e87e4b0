#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <iostream>
#include <limits>

#include "app/commands.h"
#include "app/settings.h"
#include "app/standalone.h"
#include "app/version.h"
#include "core/base/log.h"
#include "core/rpc/library_log.h"

namespace armada_cache::app {
namespace {

constexpr std::chrono::seconds kTrimInterval{30};

base::LogLevel level_named(const std::string& name) {
  if (name == "debug") return base::LogLevel::kDebug;
  if (name == "warn") return base::LogLevel::kWarn;
  if (name == "error") return base::LogLevel::kError;
  return base::LogLevel::kInfo;
}

// As high as it may be: connections and the databases' files count against it. What it is then.
std::int64_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::int64_t>(
      std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<std::int64_t>::max()));
}

// Clients must not take the files that the databases need.
void fit_connections(StandaloneSettings& values, std::int64_t files) {
  const std::int64_t most = std::max<std::int64_t>(files / 2, 1);
  if (values.max_connections <= most) return;
  base::log_warn(
      "fewer connections than max-connections are let in: the limit of open files is low",
      {{"max_connections", values.max_connections}, {"let_in", most}, {"open_files", files}});
  values.max_connections = most;
}

// The log is what a projection is rebuilt from.
void tell_of_short_retention(const StandaloneSettings& values) {
  if (values.event_retention >= values.job_retention) return;
  base::log_info(
      "the log keeps events for less time than jobs are known: a projection that must be rebuilt "
      "lacks the jobs of older events",
      {{"event_retention", base::text_of(values.event_retention)},
       {"job_retention", base::text_of(values.job_retention)}});
}

int explain(const base::Error& error) {
  std::cerr << "armada-cache standalone: " << error.message << "\n";
  return error.code == base::ErrorCode::kInvalidArgument ? 2 : 1;
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

}  // namespace

int run_standalone(const Arguments& arguments) {
  StandaloneSettings values;
  base::Settings settings;
  declare(values, settings);
  if (const auto status = load_or_explain(settings, arguments, "standalone")) return *status;
  base::set_log_level(level_named(values.log_level));
  rpc::take_over_library_logs();
  fit_connections(values, raise_file_limit());

  tell_of_short_retention(values);

  // Before any thread starts, so that a signal during the start is not lost.
  boost::asio::io_context context{1};
  boost::asio::signal_set signals(context, SIGINT, SIGTERM, SIGHUP);
  bool told_to_stop = false;
  signals.async_wait([&](auto, int) { told_to_stop = true; });
  const auto give_up = [&] {
    context.poll();
    return told_to_stop;
  };

  auto cache = Standalone::start(values, give_up);
  if (!cache && told_to_stop) {
    base::log_info("stopped before it was ready");
    return 0;
  }
  if (!cache) return explain(cache.error());
  std::cout << "armada-cache standalone ready: grpc " << (*cache)->grpc_address() << ", http "
            << (*cache)->http_address() << std::endl;
  base::log_info("ready", {{"version", kVersion},
                           {"armada", values.armada},
                           {"data_dir", values.data_dir},
                           {"grpc", (*cache)->grpc_address()},
                           {"http", (*cache)->http_address()}});
  boost::asio::steady_timer trimming(context);
  trim_memory(trimming);
  while (!told_to_stop) context.run_one();
  base::log_info("stopping");
  (*cache)->stop();
  base::log_info("stopped");
  return 0;
}

}  // namespace armada_cache::app
