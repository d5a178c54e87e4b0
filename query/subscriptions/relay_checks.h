// Job sets that began to be followed and whose relay is not known to have caught up: looked at
// again and again until it has.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/base/metrics.h"
#include "core/lookup/job_reader.h"
#include "query/answer/patience.h"

namespace armada_cache::query {

// Why a relay in that state may lack events, for people; "" where it does not.
std::string doubt_of_relay(const std::optional<lookup::RelayStatus>& relay);

// Thread-safe. Shared, since questions to the projection are answered at any time.
class RelayChecks final : public std::enable_shared_from_this<RelayChecks> {
 public:
  struct Options {
    std::chrono::milliseconds interval{20};
    std::size_t at_once = 256;
    // An owner that has said nothing for so long is asked to say how its relay is; again after a
    // pause that doubles each time.
    std::chrono::milliseconds ask_after = std::chrono::seconds(1);
    std::chrono::milliseconds ask_pause = std::chrono::seconds(2);
    std::chrono::milliseconds ask_pause_max = std::chrono::minutes(1);
  };
  // Whether anybody still wants the job set.
  using Wanted = std::function<bool(const base::JobSet&)>;
  // Has the relay's owner write its record. Whether it was asked: it may be too early.
  using Ask = std::function<bool(const base::JobSet&)>;

  RelayChecks(const Options& options, lookup::JobReader& reader, const base::Clock& clock,
              Later later, Wanted wanted, Ask ask, base::Metrics& metrics);

  // Only what the relay's owner writes from `since` on counts: an older record may be of an owner
  // that is no more. Of several times the latest.
  void add(const base::JobSet& job_set, base::Time since);
  // Asks no more.
  void stop();

  bool empty() const { return count_.load(std::memory_order_acquire) == 0; }
  // One of those not caught up, in words; "" for none.
  std::string any() const;
  bool contains(const base::JobSet& job_set) const;

 private:
  struct Unsettled {
    base::Time since;            // what is said of it counts from then on
    std::uint64_t addition = 0;  // the last one: what was seen before it decides nothing
    base::Time ask_at;
    std::chrono::milliseconds ask_pause{0};
  };
  // As it was when it was chosen to be looked at.
  struct Seen {
    base::JobSet job_set;
    base::Time since;
    std::uint64_t addition = 0;
  };

  void look();
  void judge(const std::vector<Seen>& chosen, const lookup::RelaysAnswer& answer);
  void look_later();
  // What comes after is told by the projection's own freshness.
  static bool has_settled(base::Time since, const std::optional<lookup::RelayStatus>& relay);
  void ask(const Seen& seen);
  // Unless it was added again since then.
  void remove(const Seen& seen);
  std::vector<Seen> next_ones();
  void count();

  const Options options_;
  lookup::JobReader& reader_;
  const base::Clock& clock_;
  const Later later_;
  const Wanted wanted_;
  const Ask ask_;
  prometheus::Gauge& gauge_;
  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::map<base::JobSet, Unsettled> unsettled_;
  std::uint64_t additions_ = 0;
  base::JobSet last_looked_at_;
  bool looking_ = false;
  bool stopped_ = false;
};

}  // namespace armada_cache::query
