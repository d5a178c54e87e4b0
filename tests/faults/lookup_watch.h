// Looks up jobs all the time, as a caller does who has a deadline and knows all queries, and notes
// what must not be.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tests/faults/fleet.h"
#include "tests/simulator/account.h"
#include "tests/support/account_check.h"
#include "tests/support/cache_client.h"

namespace armada_cache {

class LookupWatch {
 public:
  struct Options {
    std::chrono::milliseconds deadline = std::chrono::seconds(20);  // of a caller, retries and all
    std::chrono::milliseconds patience = std::chrono::seconds(8);   // with one query
    std::chrono::milliseconds renewal = std::chrono::seconds(1);    // of what jobs there are
    std::size_t batch = 40;
    int preferred = 0;  // the query that is asked first
    std::uint64_t seed = 1;
  };

  // The fleet must outlive it. `account` is called from its thread.
  LookupWatch(const Options& options, const Fleet& fleet,
              std::function<simulator::Account()> account);
  ~LookupWatch() { stop(); }
  LookupWatch(const LookupWatch&) = delete;
  LookupWatch& operator=(const LookupWatch&) = delete;

  // Any time: lookups that were answered, and jobs that were answered at least once.
  std::uint64_t answered() const { return answered_; }
  std::size_t jobs_seen() const { return jobs_seen_; }
  void stop();

  // After stop(). What was wrong, as it seemed at once or as the account tells in the end.
  test_support::Problems problems(const simulator::Account& account) const;
  std::uint64_t failed_over() const { return failed_over_; }
  std::chrono::milliseconds slowest() const { return slowest_; }

 private:
  using Ids = test_support::CacheClient::Ids;

  // What one life of one query told of a job.
  struct Told {
    int life = -1;
    int rank = 0;
    std::uint32_t steps_back = 0;
  };
  struct Seen {
    std::array<Told, Fleet::kQueries> told;
    std::uint32_t states = 0;      // a bit for each, whoever told it
    std::uint32_t steps_back = 0;  // the most that one life told
  };

  void run();
  void renew_jobs();
  Ids pick_known();
  Ids pick_new();
  // Whether there was an answer within the deadline; `error` says why not.
  bool look_up(const Ids& ids, std::string& error);
  void take(int query, int life, const api::JobStatusResponse& answer, const Ids& ids);
  void take_state(int query, int life, const std::string& id, int state);
  void note(const std::string& what);
  static std::string judge(const simulator::JobAccount& job, const Seen& seen);

  const Options options_;
  const Fleet& fleet_;
  const std::function<simulator::Account()> account_;
  std::vector<std::unique_ptr<test_support::CacheClient>> clients_;
  std::mt19937_64 random_;
  // Of the watch's thread.
  Ids known_;  // that were answered at least once, and those that were not
  Ids new_;
  std::unordered_map<std::string, Seen> seen_;
  std::array<int, Fleet::kQueries> reached_;  // the life of each that answered last
  test_support::Problems problems_;
  std::uint64_t failed_over_ = 0;
  std::chrono::milliseconds slowest_{0};

  std::atomic<std::uint64_t> answered_ = 0;
  std::atomic<std::size_t> jobs_seen_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace armada_cache
