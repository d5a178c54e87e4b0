// What the projection's databases take on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "core/base/error.h"

namespace armada_cache::bench {

// Compacts every database in the folder, which no other process may hold, and tells the bytes of
// each column family's sorted files, over all databases. kUnavailable: RocksDB refused.
base::Result<std::map<std::string, std::uint64_t>> compacted_bytes(
    const std::filesystem::path& projection);

// Of all files below the folder.
std::uint64_t file_bytes(const std::filesystem::path& folder);

}  // namespace armada_cache::bench
