#include "tests/unit/core/job/history.h"

#include <array>
#include <string>
#include <string_view>

#include "tests/unit/core/job/story.h"

namespace armada_cache::job {
namespace {

template <std::size_t N>
std::string_view one_of(const std::array<std::string_view, N>& choices, Random& random) {
  return choices[random() % N];
}

constexpr std::array<std::string_view, 6> kReports = {
    "",
    "pending",
    "pending running",
    "pending running pending running",
    "pending running newpod pending running ingress_info",
    "pending utilisation running utilisation ingress_info",
};

constexpr std::array<std::string_view, 7> kRunEnds = {
    "lease_returned",
    "lease_expired failed:retryable",
    "failed:retryable",
    "lease_returned failed:retryable",
    "preempted failed:retryable",
    "lease_returned pending",
    "lease_expired failed:retryable running lease_returned",
};

constexpr std::array<std::string_view, 7> kEnds = {
    "succeeded",
    "failed",
    "cancelling cancelled",
    "preempting preempted failed",
    "failed:rejected",
    "lease_expired failed",
    "cancelled",
};

constexpr std::array<std::string_view, 11> kLate = {
    "pending",    "running",          "lease_returned", "cancelling",
    "preempting", "utilisation",      "ingress_info",   "reprioritizing",
    "cancelled",  "preempted failed", "succeeded",
};

constexpr std::array<std::string_view, 4> kAsides = {"", "reprioritizing reprioritized",
                                                     "preempting", "cancelling"};
constexpr std::array<std::string_view, 2> kLeases = {"leased@a", "leased@b"};

bool ends_job(const api::EventMessage& event) {
  return event.has_succeeded() || event.has_cancelled() ||
         (event.has_failed() && !event.failed().retryable());
}

}  // namespace

History random_history(Random& random) {
  Story story;
  story.tell("submitted queued").tell(one_of(kAsides, random));
  for (std::size_t runs = random() % 4; runs > 0; --runs) {
    story.tell(one_of(kLeases, random)).tell(one_of(kReports, random));
    story.tell(one_of(kAsides, random));
    if (runs > 1) story.tell(one_of(kRunEnds, random));
  }
  story.tell(one_of(kEnds, random));
  for (std::size_t late = random() % 4; late > 0; --late) story.tell(one_of(kLate, random));
  History history{story.events(), 0};
  while (!ends_job(history.events[history.end])) ++history.end;
  return history;
}

std::vector<api::EventMessage> with_repeats(const std::vector<api::EventMessage>& events,
                                            Random& random) {
  std::vector<api::EventMessage> repeated;
  for (std::size_t i = 0; i < events.size(); ++i) {
    repeated.push_back(events[i]);
    if (events[i].has_preempted()) continue;
    for (std::size_t copies = random() % 3; copies > 0; --copies) {
      std::size_t from = random() % (i + 1);
      // A preemption is repeated with its failure, as one batch of the scheduler's.
      if (from > 0 && events[from - 1].has_preempted()) --from;
      repeated.push_back(events[from]);
      if (events[from].has_preempted()) repeated.push_back(events[from + 1]);
    }
  }
  return repeated;
}

}  // namespace armada_cache::job
