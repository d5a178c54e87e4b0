#include "query/routing/routing_metrics.h"

namespace armada_cache::query {
namespace {

constexpr std::size_t kProjectorsMax = 1000;

}  // namespace

RoutingMetrics::RoutingMetrics(base::Metrics& metrics)
    : asked_(metrics.counter("query_projector_questions_total",
                             "Questions to projectors, by projector and result: ok, failed, behind "
                             "(what was answered before), lagging (behind the log)")),
      seconds_(metrics.histogram("query_projector_seconds",
                                 "Time until a projector's answer, by projector")),
      hedges_(metrics
                  .counter("query_hedges_total",
                           "Questions put to another copy because the first took long")
                  .Add({})),
      failovers_(metrics
                     .counter("query_failovers_total",
                              "Questions put to another copy because the first failed, lagged or "
                              "was behind")
                     .Add({})),
      waits_(metrics
                 .counter("query_catch_up_waits_total",
                          "Times that a question waited because every copy that can be reached is "
                          "behind what was answered before")
                 .Add({})) {}

RoutingMetrics::Figures RoutingMetrics::of(const std::string& asked) {
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(asked); found != known_.end()) return found->second;
  const std::string target = known_.size() < kProjectorsMax ? asked : "others";
  Figures& figures = known_[target];
  if (figures.answered == nullptr) {
    figures.answered = &asked_.Add({{"projector", target}, {"result", "ok"}});
    figures.failed = &asked_.Add({{"projector", target}, {"result", "failed"}});
    figures.behind = &asked_.Add({{"projector", target}, {"result", "behind"}});
    figures.lagged = &asked_.Add({{"projector", target}, {"result", "lagging"}});
    figures.seconds = &seconds_.Add({{"projector", target}}, base::latency_buckets());
  }
  return figures;
}

void RoutingMetrics::answered(const std::string& target, std::chrono::duration<double> after) {
  const Figures figures = of(target);
  figures.answered->Increment();
  figures.seconds->Observe(after.count());
}

void RoutingMetrics::failed(const std::string& target) {
  of(target).failed->Increment();
}

void RoutingMetrics::lagged(const std::string& target) {
  of(target).lagged->Increment();
}

void RoutingMetrics::behind(const std::string& target) {
  of(target).behind->Increment();
}

}  // namespace armada_cache::query
