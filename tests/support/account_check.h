// Compares a cache with the account of the simulated Armada that it followed. Each function tells
// what is wrong, in a few lines at the most; nothing where all is right.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/simulator/account.h"
#include "tests/support/cache_client.h"
#include "tests/support/log_contents.h"

namespace armada_cache::test_support {

using Problems = std::vector<std::string>;

// Every job's state is the expected one, and it has as many runs as it had.
Problems compare_answers(const CacheClient& client, const simulator::Account& account);

// The same, again and again until nothing is wrong; what still is at the deadline.
Problems compare_answers_until(std::chrono::milliseconds deadline, const CacheClient& client,
                               const simulator::Account& account);

// Every message is in the log at least once, and nothing that was never sent.
Problems compare_log(const LogContents& log, const simulator::Account& account);

}  // namespace armada_cache::test_support
