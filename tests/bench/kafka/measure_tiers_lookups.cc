#include "armada/api/job.pb.h"
#include "tests/bench/cpu.h"
#include "tests/bench/kafka/measurements.h"
#include "tests/bench/kafka/tiers.h"

namespace armada_cache::bench {
namespace {

constexpr std::uint64_t kMostJobs = 200'000;
constexpr double kOfBestEcho = 0.75;
constexpr int kManyCallers = 50;  // for fewer there is no aim
constexpr double kIdsASecond = 1e6;
constexpr char kPrefix[] = "query + projector: ";

}  // namespace

Figures measure_tiers_lookups(const Context& context) {
  const auto jobs = std::min<std::uint64_t>(context.options.jobs, kMostJobs);
  KafkaUnderTest kafka;
  const auto filled = fill_running_jobs(kafka, jobs);
  if (!filled) return tl::unexpected(filled.error());
  const LookupTiers tiers = start_lookup_tiers(context, kafka);
  if (auto shown = await_answers(*tiers.query, filled->last_jobs, api::RUNNING); !shown) {
    return tl::unexpected(shown.error());
  }
  await_idle(
      {tiers.projector->process().pid(), tiers.query->process().pid(), kafka.cluster().pid(0)});
  std::vector<Figure> figures;
  for (const int callers : {1, 50, 200}) {
    const auto aim = callers >= kManyCallers ? std::optional(kOfBestEcho) : std::nullopt;
    const auto done = measure_single_lookups(context, tiers.served(jobs), callers, aim, figures);
    if (!done) return tl::unexpected(done.error());
  }
  for (const int ids : {100, 500}) {
    const auto aim = ids == 100 ? std::optional(kIdsASecond) : std::nullopt;
    const auto done = measure_batched_lookups(context, tiers.served(jobs), ids, aim, figures);
    if (!done) return tl::unexpected(done.error());
  }
  for (Figure& figure : figures) figure.name = kPrefix + figure.name;
  return figures;
}

}  // namespace armada_cache::bench
