// `armada-cache show`: shows job sets of a running cache until stopped.
#include "app/settings/show.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <sstream>

#include "app/cache_client.h"
#include "app/commands.h"
#include "app/job_set_table.h"
#include "app/settings/load.h"

namespace armada_cache::app {
namespace {

namespace asio = boost::asio;
using base::JobSet;

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
  return job_sets;
}

class Show {
 public:
  Show(const ShowSettings& settings, std::vector<JobSet> job_sets, CacheClient cache)
      : settings_(settings), job_sets_(std::move(job_sets)), cache_(std::move(cache)) {}

  // Whether the cache was ever reached.
  bool run() {
    asio::signal_set signals(context_, SIGINT, SIGTERM);
    signals.async_wait([this](auto, int) { context_.stop(); });
    asio::steady_timer end(context_);
    if (settings_.total.count() > 0) {
      end.expires_after(settings_.total);
      end.async_wait([this](auto) { context_.stop(); });
    }
    refresh();
    context_.run();
    return reached_;
  }

 private:
  void refresh() {
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    const std::string screen = job_sets_.empty() ? whatever_is_followed() : chosen();
    const std::string above = settings_.headline.empty() ? "" : settings_.headline + "\n\n";
    std::cout << (terminal ? "\x1b[H\x1b[2J" : "") << above << screen
              << (terminal ? "\nCtrl-C ends.\n" : "") << std::flush;
    timer_.expires_after(settings_.refresh);
    timer_.async_wait([this](auto error) {
      if (!error) refresh();
    });
  }

  std::string chosen() {
    std::vector<JobSetLine> lines;
    for (const JobSet& job_set : job_sets_) {
      const base::Status subscribed = cache_.subscribe(job_set);
      lines.push_back(cache_.line_of(job_set));
      reached_ = reached_ || subscribed;
      if (!subscribed) lines.back().problem = subscribed.error().message;
    }
    return render(lines, base::SystemClock().now());
  }

  std::string whatever_is_followed() {
    const auto followed = cache_.followed(settings_.limit);
    if (!followed) {
      return "the cache at " + settings_.cache.target + ": " + followed.error().message + "\n";
    }
    reached_ = true;
    std::vector<JobSetLine> lines;
    for (const JobSet& job_set : *followed) lines.push_back(cache_.line_of(job_set));
    if (!lines.empty()) return render(lines, base::SystemClock().now());
    return "No job set is followed yet. One is from the first poll of jobservice, or the first\n"
           "Subscribe, on; or name some: --job-sets=QUEUE/JOBSET,...\n";
  }

  const ShowSettings settings_;
  const std::vector<JobSet> job_sets_;
  CacheClient cache_;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  bool reached_ = false;
};

}  // namespace

int run_show(const Arguments& arguments) {
  ShowSettings values;
  base::Settings settings;
  declare(values, settings);
  if (const auto status = load_or_explain(settings, arguments, "show")) return *status;
  auto job_sets = parse_job_sets(values.job_sets);
  if (!job_sets) {
    std::cerr << job_sets.error().message << "\n";
    return 2;
  }
  auto cache = CacheClient::make(values.cache);
  if (!cache) {
    std::cerr << cache.error().message << "\n";
    return 2;
  }
  if (Show(values, *std::move(job_sets), *std::move(cache)).run()) return 0;
  std::cerr << "the cache at " << values.cache.target << " was never reached\n";
  return 1;
}

}  // namespace armada_cache::app
