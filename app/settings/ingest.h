// How job sets are followed.
#pragma once

#include "core/base/settings.h"
#include "ingest/ingest.h"

namespace armada_cache::app {

// Apart from how Armada is reached.
void declare(ingest::Options& options, base::Settings& settings);
base::Status check(const ingest::Options& options);

}  // namespace armada_cache::app
