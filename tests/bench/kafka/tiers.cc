#include "tests/bench/kafka/tiers.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "tests/bench/job_ids.h"
#include "tests/bench/log_filler.h"
#include "tests/support/eventually.h"

namespace armada_cache::bench {
namespace {

constexpr std::chrono::seconds kPatience{60};

void end_tier(Tier& tier, int signal) {
  tier->process().send(signal);
  if (!tier->process().wait_for_exit(kPatience)) {
    throw std::runtime_error("a process does not end: " + tier->process().standard_error());
  }
  tier.reset();
}

}  // namespace

Tier start_tier(const Context& context, const KafkaUnderTest& kafka, const std::string& command,
                std::vector<std::string> arguments) {
  for (const std::string& argument : kafka.arguments()) arguments.push_back(argument);
  arguments.emplace_back("--log-level=error");
  auto tier = std::make_unique<test_support::TierProcess>(
      test_support::TierOptions{command, std::move(arguments), context.scratch});
  tier->wait_until_ready();
  return tier;
}

Tier start_projector(const Context& context, const KafkaUnderTest& kafka, const std::string& folder,
                     std::vector<std::string> arguments) {
  arguments.push_back("--data-dir=" + (context.scratch / folder).string());
  return start_tier(context, kafka, "projector", std::move(arguments));
}

void stop_tier(Tier& tier) {
  end_tier(tier, SIGTERM);
}

void kill_tier(Tier& tier) {
  end_tier(tier, SIGKILL);
}

Served LookupTiers::served(std::uint64_t jobs) const {
  return {{query->grpc_address(),
           {{"query", query->process().pid()}, {"projector", projector->process().pid()}},
           true},
          jobs};
}

LookupTiers start_lookup_tiers(const Context& context, const KafkaUnderTest& kafka) {
  LookupTiers tiers;
  tiers.projector = start_projector(context, kafka, "projector");
  tiers.query = start_tier(context, kafka, "query");
  return tiers;
}

base::Result<Filled> fill_running_jobs(KafkaUnderTest& kafka, std::uint64_t jobs) {
  progress("appending the events of " + std::to_string(jobs) + " running jobs");
  LogFiller filler(kafka.log(), kPartitions);
  fill_adjacent(filler, {0, jobs}, {Step::kSubmitted, Step::kLeased, Step::kRunning});
  if (auto filled = filler.finish(); !filled) return tl::unexpected(filled.error());
  return Filled{filler.last_jobs(), filler.next_sequence()};
}

bool answers(const test_support::CacheClient& client, const test_support::CacheClient::Ids& ids,
             int state) {
  const auto answer = client.statuses(ids);
  const auto& states = answer.message.job_states();
  return answer.ok() && std::ranges::all_of(ids, [&](const std::string& id) {
           const auto found = states.find(id);
           return found != states.end() && found->second == state;
         });
}

test_support::CacheClient::Ids ids_of(const std::vector<std::uint64_t>& jobs) {
  test_support::CacheClient::Ids ids;
  for (const std::uint64_t job : jobs) ids.push_back(job_id(job));
  return ids;
}

base::Status await_answers(const test_support::TierProcess& query,
                           const std::vector<std::uint64_t>& jobs, int state) {
  const test_support::CacheClient::Ids ids = ids_of(jobs);
  const test_support::CacheClient client(query.grpc_address());
  if (test_support::eventually(kPatience, [&] { return answers(client, ids, state); })) return {};
  return base::fail(base::ErrorCode::kDeadlineExceeded,
                    "query does not show the jobs in state " + std::to_string(state) + " after " +
                        std::to_string(kPatience.count()) + " s");
}

}  // namespace armada_cache::bench
