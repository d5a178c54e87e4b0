// A log that is silent: partitions that are not wanted any more while they are being taken from it,
// and lookups meanwhile.
#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <utility>

#include "armada/api/submit.pb.h"
#include "tests/unit/projector/fixture.h"

namespace armada_cache::projector::testing {
namespace {

using Ends = std::vector<eventlog::TopicPartition>;

// Says nothing of its ends until it is let.
class SilentLog final : public eventlog::EventLog {
 public:
  explicit SilentLog(eventlog::EventLog& log) : log_(log) {}

  std::vector<Ends> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void answer() {
    const std::lock_guard lock(mutex_);
    for (auto& [of, done] : std::exchange(held_, {})) log_.ends(of, std::move(done));
  }

  base::Status ensure_topic(const eventlog::TopicSpec& spec) override {
    return log_.ensure_topic(spec);
  }
  std::unique_ptr<eventlog::Appender> appender() override { return log_.appender(); }
  base::Result<std::unique_ptr<eventlog::Reader>> reader(const eventlog::Positions& at) override {
    return log_.reader(at);
  }
  base::Status writable() override { return log_.writable(); }
  void ends(const Ends& of, eventlog::EndsTold done) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back(of);
    held_.emplace_back(of, std::move(done));
  }
  base::Result<eventlog::Offset> start_offset(const eventlog::TopicPartition& of) override {
    return log_.start_offset(of);
  }

 private:
  eventlog::EventLog& log_;
  mutable std::mutex mutex_;
  std::vector<Ends> asked_;
  std::vector<std::pair<Ends, eventlog::EndsTold>> held_;
};

class GivingUpTest : public ProjectorTest {
 protected:
  static constexpr std::chrono::seconds kSoon{20};

  GivingUpTest() {
    options_.partitions.clear();
    options_.ends_wait = std::chrono::milliseconds(30);
  }

  void SetUp() override {
    metrics_ = std::make_unique<base::Metrics>();
    auto opened = Projector::open(options_, silent_, clock_, *metrics_);
    ASSERT_TRUE(opened) << opened.error().message;
    projector_ = *std::move(opened);
  }
  void TearDown() override {
    silent_.answer();
    projector_.reset();
  }
  std::future<base::Status> take_all() {
    return std::async(std::launch::async, [this] {
      return projector_->take({0, 1, 2}, [this] { return unwanted_.load(); });
    });
  }

  SilentLog silent_{log_};
  std::atomic<bool> unwanted_ = false;
};

TEST_F(GivingUpTest, ATakeEndsThoughTheLogIsSilent) {
  auto taken = take_all();
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return !silent_.asked().empty(); }));
  unwanted_ = true;
  const bool ended = taken.wait_for(kSoon) == std::future_status::ready;
  EXPECT_TRUE(ended);
  if (!ended) silent_.answer();
  const base::Status result = taken.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kCancelled);
  EXPECT_TRUE(projector_->partitions().empty());
}

TEST_F(GivingUpTest, NothingIsOpenedThatIsNotWanted) {
  unwanted_ = true;
  const base::Status result = take_all().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kCancelled);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  EXPECT_TRUE(silent_.asked().empty());
}

TEST_F(GivingUpTest, TheLogIsAskedOnceForAllThatIsTaken) {
  auto taken = take_all();
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return !silent_.asked().empty(); }));
  EXPECT_EQ(silent_.asked().front().size(), 6U);  // events and relays of each
  silent_.answer();
  ASSERT_EQ(taken.wait_for(kSoon), std::future_status::ready);
  EXPECT_TRUE(taken.get());
  EXPECT_EQ(silent_.asked().size(), 1U);
  EXPECT_EQ(projector_->partitions().size(), 3U);
}

// Lists, sums and queues are told as far as they are known, and said not to be complete.
TEST_F(GivingUpTest, LookupsAreAnsweredThoughTheLogIsSilent) {
  auto taken = take_all();
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return !silent_.asked().empty(); }));
  silent_.answer();
  ASSERT_TRUE(taken.get());
  ASSERT_TRUE(projector_->start());
  Stream stream(kSet);
  append(stream.submitted(job_id(1)));
  ASSERT_TRUE(test_support::eventually(kSoon, [&] { return status(job_id(1)) == api::QUEUED; }));
  const auto in_doubt = [](const auto& answer) {
    if (!answer) return answer.error().message;
    EXPECT_FALSE(answer->freshness.certain);
    EXPECT_THAT(answer->freshness.doubt, ::testing::HasSubstr("does not tell in time"));
    EXPECT_EQ(answer->freshness.as_of, base::Time{}) << "it never told where it ends";
    return std::string();
  };
  const auto listed = list(all_of(kSet));
  ASSERT_EQ(in_doubt(listed), "");
  EXPECT_EQ(listed->jobs.size(), 1U);
  const auto summed = summarize(kSet);
  ASSERT_EQ(in_doubt(summed), "");
  EXPECT_EQ(summed->jobs_by_state.at(api::QUEUED), 1);
  EXPECT_EQ(in_doubt(ask_active_queues()), "");
  EXPECT_EQ(in_doubt(statuses({job_id(404)})), "");
}

}  // namespace
}  // namespace armada_cache::projector::testing
