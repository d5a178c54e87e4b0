#include "tests/bench/kafka/fail_over_fleet.h"
#include "tests/bench/kafka/measurements.h"

namespace armada_cache::bench {
namespace {

constexpr std::int64_t kMostRuns = 2;  // each takes the better part of a minute
constexpr double kTakenUpMs = 3'000;

Figure figure_of(const std::string& name, std::string note) {
  Figure figure;
  figure.name = name;
  figure.unit = "ms";
  figure.better = Better::kLower;
  figure.note = std::move(note);
  return figure;
}

// What callers went without, where one group has lost a projector.
class ProjectorFigures {
 public:
  ProjectorFigures(const std::string& what, const FailOverFleet& fleet)
      : both_(figure_of("no answer when a projector " + what + ", two replica groups", "")),
        one_(figure_of("the same, one group of two projectors",
                       "session " + std::to_string(fleet.session().count()) + " s, " +
                           std::to_string(fleet.jobs()) + " jobs in the log")) {}

  void add(const FailOverFleet::Callers& callers) {
    both_.runs.push_back(callers.of_both_groups.longest_gap_ms);
    one_.runs.push_back(callers.of_one_group.longest_gap_ms);
    failures_ += callers.of_both_groups.failures;
    both_.note = std::to_string(failures_) + " calls failed";
  }
  void append_to(std::vector<Figure>& figures) const {
    figures.insert(figures.end(), {both_, one_});
  }

 private:
  Figure both_, one_;
  std::uint64_t failures_ = 0;
};

}  // namespace

Figures measure_fail_over(const Context& context) {
  FailOverFleet fleet(context);
  ProjectorFigures killed("is killed", fleet), stopped("is stopped", fleet);
  Figure joins = figure_of("job sets without a relay when an ingest joins", "");
  Figure leaves = figure_of("the same when it stops", "");
  Figure dies = figure_of("the same when it is killed",
                          "session " + std::to_string(fleet.session().count()) + " s");
  Figure broker = figure_of("broker back to the next event visible", "one broker, killed");
  joins.aim = leaves.aim = kTakenUpMs;
  for (std::int64_t run = 0; run < std::min(context.options.runs, kMostRuns); ++run) {
    progress("a projector is killed, and stopped");
    killed.add(fleet.lose_projector(Ending::kKilled));
    stopped.add(fleet.lose_projector(Ending::kStopped));
    progress("an ingest joins and leaves");
    joins.runs.push_back(fleet.join_ingest());
    leaves.runs.push_back(fleet.lose_ingest(Ending::kStopped));
    joins.runs.push_back(fleet.join_ingest());
    dies.runs.push_back(fleet.lose_ingest(Ending::kKilled));
    progress("the broker is killed and started");
    broker.runs.push_back(fleet.restart_broker());
  }
  std::vector<Figure> figures;
  killed.append_to(figures);
  stopped.append_to(figures);
  figures.insert(figures.end(), {joins, leaves, dies, broker});
  return figures;
}

}  // namespace armada_cache::bench
