// Projection from a real Kafka, with partitions that move between projectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <sstream>
#include <thread>

#include "armada/api/submit.pb.h"
#include "core/eventlog/kafka/kafka_log.h"
#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"
#include "projector/projector.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_log.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/projector/events.h"

namespace armada_cache::projector {
namespace {

using eventlog::Partition;
using testing::job_id;
using testing::Stream;

constexpr Partition kPartitions = 4;
constexpr std::chrono::seconds kDeadline{60};
const base::SystemClock kClock;

// A projector on a log and a disk of its own; the disk stays when it is stopped.
class Member {
 public:
  Member(const std::string& brokers, std::vector<Partition> partitions)
      : brokers_(brokers), log_(test_support::open_log(brokers)) {
    start(std::move(partitions));
  }

  void start(std::vector<Partition> partitions) {
    metrics_ = std::make_unique<base::Metrics>();
    Options options;
    options.data_dir = folder_.path();
    options.partition_count = kPartitions;
    options.partitions = std::move(partitions);
    auto opened = Projector::open(options, *log_, kClock, *metrics_);
    if (!opened) throw std::runtime_error(opened.error().message);
    projector_ = std::move(*opened);
    EXPECT_TRUE(projector_->start());
  }
  void stop() { projector_.reset(); }

  Projector& projector() { return *projector_; }

  base::Result<lookup::StatusAnswer> statuses(const std::vector<std::string>& ids) {
    const std::vector<std::string_view> views(ids.begin(), ids.end());
    auto told = std::make_shared<std::promise<base::Result<lookup::StatusAnswer>>>();
    auto answer = told->get_future();
    projector_->reader().statuses(views, false,
                                  [told](auto result) { told->set_value(std::move(result)); });
    if (answer.wait_for(kDeadline) != std::future_status::ready) {
      return base::fail(base::ErrorCode::kDeadlineExceeded, "no answer");
    }
    return answer.get();
  }

  // Whether it has applied all there is.
  bool comes_to_the_end() {
    return test_support::eventually(kDeadline, [this] {
      auto told = std::make_shared<std::promise<bool>>();
      auto answer = told->get_future();
      projector_->reader().summarize({"no", "such"}, [told](const auto& summary) {
        told->set_value(summary && summary->freshness.certain);
      });
      return answer.get();
    });
  }

  double events(const std::string& outcome) const {
    const std::string start = "armada_cache_projector_events_total{outcome=\"" + outcome + "\"}";
    std::istringstream text(metrics_->text());
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with(start)) return std::stod(line.substr(line.rfind(' ') + 1));
    }
    return -1;
  }

  std::string dump() {
    projector_->stop();
    std::ostringstream out;
    EXPECT_TRUE(projector_->dump(out));
    return out.str();
  }

 private:
  const std::string brokers_;
  test_support::TempDir folder_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<base::Metrics> metrics_;
  std::unique_ptr<Projector> projector_;
};

class KafkaProjectorTest : public ::testing::Test {
 protected:
  KafkaProjectorTest()
      : log_(test_support::open_log(cluster_.servers())), appender_(log_->appender()) {
    for (const auto& spec : topics::topic_specs(kPartitions, std::chrono::hours(24))) {
      const auto ensured = log_->ensure_topic(spec);
      if (!ensured) throw std::runtime_error(ensured.error().message);
    }
  }

  static Partition partition_of(const std::string& id) {
    return topics::partition_of_job(id, kPartitions);
  }

  // Acknowledged when it returns.
  void append(std::vector<eventlog::Record> events) {
    std::map<Partition, std::vector<eventlog::Record>> batches;
    for (eventlog::Record& event : events) batches[partition_of(event.key)].push_back(event);
    std::vector<std::future<bool>> stored;
    for (auto& [partition, batch] : batches) {
      auto told = std::make_shared<std::promise<bool>>();
      stored.push_back(told->get_future());
      appender_->append({std::string(topics::kEvents), partition}, std::move(batch),
                        [told](const auto& last) { told->set_value(last.has_value()); });
    }
    for (auto& each : stored) ASSERT_TRUE(each.get());
  }

