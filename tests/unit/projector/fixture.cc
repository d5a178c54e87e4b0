#include "tests/unit/projector/fixture.h"

#include <future>
#include <sstream>

#include "core/topics/codecs.h"
#include "core/topics/partitioner.h"

namespace armada_cache::projector::testing {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

template <typename Answer, typename Ask>
base::Result<Answer> answer_of(const Ask& ask) {
  auto promise = std::make_shared<std::promise<base::Result<Answer>>>();
  auto future = promise->get_future();
  ask([promise](base::Result<Answer> answer) { promise->set_value(std::move(answer)); });
  if (future.wait_for(kDeadline) != std::future_status::ready) {
    return base::fail(base::ErrorCode::kDeadlineExceeded, "no answer");
  }
  return future.get();
}

}  // namespace

lookup::ListRequest all_of(const base::JobSet& job_set) {
  lookup::ListRequest request;
  request.job_set = job_set;
  return request;
}

ProjectorTest::ProjectorTest() {
  for (const auto& spec : topics::topic_specs(kPartitions, std::chrono::hours(24))) {
    EXPECT_TRUE(log_.ensure_topic(spec));
  }
  options_.data_dir = folder_.path();
  options_.partition_count = kPartitions;
  options_.partitions = {0, 1, 2};
  options_.worker_threads = 2;
  options_.poll_wait = std::chrono::milliseconds(2);
  options_.retry_first = std::chrono::milliseconds(5);
}

base::Status ProjectorTest::open() {
  projector_.reset();
  metrics_ = std::make_unique<base::Metrics>();
  auto opened = Projector::open(options_, log_, clock_, *metrics_);
  if (!opened) return tl::unexpected(opened.error());
  projector_ = *std::move(opened);
  return {};
}

void ProjectorTest::start() {
  const base::Status opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE(projector_->start());
}

void ProjectorTest::restart() {
  stop();
  start();
}

void ProjectorTest::append(eventlog::Record event) {
  const auto partition = topics::partition_of_job(event.key, kPartitions);
  log_.append({std::string(topics::kEvents), partition}, std::move(event));
}

void ProjectorTest::append(std::vector<eventlog::Record> events) {
  for (eventlog::Record& event : events) append(std::move(event));
}

void ProjectorTest::append_relay(const base::JobSet& job_set, eventlog::Record relay) {
  const auto partition = topics::partition_of_job_set(job_set, kPartitions);
  log_.append({std::string(topics::kRelays), partition}, std::move(relay));
}

void ProjectorTest::settle() {
  EXPECT_TRUE(test_support::eventually(kDeadline, [this] {
    const auto answer = summarize({"no", "such"});
    const auto active = ask_active_queues();
    return answer && answer->freshness.certain && active &&
           active->freshness.doubt.find("being loaded") == std::string::npos;
  }));
  see(clock_.now() + std::chrono::milliseconds(1));
}

void ProjectorTest::see(base::Time time) {
  clock_.advance_to(time);
  EXPECT_TRUE(test_support::eventually(kDeadline, [&] {
    const auto answer = answer_of<lookup::RelaysAnswer>(
        [&](auto done) { projector_->reader().relays({}, std::move(done)); });
    return answer && answer->freshness.as_of >= time;
  }));
}

base::Result<lookup::StatusAnswer> ProjectorTest::statuses(std::vector<std::string> ids,
                                                           bool queues) {
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  return answer_of<lookup::StatusAnswer>(
      [&](auto done) { projector_->reader().statuses(views, queues, std::move(done)); });
}

int ProjectorTest::status(const std::string& id) {
  const auto answer = statuses({id});
  return answer ? answer->statuses.at(0).state : -2;
}

base::Result<lookup::DetailsAnswer> ProjectorTest::details(std::vector<std::string> ids,
                                                           bool spec) {
  return answer_of<lookup::DetailsAnswer>(
      [&](auto done) { projector_->reader().details(std::move(ids), spec, std::move(done)); });
}

base::Result<lookup::ListAnswer> ProjectorTest::list(lookup::ListRequest request) {
  return answer_of<lookup::ListAnswer>(
      [&](auto done) { projector_->reader().list(std::move(request), std::move(done)); });
}

std::vector<std::string> ProjectorTest::listed_ids(lookup::ListRequest request) {
  std::vector<std::string> ids;
  const auto answer = list(std::move(request));
  if (!answer) return {"error: " + answer.error().message};
  for (const lookup::ListedJob& job : answer->jobs) ids.push_back(job.job_id);
  return ids;
}

base::Result<lookup::JobSetSummary> ProjectorTest::summarize(const base::JobSet& job_set) {
  return answer_of<lookup::JobSetSummary>(
      [&](auto done) { projector_->reader().summarize(job_set, std::move(done)); });
}

base::Result<lookup::ActiveQueuesAnswer> ProjectorTest::ask_active_queues() {
  return answer_of<lookup::ActiveQueuesAnswer>(
      [&](auto done) { projector_->reader().active_queues(std::move(done)); });
}

std::vector<std::string> ProjectorTest::active_queues() {
  lookup::ActiveQueuesAnswer answer;
  const bool certain = test_support::eventually(kDeadline, [&] {
    const auto asked = ask_active_queues();
    if (asked) answer = *asked;
    return asked && asked->freshness.certain;
  });
  if (!certain) return {"not certain: " + answer.freshness.doubt};
  std::vector<std::string> names;
  for (const auto& queue : answer.queues) names.push_back(queue.pool + "/" + queue.queue);
  return names;
}

std::string ProjectorTest::dump() {
  projector_->stop();
  std::ostringstream out;
  const base::Status dumped = projector_->dump(out);
  EXPECT_TRUE(dumped) << dumped.error().message;
  return out.str();
}

double ProjectorTest::metric(const std::string& line_start) const {
  std::istringstream text(metrics_->text());
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(line_start)) return std::stod(line.substr(line.rfind(' ') + 1));
  }
  return -1;
}

}  // namespace armada_cache::projector::testing
