// Adds to the true events of a stream what a real one also holds: repeats, stragglers, events of
// others' jobs; and what it ought not to hold.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "tests/simulator/ids.h"
#include "tests/simulator/job_set_stream.h"
#include "tests/simulator/options.h"

namespace api {
class EventMessage;
}

namespace armada_cache::simulator {

// Not thread-safe.
class FaultInjector {
 public:
  FaultInjector(FaultOptions options, std::uint64_t seed)
      : options_(std::move(options)), random_(seed) {}

  // Appends to `parts`, which ends with `event`, what is to follow it in the stream of `job_set`.
  void follow(const base::JobSet& job_set, const api::EventMessage& event, base::Time now,
              std::vector<JobSetStream::Outgoing>& parts);

  // How many messages were added, by kind.
  const std::map<std::string, std::uint64_t>& injected() const { return injected_; }

 private:
  bool strikes(double probability, const char* kind);
  void follow_with_undecodable(const std::string& encoded,
                               std::vector<JobSetStream::Outgoing>& parts);
  api::EventMessage make_foreign(const base::JobSet& job_set, base::Time now);
  api::EventMessage make_late(const base::JobSet& job_set, const std::string& job_id,
                              base::Time now);
  void remember(const base::JobSet& job_set, const std::string& job_id);

  FaultOptions options_;
  Random random_;
  std::map<std::string, std::uint64_t> injected_;
  // Some recent jobs, for others to meddle with.
  std::array<std::pair<base::JobSet, std::string>, 64> recent_;
};

}  // namespace armada_cache::simulator
