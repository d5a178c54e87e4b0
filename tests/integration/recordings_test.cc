// Streams recorded from a real Armada, played through the whole path, give its real answers.
#include "tests/support/recordings.h"

#include <google/protobuf/util/message_differencer.h>

#include <filesystem>
#include <set>

#include "tests/support/answer_comparison.h"
#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::filesystem::path;
using test_support::CacheClient;
using test_support::CacheProcess;
using test_support::eventually;
using test_support::RecordedAnswer;

enum class Follow { kBySubscribing, kByPollingJobService };

struct Run {
  bool snapshots = false;  // a snapshot is played instead of the full set of the same name
  Follow follow = Follow::kBySubscribing;
};

bool is_snapshot(const path& recording) {
  return recording.stem().string().find(".snap-") != std::string::npos;
}

JobSet job_set_of(const path& recording) {
  const std::string stem = recording.stem().string();
  const auto parting = stem.find("__");
  const std::string name = stem.substr(parting + 2);
  return {stem.substr(0, parting), name.substr(0, name.find(".snap-"))};
}

class WholePath : public test_support::EndToEnd, public testing::WithParamInterface<Run> {
 protected:
  void SetUp() override {
    collect_recordings();
    start_armada();
    cache_.emplace(options(armada_address_));
    client_.emplace(cache_->grpc_address());
    for (const JobSet& job_set : job_sets_) follow(job_set);
    const bool caught_up = eventually(kLong, [&] {
      return std::all_of(job_sets_.begin(), job_sets_.end(),
                         [&](const JobSet& job_set) { return client_->caught_up(job_set); });
    });
    ASSERT_TRUE(caught_up) << cache_->process().standard_error();
  }

  void collect_recordings() {
    const path folder = folder_.path() / "play";
    std::filesystem::create_directory(folder);
    for (const path& one : test_support::list_recordings(path(TEST_DATA_DIR) / "recordings")) {
      if (is_snapshot(one) != GetParam().snapshots) continue;
      std::filesystem::copy_file(one, folder / one.filename());
      ASSERT_TRUE(job_sets_.insert(job_set_of(one)).second) << one;
      for (auto& answer : test_support::read_answers(test_support::answers_of(one))) {
        answers_.push_back(std::move(answer));
      }
    }
    ASSERT_FALSE(answers_.empty());
  }

  void start_armada() {
    const test_support::Command command{
        test_support::program("armada-sim"),
        {"--listen=127.0.0.1:0", "--play=" + (folder_.path() / "play").string()},
        {}};
    armada_.emplace(command, folder_.path());
    const auto ready = armada_->wait_for_line("ready", kLong);
    ASSERT_TRUE(ready) << armada_->standard_error();
    armada_address_ = test_support::addresses_in(*ready).at(0);
  }

  void follow(const JobSet& job_set) {
    if (GetParam().follow == Follow::kByPollingJobService) {
      client_->poll(job_set, answers_.front().job_id);
      return;
    }
    const auto answer = client_->subscribe(job_set, "recordings-test");
    ASSERT_TRUE(answer.ok()) << answer.error;
  }

  // Visits each job once with what Armada answered; some occur in two recordings.
  template <typename Visit>
  void for_each_job(Visit visit) {
    for (const RecordedAnswer& answer : answers_) {
      SCOPED_TRACE(answer.job_id);
      visit(answer);
    }
  }

  static std::optional<api::JobDetails> armadas_details(const RecordedAnswer& answer) {
    api::JobDetailsResponse response;
    EXPECT_TRUE(response.ParseFromString(answer.details_response));
    const auto found = response.job_details().find(answer.job_id);
    if (found == response.job_details().end()) return std::nullopt;
    return found->second;
  }
  api::JobDetails our_details(const std::string& job_id, bool spec, bool runs) {
    const auto answer = client_->details({job_id}, spec, runs);
    EXPECT_TRUE(answer.ok()) << answer.error;
    const auto found = answer.message.job_details().find(job_id);
    return found == answer.message.job_details().end() ? api::JobDetails() : found->second;
  }

  std::set<JobSet> job_sets_;
  std::vector<RecordedAnswer> answers_;
  std::optional<test_support::Process> armada_;
  std::string armada_address_;
  std::optional<CacheProcess> cache_;
  std::optional<CacheClient> client_;
};

