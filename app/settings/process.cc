#include "app/settings/process.h"

#include "app/settings/order.h"
#include "app/settings/ranges.h"

namespace armada_cache::app {

void declare(ProcessSettings& values, base::Settings& settings) {
  using base::LogLevel;
  settings.section("What it is");
  settings.add("log-level", values.log_level,
               {{"debug", LogLevel::kDebug},
                {"info", LogLevel::kInfo},
                {"warn", LogLevel::kWarn},
                {"error", LogLevel::kError}},
               "Least level of the lines on standard error.");
  settings.section("How it serves");
  settings.add("http-listen", values.http.listen,
               "HOST:PORT for operators: /livez, /readyz, /metrics.");
  settings.add("drain-timeout", values.drain_timeout, {0, 600'000},
               "How long SIGTERM waits for what was begun, in all parts together.");
  settings.rarely_needed();
  settings.add("http-max-connections", values.http.max_connections, {1, 10'000},
               "Connections of the port for operators.");
  settings.add("http-request-timeout", values.http.request_timeout, range::kPace,
               "How long a request on it may take.");
}

base::Status check(const ProcessSettings& values) {
  return check_address("http-listen", values.http.listen);
}

}  // namespace armada_cache::app
