#include "tests/integration/whole_path.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/answer_comparison.h"
#include "tests/support/cache_process.h"
#include "tests/support/eventually.h"

namespace armada_cache {
namespace {

using base::JobSet;
using std::filesystem::path;
using test_support::RecordedAnswer;

constexpr std::chrono::seconds kLong{60};

bool is_snapshot(const path& recording) {
  return recording.stem().string().find(".snap-") != std::string::npos;
}

JobSet job_set_of(const path& recording) {
  const std::string stem = recording.stem().string();
  const auto parting = stem.find("__");
  const std::string name = stem.substr(parting + 2);
  return {stem.substr(0, parting), name.substr(0, name.find(".snap-"))};
}

void need(bool condition, const std::string& why) {
  if (!condition) throw std::runtime_error(why);
}

}  // namespace

PlayedCache::PlayedCache(const Run& run) {
  collect_recordings(run.snapshots);
  start_armada();
  cache_ = run.deploy(armada_address_, folder_.path());
  client_.emplace(cache_->grpc_address());
  follow(run.follow);
  await_the_ends();
}

void PlayedCache::collect_recordings(bool snapshots) {
  const path folder = folder_.path() / "play";
  std::filesystem::create_directory(folder);
  for (const path& one : test_support::list_recordings(path(TEST_DATA_DIR) / "recordings")) {
    if (is_snapshot(one) != snapshots) continue;
    std::filesystem::copy_file(one, folder / one.filename());
    need(job_sets_.insert(job_set_of(one)).second,
         "two recordings of one job set: " + one.string());
    for (auto& answer : test_support::read_answers(test_support::answers_of(one))) {
      answers_.push_back(std::move(answer));
    }
  }
  need(!answers_.empty(), "no recordings");
}

void PlayedCache::start_armada() {
  const test_support::Command command{
      test_support::program("armada-sim"),
      {"--listen=127.0.0.1:0", "--play=" + (folder_.path() / "play").string()},
      {}};
  armada_.emplace(command, folder_.path());
  const auto ready = armada_->wait_for_line("ready", kLong);
  need(ready.has_value(), armada_->standard_error());
  armada_address_ = test_support::addresses_in(*ready).at(0);
}

void PlayedCache::follow(Follow how) {
  for (const JobSet& job_set : job_sets_) {
    if (how == Follow::kByPollingJobService) {
      client_->poll(job_set, answers_.front().job_id);
      continue;
    }
    const auto answer = client_->subscribe(job_set, "recordings-test");
    need(answer.ok(), answer.error);
  }
}

void PlayedCache::await_the_ends() {
  const bool caught_up = test_support::eventually(kLong, [&] {
    return std::all_of(job_sets_.begin(), job_sets_.end(),
                       [&](const JobSet& job_set) { return client_->caught_up(job_set); });
  });
  need(caught_up, "the cache has not caught up: " + cache_->standard_error());
}

void WholePath::SetUp() {
  const std::string run = name_of_run({GetParam(), 0});
  if (played_ && played_run_ == run) return;
  played_.reset();
  played_ = std::make_unique<PlayedCache>(GetParam());
  played_run_ = run;
}

std::optional<api::JobDetails> WholePath::armadas_details(const RecordedAnswer& answer) {
  api::JobDetailsResponse response;
  EXPECT_TRUE(response.ParseFromString(answer.details_response));
  const auto found = response.job_details().find(answer.job_id);
  if (found == response.job_details().end()) return std::nullopt;
  return found->second;
}

api::JobDetails WholePath::our_details(const std::string& job_id, bool spec, bool runs) {
  const auto answer = client().details({job_id}, spec, runs);
  EXPECT_TRUE(answer.ok()) << answer.error;
  const auto found = answer.message.job_details().find(job_id);
  return found == answer.message.job_details().end() ? api::JobDetails() : found->second;
}

TEST_P(WholePath, EveryStatusIsArmadas) {
  for_each_job([&](const RecordedAnswer& answer) {
    auto ours = client().statuses({answer.job_id});
    // Not sure for a moment, while job sets that others wanted are still caught up with.
    ASSERT_TRUE(test_support::eventually(std::chrono::seconds(30), [&] {
      if (!ours.ok()) ours = client().statuses({answer.job_id});
      return ours.ok();
    })) << ours.error;
    EXPECT_EQ(ours.message.job_states().at(answer.job_id), answer.status);
  });
}

TEST_P(WholePath, EveryErrorIsArmadas) {
  for_each_job([&](const RecordedAnswer& answer) {
    const auto ours = client().errors({answer.job_id});
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
    const auto runs = client().run_details({details.latest_run_id()});
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
    const auto ours = client().statuses_by_uri({armadas->queue(), armadas->jobset()}, uri->second);
    ASSERT_TRUE(ours.ok()) << ours.error;
    ASSERT_TRUE(ours.message.job_states().contains(answer.job_id));
    EXPECT_EQ(ours.message.job_states().at(answer.job_id), answer.status);
  });
}

std::string name_of_run(const testing::TestParamInfo<Run>& info) {
  return std::string(info.param.snapshots ? "Snapshots" : "WholeSets") +
         (info.param.follow == Follow::kBySubscribing ? "Subscribed" : "Polled");
}

}  // namespace armada_cache
