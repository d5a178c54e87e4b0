// The bound of RelayRecord.generation.
#pragma once

#include <cstdint>

namespace armada_cache::topics {

// Each owner's is one more than the last one's, or its consumer group's: nobody comes this far. A
// record beyond it, or below 0, is no relay's.
inline constexpr std::int64_t kMaxRelayGeneration = std::int64_t{1} << 62;

}  // namespace armada_cache::topics
