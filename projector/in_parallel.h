// The same work for many, on a few threads.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::projector {

// Runs `each` for every index below `count`, and returns what became of each.
std::vector<base::Status> in_parallel(std::size_t threads, std::size_t count,
                                      const std::function<base::Status(std::size_t)>& each);

// The first error.
base::Status first_error(std::vector<base::Status> results);

}  // namespace armada_cache::projector
