// Recordings through the cache in one process.
#include "tests/integration/whole_path.h"

namespace armada_cache {
namespace {

INSTANTIATE_TEST_SUITE_P(Recordings, WholePath,
                         testing::Values(Run{false, Follow::kBySubscribing},
                                         Run{false, Follow::kByPollingJobService},
                                         Run{true, Follow::kBySubscribing},
                                         Run{true, Follow::kByPollingJobService}),
                         name_of_run);

}  // namespace
}  // namespace armada_cache
