// All relays of this process: starts one for each job set that somebody wants, and ends it with the
// last lease.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/base/job_set.h"
#include "core/eventlog/event_log.h"
#include "core/subscription/lease_book.h"
#include "core/topics/codecs.h"
#include "ingest/pulse_writer.h"
#include "ingest/record_writer.h"
#include "ingest/relay.h"
#include "ingest/turn_queue.h"
#include "ingest/wake_queue.h"

namespace armada_cache::ingest {

struct HubOptions {
  // With a relay. More wait, and those that Armada does not have, refuses or lets rest give way to
  // them: then they only have one in turns, for another look.
  std::size_t max_job_sets = 2'500;
  // Leases that ended so long ago are removed from armada.subscriptions.
  base::Duration forget_leases_after = std::chrono::hours(1);
  // Job sets that were stopped so long ago are removed from armada.relays, cursor and all: who
  // subscribes to one after that has its stream read from the start.
  base::Duration relay_retention = std::chrono::hours(24 * 7);
  base::Duration forget_interval = std::chrono::minutes(1);    // between looks for such
  base::Duration lease_check_pause = std::chrono::seconds(1);  // between looks for ended leases
  std::size_t forgotten_at_once = 1000;
  RecordWriterOptions records{};
  // How often each partition's pulse is written; 0: never.
  base::Duration pulse_interval{};
};

// Everything happens on the relays' thread. Outlived by the services, whose `changed` it sets.
class RelayHub {
 public:
  RelayHub(HubOptions options, RelayServices& services, std::uint64_t seed);
  ~RelayHub();

  // These partitions are ours, perhaps again; before what they hold is restored. Their relay
  // records get this generation, or one more than the highest that is restored, whichever is
  // higher.
  void take(const std::set<eventlog::Partition>& partitions, std::int64_t generation);
  // What a partition's relay records say; before the subscriptions of that partition.
  void restore(const base::JobSet& job_set, StoredRelay stored);
  // Likewise, for a tombstone of that generation's owner; without one it counts always.
  void forget(const base::JobSet& job_set, std::optional<std::int64_t> by);
  // Records of subscriptions are taken in without effect until go(): first read to the end.
  void on_subscription(const topics::SubscriptionName& name,
                       const std::optional<internal::v1::SubscriptionRecord>& record);
  // A tombstone that removes a lease which ended by `end`; a later one is written anew.
  void on_removal(const topics::SubscriptionName& name, base::Time end);
  // Everything restored is read: brings the relays in line with the leases, and from here on at
  // each record.
  void go();

  // Lets go of the job sets of these partitions. `lost`: somebody else may have had them meanwhile;
  // nothing more is written of them.
  void revoke(const std::set<eventlog::Partition>& partitions, bool lost = false);
  // Lets go of everything.
  void release_all();
  // Drops what is left, acknowledged or not.
  void drop_all();
  // No relay is left, with what it had appended acknowledged; once let go of everything, no record
  // either.
  bool is_idle() const { return relays_.empty() && (going_ || records_.is_idle()); }

  void on_time();
  std::optional<base::Time> next_wake() const;

  std::optional<RelayStatus> status_of(const base::JobSet& job_set) const;

 private:
  void on_changed(Relay& relay);
  void remove_finished();
  void refresh(const base::JobSet& job_set);
  // What somebody wrote may be a question how the relay is: has the record written.
  void refresh_and_tell(const base::JobSet& job_set);
  void refresh_all();
  bool is_wanted(const base::JobSet& job_set) const;
  void admit(const base::JobSet& job_set);
  void turn_away(const base::JobSet& job_set);
  void begin(const base::JobSet& job_set);
  void refresh_turn(const base::JobSet& job_set, bool wanted);
  void fill_places();
  void give_way(Relay& relay);
  base::Duration pause_before_look(const RelayStatus& status);
  void hurry_overdue(base::Time now);
  std::optional<base::Time> next_turn() const;
  void admit_doubt(const base::JobSet& job_set);
  void let_go_of_turns(const std::function<bool(const base::JobSet&)>& chosen, bool silently);
  void drop(const std::function<bool(const base::JobSet&)>& chosen);
  void write_pulses();
  void count_turn(const base::JobSet& job_set);
  void write_stopped(const base::JobSet& job_set);
  void write_stored(const base::JobSet& job_set, RelayStatus status);
  void write_again(const topics::SubscriptionName& name);
  void write(std::string_view topic, const base::JobSet& job_set, eventlog::Record record);
  void check_leases();
  void stop_unwanted(base::Time now);
  void forget_old(base::Time now);
  // How many.
  std::size_t forget_leases(base::Time now);
  std::size_t forget_stopped(base::Time now);
  eventlog::Partition partition_of(const base::JobSet& job_set) const;
  RelayStatus stored_status(const base::JobSet& job_set) const;
  std::int64_t generation_of(const base::JobSet& job_set) const;

  const HubOptions options_;
  RelayServices& services_;
  std::mt19937_64 random_;
  subscription::LeaseBook leases_;
  std::unordered_map<base::JobSet, StoredRelay> stored_;  // of job sets without a relay
  std::unordered_map<base::JobSet, std::shared_ptr<Relay>> relays_;
  TurnQueue turns_;           // wanted, without a relay or with one that gives way
  std::set<Relay*> idle_;     // could give way
  std::set<Relay*> leaving_;  // are ending
  std::unordered_map<base::JobSet, RelayCount> counts_;  // of those without a relay
  std::set<topics::SubscriptionName> overwritten_;  // leases whose last record is a lost tombstone
  RecordWriter records_;
  PulseWriter pulses_;
  std::set<eventlog::Partition> revoked_;
  std::vector<base::JobSet> finished_;
  WakeQueue<Relay*> wakes_;
  std::optional<base::Time> lease_check_;
  std::optional<base::Time> forget_check_;
  bool going_ = false;
};

}  // namespace armada_cache::ingest
