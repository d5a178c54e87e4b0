// What the program can be told to do. Each command reads its own settings and answers the process's
// exit status: 0 done or stopped by a signal, 1 failed, 2 wrong settings, 3 put out by another
// process that has taken its name: to start it again would only put out that one.
#pragma once

#include "app/settings/arguments.h"

namespace armada_cache::app {

// The whole cache in one process over an embedded log, until SIGTERM, SIGINT or SIGHUP
// (a terminal that closes; nothing is reloaded).
int run_standalone(const Arguments& arguments);

// The tiers as processes of their own, any number of each, over Apache Kafka, until the same.
int run_ingest(const Arguments& arguments);
int run_projector(const Arguments& arguments);
int run_query(const Arguments& arguments);

// Shows on the terminal, live, how many jobs of some job sets are in which state.
int run_show(const Arguments& arguments);

}  // namespace armada_cache::app
