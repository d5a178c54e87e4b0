// A client of the cache as a test needs it: blocking calls, each with a deadline, over one channel.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "armada/api/job.pb.h"
#include "armada/api/jobservice.pb.h"
#include "armada_cache/v1/cache.pb.h"
#include "core/base/job_set.h"

namespace armada_cache::test_support {

// Codes of gRPC, as numbers, so that no header of gRPC's is needed.
namespace code {
inline constexpr int kOk = 0;
inline constexpr int kUnknown = 2;
inline constexpr int kInvalidArgument = 3;
inline constexpr int kDeadlineExceeded = 4;
inline constexpr int kNotFound = 5;
inline constexpr int kResourceExhausted = 8;
inline constexpr int kUnimplemented = 12;
inline constexpr int kInternal = 13;
inline constexpr int kUnavailable = 14;
}  // namespace code

template <typename Message>
struct Answer {
  int code = code::kOk;
  std::string error;
  bool retry_hint = false;  // whether the status carries a google.rpc.RetryInfo
  std::multimap<std::string, std::string> metadata;  // initial and trailing
  Message message;

  bool ok() const { return code == code::kOk; }
};

// Thread-safe.
class CacheClient {
 public:
  using Ids = std::vector<std::string>;

  explicit CacheClient(const std::string& address,
                       std::chrono::milliseconds timeout = std::chrono::seconds(20));
  ~CacheClient();

  Answer<api::JobStatusResponse> statuses(const Ids& ids) const;
  Answer<api::JobStatusResponse> statuses_by_uri(const base::JobSet& job_set,
                                                 const std::string& uri) const;
  Answer<api::JobDetailsResponse> details(const Ids& ids, bool spec, bool runs) const;
  Answer<api::JobErrorsResponse> errors(const Ids& ids) const;
  Answer<api::JobRunDetailsResponse> run_details(const Ids& run_ids) const;
  Answer<api::GetActiveQueuesResponse> active_queues() const;

  Answer<jobservice::JobServiceResponse> poll(const base::JobSet& job_set,
                                              const std::string& job_id) const;

  Answer<v1::SubscribeResponse> subscribe(const base::JobSet& job_set,
                                          const std::string& subscriber,
                                          std::uint32_t lease_seconds = 0) const;
  Answer<v1::UnsubscribeResponse> unsubscribe(const base::JobSet& job_set,
                                              const std::string& subscriber) const;
  Answer<v1::ListSubscriptionsResponse> subscriptions(
      const v1::ListSubscriptionsRequest& request) const;
  Answer<v1::ListJobsResponse> jobs(const v1::ListJobsRequest& request) const;
  Answer<v1::GetJobSetSummaryResponse> summary(const base::JobSet& job_set) const;

  // Whether the job set's relay has everything that Armada held and its counts are complete.
  bool caught_up(const base::JobSet& job_set) const;

  // Sends any bytes as the request of "/package.Service/Method".
  Answer<std::string> call_raw(const std::string& method, const std::string& request) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::test_support
