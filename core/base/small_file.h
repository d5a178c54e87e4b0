// Reads files that operators name: settings, secrets, certificates.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace armada_cache::base {

// The whole content. Never waits, whatever the path leads to. kInvalidArgument: it is not there, no
// regular file, larger than `max_bytes`, or cannot be read; the message begins with `what`, who
// names it and for what, and goes on with the path and the reason.
Result<std::string> read_small_file(const std::string& what, const std::filesystem::path& path,
                                    std::size_t max_bytes);

}  // namespace armada_cache::base
