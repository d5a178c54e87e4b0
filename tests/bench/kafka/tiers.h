// Tiers of the cache as processes of their own over a Kafka. Functions throw std::runtime_error
// where a process does not become ready or does not end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/context.h"
#include "tests/bench/kafka/kafka_under_test.h"
#include "tests/bench/lookup_figures.h"
#include "tests/support/cache_client.h"
#include "tests/support/tier_process.h"

namespace armada_cache::bench {

using Tier = std::unique_ptr<test_support::TierProcess>;

// `command` is ingest, projector or query. Ready when it returns.
Tier start_tier(const Context& context, const KafkaUnderTest& kafka, const std::string& command,
                std::vector<std::string> arguments = {});
// With its data in this folder of the scratch folder.
Tier start_projector(const Context& context, const KafkaUnderTest& kafka, const std::string& folder,
                     std::vector<std::string> arguments = {});
void stop_tier(Tier& tier);  // SIGTERM; gone when it returns
void kill_tier(Tier& tier);  // SIGKILL; the same

// What answers lookups: one projector, one query.
struct LookupTiers {
  Tier projector;
  Tier query;

  // For those who ask for the first so many jobs.
  Served served(std::uint64_t jobs) const;
};
LookupTiers start_lookup_tiers(const Context& context, const KafkaUnderTest& kafka);

// What brought some jobs as far as a state.
struct Filled {
  std::vector<std::uint64_t> last_jobs;  // of each partition
  std::uint64_t next_sequence = 0;
};

// Appends the events of job 0 to `jobs` - 1, until they run.
base::Result<Filled> fill_running_jobs(KafkaUnderTest& kafka, std::uint64_t jobs);

// Whether these jobs are answered with this state (api.JobState), all of them.
bool answers(const test_support::CacheClient& client, const test_support::CacheClient::Ids& ids,
             int state);
test_support::CacheClient::Ids ids_of(const std::vector<std::uint64_t>& jobs);

// Waits until the query process answers all of these jobs with this state. kDeadlineExceeded.
base::Status await_answers(const test_support::TierProcess& query,
                           const std::vector<std::uint64_t>& jobs, int state);

}  // namespace armada_cache::bench
