// The cache's answers against those of a real Armada. What may differ, and why, is listed in
// docs/api.md, "Differences from Armada's own answers"; these functions forgive exactly that.
#pragma once

#include <string>

namespace api {
class JobDetails;
}

namespace armada_cache::test_support {

// "" where nothing differs that must not; else what does.
std::string compare_details(const api::JobDetails& armadas, const api::JobDetails& ours);
// `state` is the job's api.JobState.
std::string compare_errors(const std::string& armadas, const std::string& ours, int state);

}  // namespace armada_cache::test_support
