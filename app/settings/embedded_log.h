// The log of one process, on its disk.
#pragma once

#include "core/base/settings.h"
#include "core/eventlog/embedded/embedded_log.h"

namespace armada_cache::app {

void declare(eventlog::embedded::EmbeddedLogOptions& options, base::Settings& settings);
base::Status check(const eventlog::embedded::EmbeddedLogOptions& options);

}  // namespace armada_cache::app
