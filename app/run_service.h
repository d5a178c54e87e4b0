// The life of every long-running command.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "app/service.h"
#include "app/settings/process.h"
#include "core/base/metrics.h"
#include "core/rpc/listener.h"

namespace armada_cache::app {

struct ServiceRun {
  std::string command;
  const ProcessSettings& settings;
  Service& service;
  base::Metrics& metrics;
  // Not ready after it: that is an error. None: as long as it takes.
  std::optional<std::chrono::milliseconds> start_timeout{};
};

// Before anything else: the log level, and where libraries' lines go.
void prepare(const ProcessSettings& settings);

// Raises the limit of open files; clients must not take those that databases need.
void fit_connections(rpc::ListenerOptions& connections);

// The error on standard error, and the exit status that it means.
int explain(const std::string& command, const base::Error& error);

// Opens the port for operators, starts the service, prints one line when it is ready, and drains it
// on SIGTERM, SIGINT or SIGHUP. The exit status.
int run_service(const ServiceRun& run);

}  // namespace armada_cache::app
