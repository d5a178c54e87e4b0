// The tiers as processes of their own.
#include "app/commands.h"
#include "app/ingest_process.h"
#include "app/projector_process.h"
#include "app/query_process.h"
#include "app/run_service.h"
#include "app/settings/load.h"

namespace armada_cache::app {
namespace {

void fit(IngestSettings&) {}
void fit(ProjectorSettings& values) {
  fit_connections(values.lookups.server.transport.connections);
}
void fit(QuerySettings& values) {
  fit_connections(values.query.server.transport.connections);
}

template <typename Tier, typename Values>
int run_tier(const std::string& command, const Arguments& arguments) {
  Values values;
  base::Settings settings;
  declare(values, settings);
  if (const auto status = load_or_explain(settings, arguments, command)) return *status;
  spread(values);
  if (const auto checked = check(values); !checked) return explain(command, checked.error());
  prepare(values.process);
  fit(values);
  base::Metrics metrics;
  Tier tier(values, metrics);
  return run_service({command, values.process, tier, metrics});
}

}  // namespace

int run_ingest(const Arguments& arguments) {
  return run_tier<IngestProcess, IngestSettings>("ingest", arguments);
}
int run_projector(const Arguments& arguments) {
  return run_tier<ProjectorProcess, ProjectorSettings>("projector", arguments);
}
int run_query(const Arguments& arguments) {
  return run_tier<QueryProcess, QuerySettings>("query", arguments);
}

}  // namespace armada_cache::app
