// What every long-running command is told.
#pragma once

#include <chrono>

#include "app/settings/http.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/settings.h"

namespace armada_cache::app {

struct ProcessSettings {
  base::LogLevel log_level = base::LogLevel::kInfo;
  HttpServerOptions http;
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
};

// `values` must outlive `settings`, here and in every declare().
void declare(ProcessSettings& values, base::Settings& settings);
// kInvalidArgument names the settings at odds, here and in every check().
base::Status check(const ProcessSettings& values);

}  // namespace armada_cache::app
