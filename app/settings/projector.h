// What is kept, and how it is read.
#pragma once

#include "core/base/settings.h"
#include "projector/options.h"

namespace armada_cache::app {

void declare(projector::Options& options, base::Settings& settings);
base::Status check(const projector::Options& options);

}  // namespace armada_cache::app
