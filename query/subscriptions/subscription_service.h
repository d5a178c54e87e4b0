// The subscriptions of all query servers: wishes go into armada.subscriptions, and what the topic
// says is what counts, for this server as for every other.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "core/lookup/job_reader.h"
#include "core/subscription/lease_book.h"
#include "core/topics/codecs.h"
#include "query/answer/patience.h"
#include "query/answer/relay_doubts.h"
#include "query/subscriptions/options.h"

namespace armada_cache::query {

// Thread-safe. Every `done` is called exactly once, on any thread, before stop() returns or never
// after. What it depends on must outlive it.
class SubscriptionService final : public RelayDoubts {
 public:
  using Name = topics::SubscriptionName;
  // When the lease ends.
  using Subscribed = std::function<void(base::Result<base::Time>)>;
  // Whether there was such a subscription.
  using Unsubscribed = std::function<void(base::Result<bool>)>;
  using Touched = std::function<void(base::Status)>;

  SubscriptionService(const SubscriptionOptions& options, eventlog::EventLog& log,
                      lookup::JobReader& reader, const base::Clock& clock, base::Metrics& metrics,
                      Later later);
  ~SubscriptionService() override;  // stops

  // Reads the topic from its start, in a thread of its own. kNotFound: the topic is missing.
  base::Status start();
  // Fails what is not done yet with kUnavailable.
  void stop();
  // Whether everything that was in the topic at start has been read. Until then any job may belong
  // to a job set that is followed.
  bool caught_up() const;

  // Both answer once the log has it and this server has read it back. kInvalidArgument names what
  // is wrong with the name; kResourceExhausted: too many subscriptions. Before caught_up() nothing
  // can be unsubscribed: kUnavailable.
  void subscribe(const Name& name, std::chrono::seconds lease, Subscribed done);
  void unsubscribe(const Name& name, Unsubscribed done);

  // A jobservice poll: subscribes, or renews the lease of all such polls once less than half of it
  // is left. Waits for the log only when the job set has no such lease yet.
  void touch(const base::JobSet& job_set, Touched done);

  // Live ones after `after`, of `only` where given, in order of queue, job set and subscriber.
  // kUnavailable before caught_up().
  base::Result<std::vector<subscription::Lease>> list(const std::optional<base::JobSet>& only,
                                                      const Name& after, std::size_t limit) const;

  std::string any() const override;
  std::string of(const base::JobSet& job_set) const override;
  void wake(std::span<const base::JobSet> resting) override;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace armada_cache::query
