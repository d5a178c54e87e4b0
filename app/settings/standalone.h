// The settings of `armada-cache standalone`: each bound to the options of the part that it is for.
#pragma once

#include <chrono>
#include <filesystem>

#include "app/settings/armada.h"
#include "app/settings/embedded_log.h"
#include "app/settings/ingest.h"
#include "app/settings/process.h"
#include "app/settings/projector.h"
#include "app/settings/query.h"
#include "app/settings/topics.h"

namespace armada_cache::app {

struct StandaloneSettings {
  // For several parts: spread() hands them on.
  std::filesystem::path data_dir;
  TopicSettings topics;
  ArmadaCredentials credentials;
  std::chrono::milliseconds certainty_wait{250};

  ProcessSettings process;
  std::chrono::milliseconds start_timeout = std::chrono::minutes(1);
  eventlog::embedded::EmbeddedLogOptions log;
  projector::Options projector;
  ingest::Options ingest;
  query::QueryOptions query;
};

void declare(StandaloneSettings& values, base::Settings& settings);

// Once they are loaded: what several parts need to each of them.
void spread(StandaloneSettings& values);

// After spread().
base::Status check(const StandaloneSettings& values);

}  // namespace armada_cache::app
