// What the settings mean for each part.
#pragma once

#include "app/http_server.h"
#include "app/standalone_settings.h"
#include "core/eventlog/embedded/embedded_log.h"
#include "ingest/ingest.h"
#include "projector/options.h"
#include "query/query_server.h"

namespace armada_cache::app {

// `clock` must outlive the log.
eventlog::embedded::EmbeddedLogOptions log_options(const StandaloneSettings& settings,
                                                   const base::Clock& clock);
projector::Options projector_options(const StandaloneSettings& settings);
ingest::Options ingest_options(const StandaloneSettings& settings);
query::QueryOptions query_options(const StandaloneSettings& settings);
HttpServerOptions http_options(const StandaloneSettings& settings);

}  // namespace armada_cache::app
