// Streams recorded from a real Armada, played through the whole path, give its real answers: a
// suite to be instantiated for each way to deploy a cache.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/cache_client.h"
#include "tests/support/deployment.h"
#include "tests/support/process.h"
#include "tests/support/recordings.h"
#include "tests/support/temp_dir.h"

namespace armada_cache {

enum class Follow { kBySubscribing, kByPollingJobService };

struct Run {
  bool snapshots = false;  // a snapshot is played instead of the full set of the same name
  Follow follow = Follow::kBySubscribing;
  test_support::Deploy deploy = test_support::deploy_standalone;
};

std::string name_of_run(const testing::TestParamInfo<Run>& info);

// A simulated Armada that plays recordings, and a cache that has followed them to their ends.
class PlayedCache {
 public:
  // Throws std::runtime_error where it does not get so far.
  explicit PlayedCache(const Run& run);

  const std::vector<test_support::RecordedAnswer>& answers() const { return answers_; }
  const test_support::CacheClient& client() const { return *client_; }

 private:
  void collect_recordings(bool snapshots);
  void start_armada();
  void follow(Follow how);
  void await_the_ends();

  test_support::TempDir folder_;
  std::set<base::JobSet> job_sets_;
  std::vector<test_support::RecordedAnswer> answers_;
  std::optional<test_support::Process> armada_;
  std::string armada_address_;
  std::unique_ptr<test_support::Deployment> cache_;
  std::optional<test_support::CacheClient> client_;
};

class WholePath : public testing::TestWithParam<Run> {
 protected:
  void SetUp() override;
  // The tests only ask: those of the same run share one, while they come one after another.
  static void TearDownTestSuite() { played_.reset(); }

  // Visits each job with what Armada answered; some occur in two recordings.
  template <typename Visit>
  void for_each_job(Visit visit) {
    for (const auto& answer : played_->answers()) {
      SCOPED_TRACE(answer.job_id);
      visit(answer);
    }
  }
  const test_support::CacheClient& client() const { return played_->client(); }

  static std::optional<api::JobDetails> armadas_details(const test_support::RecordedAnswer& answer);
  api::JobDetails our_details(const std::string& job_id, bool spec, bool runs);

 private:
  inline static std::unique_ptr<PlayedCache> played_;
  inline static std::string played_run_;
};

}  // namespace armada_cache
