// What many settings allow.
#pragma once

#include "core/base/setting_values.h"

namespace armada_cache::app::range {

inline constexpr base::Range kCount{1, 10'000'000};
inline constexpr base::Range kPace{1, 3'600'000};
inline constexpr base::Range kPatience{1000, 366LL * 86'400'000};
inline constexpr base::Range kMessageBytes{64 << 10, 1LL << 30};
inline constexpr base::Range kMemoryBytes{1 << 20, 1LL << 40};
inline constexpr base::Range kBufferBytes{64 << 10, 1LL << 40};

}  // namespace armada_cache::app::range
