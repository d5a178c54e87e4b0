#include "app/commands.h"
#include "app/run_service.h"
#include "app/settings/load.h"
#include "app/standalone.h"
#include "core/base/log.h"

namespace armada_cache::app {
namespace {

std::string time_text(std::chrono::milliseconds time) {
  return base::number_text(time.count(), base::Unit::kMillis);
}

// The log is what a projection is rebuilt from.
void tell_of_short_retention(const StandaloneSettings& values) {
  const auto jobs =
      std::chrono::duration_cast<std::chrono::milliseconds>(values.projector.retention);
  if (values.topics.event_retention >= jobs) return;
  base::log_info(
      "the log keeps events for less time than jobs are known: a projection that must be rebuilt "
      "lacks the jobs of older events",
      {{"event_retention", time_text(values.topics.event_retention)},
       {"job_retention", time_text(jobs)}});
}

}  // namespace

int run_standalone(const Arguments& arguments) {
  StandaloneSettings values;
  base::Settings settings;
  declare(values, settings);
  if (const auto status = load_or_explain(settings, arguments, "standalone")) return *status;
  spread(values);
  if (const auto checked = check(values); !checked) return explain("standalone", checked.error());
  prepare(values.process);
  fit_connections(values.query.server.transport.connections);
  tell_of_short_retention(values);
  base::Metrics metrics;
  Standalone standalone(values, metrics);
  return run_service({"standalone", values.process, standalone, metrics, values.start_timeout});
}

}  // namespace armada_cache::app
