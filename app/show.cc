// `armada-cache show`: subscribes to job sets of a running cache and shows them until stopped.
#include <grpcpp/create_channel.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "app/commands.h"
#include "app/job_set_table.h"
#include "app/settings.h"
#include "armada_cache/v1/cache.grpc.pb.h"
#include "core/base/job_set.h"

namespace armada_cache::app {
namespace {

namespace asio = boost::asio;
using base::JobSet;

struct ShowSettings {
  std::string cache = "127.0.0.1:60003";
  std::string job_sets;
  std::chrono::milliseconds refresh = std::chrono::seconds(1);
  std::chrono::milliseconds total{0};
};

constexpr std::chrono::seconds kCallTimeout{2};
constexpr std::uint32_t kLeaseSeconds = 60;

// "QUEUE/JOBSET,QUEUE/JOBSET": a job set's name may hold '/', a queue's may not.
base::Result<std::vector<JobSet>> parse_job_sets(const std::string& text) {
  std::vector<JobSet> job_sets;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t slash = part.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == part.size()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        "setting 'job-sets' has the part '" + part + "'; it must be QUEUE/JOBSET");
    }
    job_sets.push_back({part.substr(0, slash), part.substr(slash + 1)});
  }
  if (job_sets.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "setting 'job-sets' is empty; it must be QUEUE/JOBSET,...");
  }
  return job_sets;
}

class Show {
 public:
  Show(const ShowSettings& settings, std::vector<JobSet> job_sets)
      : settings_(settings),
        job_sets_(std::move(job_sets)),
        stub_(v1::Cache::NewStub(
            grpc::CreateChannel(settings.cache, grpc::InsecureChannelCredentials()))) {}

  void run() {
    asio::signal_set signals(context_, SIGINT, SIGTERM);
    signals.async_wait([this](auto, int) { context_.stop(); });
    asio::steady_timer end(context_);
    if (settings_.total.count() > 0) {
      end.expires_after(settings_.total);
      end.async_wait([this](auto) { context_.stop(); });
    }
    refresh();
    context_.run();
  }

 private:
  void refresh() {
    std::vector<JobSetLine> lines;
    for (const JobSet& job_set : job_sets_) lines.push_back(ask(job_set));
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    std::cout << (terminal ? "\x1b[H\x1b[2J" : "") << render(lines, base::SystemClock().now())
              << (terminal ? "\nCtrl-C ends.\n" : "") << std::flush;
    timer_.expires_after(settings_.refresh);
    timer_.async_wait([this](auto error) {
      if (!error) refresh();
    });
  }

  JobSetLine ask(const JobSet& job_set) {
    JobSetLine line;
    line.name = job_set.queue + "/" + job_set.name;
    grpc::Status status = subscribe(job_set);
    v1::GetJobSetSummaryResponse summary;
    if (status.ok()) status = summarize(job_set, summary);
    if (!status.ok()) {
      line.problem = status.error_message();
      return line;
    }
    for (const auto& count : summary.counts()) line.jobs_by_state[count.state()] = count.jobs();
    line.relay = relay_text(summary);
    line.as_of = base::from_unix_micros(summary.as_of().seconds() * 1'000'000 +
                                        summary.as_of().nanos() / 1000);
    return line;
  }

  static std::string relay_text(const v1::GetJobSetSummaryResponse& summary) {
    constexpr std::string_view kPrefix = "RELAY_STATE_";
    std::string name = v1::RelayState_Name(summary.relay().state()).substr(kPrefix.size());
    for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(std::tolower(c));
    const std::string& error = summary.relay().last_error();
    return error.empty() ? name : name + ": " + error;
  }

  grpc::Status subscribe(const JobSet& job_set) {
    v1::SubscribeRequest request;
    request.set_queue(job_set.queue);
    request.set_job_set(job_set.name);
    request.set_subscriber("show");
    request.set_lease_seconds(kLeaseSeconds);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    v1::SubscribeResponse response;
    return stub_->Subscribe(&context, request, &response);
  }

  grpc::Status summarize(const JobSet& job_set, v1::GetJobSetSummaryResponse& response) {
    v1::GetJobSetSummaryRequest request;
    request.set_queue(job_set.queue);
    request.set_job_set(job_set.name);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    return stub_->GetJobSetSummary(&context, request, &response);
  }

  ShowSettings settings_;
  std::vector<JobSet> job_sets_;
  std::unique_ptr<v1::Cache::Stub> stub_;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
};

}  // namespace

int run_show(const Arguments& arguments) {
  ShowSettings values;
  base::Settings settings;
  settings.section("What to show");
  settings.add("cache", values.cache, "The cache's gRPC address.");
  settings.add("job-sets", values.job_sets, "QUEUE/JOBSET,... to subscribe to and show.");
  settings.add("refresh", values.refresh, {100, 3'600'000}, "How often.");
  settings.add("for", values.total, {0, 86'400'000}, "How long; 0s: until stopped.");
  if (const auto status = load_or_explain(settings, arguments, "show")) return *status;
  auto job_sets = parse_job_sets(values.job_sets);
  if (!job_sets) {
    std::cerr << job_sets.error().message << "\n";
    return 2;
  }
  Show(values, std::move(*job_sets)).run();
  return 0;
}

}  // namespace armada_cache::app
