// api.Jobs, with Armada's own semantics, over the read port.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/lookup/job_reader.h"
#include "query/answer/patience.h"
#include "query/answer/relay_doubts.h"
#include "query/answer/reply.h"
#include "query/services/uri_search.h"

namespace api {
class GetActiveQueuesRequest;
class GetActiveQueuesResponse;
class JobDetailsRequest;
class JobDetailsResponse;
class JobErrorsRequest;
class JobErrorsResponse;
class JobRunDetailsRequest;
class JobRunDetailsResponse;
class JobStatusResponse;
class JobStatusUsingExternalJobUriRequest;
}  // namespace api

namespace armada_cache::query {

struct JobsOptions {
  std::size_t max_ids = 500;  // a call, as Armada
  UriSearchOptions uri_search;
  Patience patience;
};

// Thread-safe. References must outlive it and every answer that is not given yet.
//
// An unknown id is answered as such only while that is certain; else the call is asked again for as
// long as patience lasts, and then fails with kUnavailable.
class JobsService {
 public:
  JobsService(lookup::JobReader& reader, RelayDoubts& doubts, Later later,
              const JobsOptions& options);

  // kUnknown, as Armada answers it, where a request names too many.
  base::Status check_count(std::size_t count, std::string_view what) const;
  std::size_t max_ids() const { return options_.max_ids; }

  // GetJobStatus. `ids` must live until the answer, in whose order it is.
  void statuses(std::span<const std::string_view> ids,
                lookup::JobReader::Done<lookup::StatusAnswer> done);

  void statuses_of_uri(const api::JobStatusUsingExternalJobUriRequest& request,
                       Respond<api::JobStatusResponse> respond);
  void details(const api::JobDetailsRequest& request, Respond<api::JobDetailsResponse> respond);
  void errors(const api::JobErrorsRequest& request, Respond<api::JobErrorsResponse> respond);
  void run_details(const api::JobRunDetailsRequest& request,
                   Respond<api::JobRunDetailsResponse> respond);
  void active_queues(Respond<api::GetActiveQueuesResponse> respond);

 private:
  std::function<void(std::span<const base::JobSet>)> waker();
  void find(std::vector<std::string> ids, bool with_spec,
            lookup::JobReader::Done<lookup::DetailsAnswer> done);

  lookup::JobReader& reader_;
  RelayDoubts& doubts_;
  const Later later_;
  const JobsOptions options_;
};

}  // namespace armada_cache::query
