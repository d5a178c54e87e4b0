#include "app/settings/show.h"

namespace armada_cache::app {

void declare(ShowSettings& values, base::Settings& settings) {
  settings.section("What to show");
  settings.add("cache", values.cache.target, "The cache's gRPC address.");
  settings.add("cache-tls", values.cache.tls, "Whether the connection to it is encrypted.");
  settings.add("cache-ca-file", values.cache.ca_file,
               "PEM file of the CAs to trust; empty: the system's.");
  settings.add("job-sets", values.job_sets,
               "QUEUE/JOBSET,... to subscribe to and show; empty: whatever is followed.");
  settings.add("headline", values.headline, "A line to stand above it.");
  settings.add("limit", values.limit, {1, 1000}, "Job sets shown where none are named.");
  settings.add("refresh", values.refresh, {100, 3'600'000}, "How often.");
  settings.add("for", values.total, {0, 86'400'000}, "How long; 0s: until stopped.");
}

}  // namespace armada_cache::app
