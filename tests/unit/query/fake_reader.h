// A projection that holds what a test puts into it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "armada/api/job.pb.h"
#include "armada_cache/internal/v1/job_record.pb.h"
#include "armada_cache/internal/v1/records.pb.h"
#include "core/lookup/job_reader.h"

namespace armada_cache::query {

// Thread-safe. Answers at once on the asking thread, unless held back.
class FakeReader : public lookup::JobReader {
 public:
  struct Job {
    internal::v1::JobRecord record;
    std::string spec;
  };

  void put(const std::string& id, const base::JobSet& job_set, api::JobState state);
  void change(const std::string& id, const std::function<void(Job&)>& edit);
  void set_relay(const base::JobSet& job_set, internal::v1::RelayState state,
                 const std::string& error = "");
  // What its owner wrote last was at that time; otherwise it has just written it.
  void set_written(const base::JobSet& job_set, base::Time written);
  // What asked() answers, a part at a time.
  void set_asked(std::vector<base::JobSet> job_sets);
  // "" for certain again.
  void set_doubt(const std::string& doubt);
  // Fails what is asked, until given nothing.
  void set_error(std::optional<base::Error> error);
  // A page looks at so many jobs at the most.
  void set_list_scan(std::size_t jobs);
  // Keeps answers back until release().
  void hold();
  void release();

  int asked() const;  // how often for statuses or details
  int held() const;
  std::vector<std::size_t> id_counts() const;  // of each time statuses were asked for

  static constexpr std::int64_t kAsOfMillis = 1'800'000'000'123;

  void statuses(std::span<const std::string_view> ids, bool with_queues,
                Done<lookup::StatusAnswer> done) override;
  void details(std::vector<std::string> ids, bool with_spec,
               Done<lookup::DetailsAnswer> done) override;
  void list(lookup::ListRequest request, Done<lookup::ListAnswer> done) override;
  void summarize(base::JobSet job_set, Done<lookup::JobSetSummary> done) override;
  void relays(std::vector<base::JobSet> job_sets, Done<lookup::RelaysAnswer> done) override;
  void asked(lookup::AskedRequest request, Done<lookup::AskedAnswer> done) override;
  void active_queues(Done<lookup::ActiveQueuesAnswer> done) override;

 private:
  // Of anything, and of one job set; with the lock.
  lookup::Freshness freshness() const;
  lookup::Freshness freshness(const base::JobSet& job_set) const;
  template <typename Answer>
  void give(Answer answer, Done<Answer> done);

  mutable std::mutex mutex_;
  std::map<std::string, Job> jobs_;
  std::map<base::JobSet, lookup::RelayStatus> relays_;
  std::map<base::JobSet, base::Time> written_;
  std::vector<base::JobSet> asked_for_;
  std::string doubt_;
  std::optional<base::Error> error_;
  std::size_t list_scan_ = 1'000'000;
  bool holding_ = false;
  std::vector<std::function<void()>> held_;
  int asked_ = 0;
  std::vector<std::size_t> id_counts_;
};

}  // namespace armada_cache::query
