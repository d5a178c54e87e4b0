#include "core/subscription/lease_book.h"

#include <algorithm>

#include "armada_cache/internal/v1/records.pb.h"

namespace armada_cache::subscription {

using base::JobSet;
using base::Time;
using topics::SubscriptionName;

void LeaseBook::apply(const SubscriptionName& name,
                      const std::optional<internal::v1::SubscriptionRecord>& record) {
  if (record) {
    job_sets_[name.job_set].insert_or_assign(
        name.subscriber, Entry{base::from_unix_micros(record->lease_expires_us()),
                               base::from_unix_micros(record->created_us()), record->origin()});
    return;
  }
  const auto job_set = job_sets_.find(name.job_set);
  if (job_set == job_sets_.end()) return;
  job_set->second.erase(name.subscriber);
  if (job_set->second.empty()) job_sets_.erase(job_set);
}

bool LeaseBook::remove_ended(const SubscriptionName& name, Time end) {
  const Entry* entry = entry_of(name);
  if (entry == nullptr) return false;
  if (entry->expires_at > end) return true;
  apply(name, std::nullopt);
  return false;
}

bool LeaseBook::is_live(const JobSet& job_set, Time now) const {
  const auto found = job_sets_.find(job_set);
  return found != job_sets_.end() && std::ranges::any_of(found->second, [now](const auto& entry) {
           return now < entry.second.expires_at;
         });
}

bool LeaseBook::is_live(const SubscriptionName& name, Time now) const {
  const Entry* entry = entry_of(name);
  return entry != nullptr && now < entry->expires_at;
}

std::vector<JobSet> LeaseBook::live_job_sets(Time now) const {
  std::vector<JobSet> live;
  for (const auto& [job_set, subscribers] : job_sets_) {
    if (is_live(job_set, now)) live.push_back(job_set);
  }
  return live;
}

std::optional<Time> LeaseBook::next_expiry(Time now) const {
  std::optional<Time> next;
  for (const auto& [job_set, subscribers] : job_sets_) {
    for (const auto& [subscriber, entry] : subscribers) {
      if (now < entry.expires_at && (!next || entry.expires_at < *next)) next = entry.expires_at;
    }
  }
  return next;
}

std::optional<Lease> LeaseBook::find(const SubscriptionName& name) const {
  const Entry* entry = entry_of(name);
  if (entry == nullptr) return std::nullopt;
  return Lease{name, entry->expires_at, entry->created_at, entry->origin};
}

std::vector<Lease> LeaseBook::leases_of(const JobSet& job_set) const {
  std::vector<Lease> leases;
  const auto found = job_sets_.find(job_set);
  if (found == job_sets_.end()) return leases;
  for (const auto& [subscriber, entry] : found->second) {
    leases.push_back({{job_set, subscriber}, entry.expires_at, entry.created_at, entry.origin});
  }
  return leases;
}

std::vector<Lease> LeaseBook::live_after(const SubscriptionName& after, Time now,
                                         std::size_t limit) const {
  std::vector<Lease> live;
  for (auto at = job_sets_.lower_bound(after.job_set); at != job_sets_.end(); ++at) {
    const auto& [job_set, subscribers] = *at;
    for (const auto& [subscriber, entry] : subscribers) {
      if (job_set == after.job_set && subscriber <= after.subscriber) continue;
      if (live.size() == limit) return live;
      if (entry.expires_at <= now) continue;
      live.push_back({{job_set, subscriber}, entry.expires_at, entry.created_at, entry.origin});
    }
  }
  return live;
}

std::vector<SubscriptionName> LeaseBook::ended_before(Time moment, std::size_t limit) const {
  std::vector<SubscriptionName> ended;
  for (const auto& [job_set, subscribers] : job_sets_) {
    for (const auto& [subscriber, entry] : subscribers) {
      if (ended.size() == limit) return ended;
      if (entry.expires_at < moment) ended.push_back({job_set, subscriber});
    }
  }
  return ended;
}

const LeaseBook::Entry* LeaseBook::entry_of(const SubscriptionName& name) const {
  const auto job_set = job_sets_.find(name.job_set);
  if (job_set == job_sets_.end()) return nullptr;
  const auto entry = job_set->second.find(name.subscriber);
  return entry == job_set->second.end() ? nullptr : &entry->second;
}

}  // namespace armada_cache::subscription
