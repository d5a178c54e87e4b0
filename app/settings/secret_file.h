// Secrets that settings name by their file.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace armada_cache::app {

// What the file holds, without white space at its end; "" where none is named. kInvalidArgument
// names the setting and what is wrong with the file: it cannot be read, is empty, or holds more
// than a secret can.
base::Result<std::string> read_secret(const std::string& setting,
                                      const std::filesystem::path& file);

}  // namespace armada_cache::app