  test_support::KafkaCluster cluster_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<eventlog::Appender> appender_;
};

// A load of jobs, each through its whole life; those that are acknowledged are known.
class Load {
 public:
  using Append = std::function<void(std::vector<eventlog::Record>)>;

  explicit Load(Append append) : append_(std::move(append)), thread_([this] { run(); }) {}
  ~Load() { end(); }

  std::uint64_t known() const { return known_; }
  void end() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  static constexpr std::uint64_t kBatch = 50;

  void run() {
    while (!ended_) {
      const std::uint64_t first = known_;
      std::vector<eventlog::Record> events;
      for (std::uint64_t i = first; i < first + kBatch; ++i) {
        const std::string id = job_id(i);
        events.push_back(stream_.submitted(id));
        events.push_back(stream_.event("running", id));
        events.push_back(stream_.event("succeeded", id));
      }
      append_(std::move(events));
      known_ += kBatch;
    }
  }

  const Append append_;
  Stream stream_{{"q", "set"}, static_cast<std::uint64_t>(base::to_unix_millis(kClock.now()))};
  std::atomic<std::uint64_t> known_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

// Invariants 3 and 4.
TEST_F(KafkaProjectorTest, PartitionsMoveBetweenProjectorsUnderLoad) {
  Member a(cluster_.servers(), {0, 1});
  Member b(cluster_.servers(), {2, 3});
  Load load([this](auto events) { append(std::move(events)); });
  std::atomic<bool> ended = false;
  std::atomic<std::uint64_t> right = 0;
  std::thread asker([&] {
    for (std::uint64_t i = 0; !ended; ++i) {
      const std::uint64_t known = load.known();
      if (known == 0) continue;
      const std::string id = job_id(i * 7919 % known);
      for (Member* member : {&a, &b}) {
        const auto answer = member->statuses({id});
        if (!answer) continue;
        const int state = answer->statuses[0].state;
        if (state == api::SUCCEEDED) ++right;
        EXPECT_TRUE(state != lookup::JobStatus::kNone || !answer->freshness.certain) << id;
      }
    }
  });
  const auto answered = [&] {
    return test_support::eventually(kDeadline,
                                    [&, before = right.load()] { return right > before + 20; });
  };
  EXPECT_TRUE(answered());
  for (int round = 0; round < 3; ++round) {
    a.projector().release({1});
    ASSERT_TRUE(b.projector().take({1}));
    EXPECT_TRUE(answered());
    b.projector().release({1, 2});
    ASSERT_TRUE(a.projector().take({1, 2}));
    EXPECT_TRUE(answered());
    a.projector().release({2});
    ASSERT_TRUE(b.projector().take({2}));
    EXPECT_TRUE(answered());
  }
  ended = true;
  asker.join();
  load.end();
  ASSERT_TRUE(a.comes_to_the_end());
  ASSERT_TRUE(b.comes_to_the_end());
  for (std::uint64_t i = 0; i < load.known(); ++i) {
    Member& owner = partition_of(job_id(i)) < 2 ? a : b;
    const auto answer = owner.statuses({job_id(i)});
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->statuses[0].state, api::SUCCEEDED);
  }
  EXPECT_EQ(a.events("repeated") + b.events("repeated"), 0) << "each goes on from its disk";

  a.stop();
  a.start({0, 1});
  ASSERT_TRUE(a.comes_to_the_end());
  EXPECT_EQ(a.events("applied") + a.events("repeated"), 0);
  EXPECT_EQ(a.statuses({job_id(0)}).has_value(), partition_of(job_id(0)) < 2);

  Member rebuilt(cluster_.servers(), {0, 1, 2, 3});
  ASSERT_TRUE(rebuilt.comes_to_the_end());
  // A batch is counted after it is shown.
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] {
    return rebuilt.events("applied") == 3.0 * static_cast<double>(load.known());
  })) << rebuilt.events("applied");
  EXPECT_EQ(rebuilt.dump(), a.dump() + b.dump());
}

}  // namespace
}  // namespace armada_cache::projector
