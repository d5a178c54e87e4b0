// What one partition may use of what all of them have together.
#pragma once

#include <algorithm>
#include <cstddef>

#include "projector/options.h"

namespace armada_cache::projector {

struct MemoryShare {
  std::size_t live_table_bytes = 0;
  std::size_t finished_table_bytes = 0;
  std::size_t write_buffer_bytes = 0;  // of its database, at most
  std::size_t wal_max_bytes = 0;       // likewise, on disk

  bool operator==(const MemoryShare&) const = default;
};

inline MemoryShare share_of(const Options& options, std::size_t partitions) {
  const std::size_t parts = std::max<std::size_t>(partitions, 1);
  constexpr std::size_t kLeast = std::size_t{1} << 20;
  return {options.live_table_max_bytes / parts, options.finished_table_max_bytes / parts,
          std::max(options.write_buffer_bytes / parts, kLeast),
          std::max(options.wal_max_bytes / parts, kLeast)};
}

}  // namespace armada_cache::projector
