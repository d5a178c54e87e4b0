#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <iostream>

#include "app/commands.h"
#include "app/settings.h"
#include "app/standalone.h"
#include "app/version.h"
#include "core/base/log.h"

namespace armada_cache::app {
namespace {

base::LogLevel level_named(const std::string& name) {
  if (name == "debug") return base::LogLevel::kDebug;
  if (name == "warn") return base::LogLevel::kWarn;
  if (name == "error") return base::LogLevel::kError;
  return base::LogLevel::kInfo;
}

// A gRPC server that runs out of file descriptors stops listening for good (CVE-2023-4785).
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int explain(const base::Error& error) {
  std::cerr << "armada-cache standalone: " << error.message << "\n";
  return error.code == base::ErrorCode::kInvalidArgument ? 2 : 1;
}

}  // namespace

int run_standalone(const Arguments& arguments) {
  StandaloneSettings values;
  base::Settings settings;
  declare(values, settings);
  if (const auto status = load_or_explain(settings, arguments, "standalone")) return *status;
  base::set_log_level(level_named(values.log_level));
  raise_file_limit();

  // Before any thread starts, so that a signal during the start is not lost.
  boost::asio::io_context context{1};
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
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
  context.run();
  base::log_info("stopping");
  (*cache)->stop();
  base::log_info("stopped");
  return 0;
}

}  // namespace armada_cache::app