TEST_P(WholePath, EveryStatusIsArmadas) {
  for_each_job([&](const RecordedAnswer& answer) {
    const auto ours = client_->statuses({answer.job_id});
    ASSERT_TRUE(ours.ok()) << ours.error;
    EXPECT_EQ(ours.message.job_states().at(answer.job_id), answer.status);
  });
}

TEST_P(WholePath, EveryErrorIsArmadas) {
  for_each_job([&](const RecordedAnswer& answer) {
    const auto ours = client_->errors({answer.job_id});
    ASSERT_TRUE(ours.ok()) << ours.error;
    const auto found = ours.message.job_errors().find(answer.job_id);
    ASSERT_EQ(found != ours.message.job_errors().end(), answer.has_error);
    if (answer.has_error) {
      EXPECT_EQ(test_support::compare_errors(answer.error, found->second, answer.status), "");
    }
  });
}

TEST_P(WholePath, AllDetailsAreArmadasButForTheListedDifferences) {
  for_each_job([&](const RecordedAnswer& answer) {
    const auto armadas = armadas_details(answer);
    const auto ours = our_details(answer.job_id, true, true);
    ASSERT_EQ(armadas.has_value(), !ours.job_id().empty());
    if (armadas) {
      EXPECT_EQ(test_support::compare_details(*armadas, ours), "");
    }
  });
}

TEST_P(WholePath, ExpansionsAreGivenOnlyWhereAskedFor) {
  for_each_job([&](const RecordedAnswer& answer) {
    auto armadas = armadas_details(answer);
    if (!armadas) return;
    auto runs_only = our_details(answer.job_id, false, true);
    EXPECT_FALSE(runs_only.has_job_spec());
    EXPECT_EQ(runs_only.job_runs_size(), armadas->job_runs_size());
    auto spec_only = our_details(answer.job_id, true, false);
    EXPECT_EQ(spec_only.has_job_spec(), armadas->has_job_spec());
    EXPECT_EQ(spec_only.job_runs_size(), 0);
    armadas->clear_job_spec();
    armadas->clear_job_runs();
    EXPECT_EQ(test_support::compare_details(*armadas, our_details(answer.job_id, false, false)),
              "");
  });
}

TEST_P(WholePath, TheLatestRunIsFoundByItsId) {
  for_each_job([&](const RecordedAnswer& answer) {
    const auto details = our_details(answer.job_id, false, true);
    if (details.latest_run_id().empty()) return;
    const auto runs = client_->run_details({details.latest_run_id()});
    ASSERT_TRUE(runs.ok()) << runs.error;
    ASSERT_TRUE(runs.message.job_run_details().contains(details.latest_run_id()));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
        runs.message.job_run_details().at(details.latest_run_id()), details.job_runs(0)));
  });
}

TEST_P(WholePath, JobsAreFoundByTheirExternalUri) {
  for_each_job([&](const RecordedAnswer& answer) {
    const auto armadas = armadas_details(answer);
    if (!armadas) return;
    const auto& annotations = armadas->job_spec().annotations();
    const auto uri = annotations.find("armadaproject.io/externalJobUri");
    if (uri == annotations.end()) return;
    const auto ours = client_->statuses_by_uri({armadas->queue(), armadas->jobset()}, uri->second);
    ASSERT_TRUE(ours.ok()) << ours.error;
    ASSERT_TRUE(ours.message.job_states().contains(answer.job_id));
    EXPECT_EQ(ours.message.job_states().at(answer.job_id), answer.status);
  });
}

std::string name_of_run(const testing::TestParamInfo<Run>& info) {
  return std::string(info.param.snapshots ? "Snapshots" : "WholeSets") +
         (info.param.follow == Follow::kBySubscribing ? "Subscribed" : "Polled");
}

INSTANTIATE_TEST_SUITE_P(Recordings, WholePath,
                         testing::Values(Run{false, Follow::kBySubscribing},
                                         Run{false, Follow::kByPollingJobService},
                                         Run{true, Follow::kBySubscribing},
                                         Run{true, Follow::kByPollingJobService}),
                         name_of_run);

}  // namespace
}  // namespace armada_cache
