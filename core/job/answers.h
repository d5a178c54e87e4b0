// What a job record says in the words of Armada's query API. Pure.
#pragma once

#include <string_view>

#include "core/base/error.h"

namespace api {
class JobDetails;
class JobRunDetails;
}  // namespace api
namespace armada_cache::internal::v1 {
class JobRecord;
}

namespace armada_cache::job {

struct Expansion {
  bool job_spec = false;
  bool job_runs = false;
};

// Fills an empty JobDetails as GetJobDetails gives it: runs with the latest lease first, the latest
// run's id always. `spec` is an encoded api.Job, "" where none is kept; used only when expanded.
// kDataLoss: the spec cannot be parsed.
base::Status fill_details(std::string_view job_id, const internal::v1::JobRecord& record,
                          std::string_view spec, Expansion expansion, api::JobDetails& details);

// Fills an empty JobRunDetails with run `number` (see run_id.h). False where there is no such run.
bool fill_run_details(std::string_view job_id, int number, const internal::v1::JobRecord& record,
                      api::JobRunDetails& details);

// As GetJobErrors gives it: why the latest run failed, or else the job; "" without an error, and
// always for a job that succeeded. Valid as long as the record is unchanged.
std::string_view error_text(const internal::v1::JobRecord& record);

}  // namespace armada_cache::job
