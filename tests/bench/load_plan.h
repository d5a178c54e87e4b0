// What a process of load clients is told to do, and what it tells afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::bench {

// Callers that ask for the status of jobs, each with one call outstanding.
struct LoadStream {
  int callers = 1;
  int ids_a_call = 1;
  // 0: each caller asks again as soon as it is answered. Otherwise calls are due at this rate, wait
  // for a free caller, and their latency counts from the moment when they were due.
  int calls_a_second = 0;
};

struct LoadPlan {
  std::string target;      // HOST:PORT
  std::uint64_t jobs = 1;  // ids are asked of job_id(0) to job_id(jobs - 1)
  int channels = 1;        // connections that the callers share
  std::chrono::milliseconds warm_up{300};
  std::chrono::milliseconds measured{1000};
  bool check_answers = false;  // some answers: each id is there, and not UNKNOWN
  std::vector<LoadStream> streams;
};

struct LoadResult {
  double calls_a_second = 0;
  std::uint64_t calls = 0;   // all that ended, the warm-up's too
  std::uint64_t failed = 0;  // calls that ended with an error
  std::uint64_t wrong = 0;   // checked answers that were not right
  double p50_us = 0;
  double p99_us = 0;
  double max_us = 0;
};

std::string encode(const LoadPlan& plan);
base::Result<LoadPlan> decode_plan(const std::string& text);
std::string encode(const std::vector<LoadResult>& results);
base::Result<std::vector<LoadResult>> decode_results(const std::string& text);

// Runs the plan in a process of its own, so that its work is not mistaken for the server's, with
// its output in `folder`; a result for each stream. kUnavailable: the process failed. kInternal:
// calls failed or answers were wrong.
base::Result<std::vector<LoadResult>> run_load(const LoadPlan& plan,
                                               const std::filesystem::path& folder);

// The body of that process: prints the results on standard output and answers its exit status.
int load_main(const std::string& encoded_plan);

}  // namespace armada_cache::bench
