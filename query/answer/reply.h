// What the services answer, free of any transport.
#pragma once

#include <functional>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace armada_cache::query {

template <typename Response>
struct Reply {
  base::Result<Response> result;
  base::Time as_of{};  // 0: the answer holds nothing that ages

  static Reply failed(base::ErrorCode code, std::string message) {
    return {base::fail(code, std::move(message)), {}};
  }
};

// Called exactly once, from any thread.
template <typename Response>
using Respond = std::function<void(Reply<Response>)>;

}  // namespace armada_cache::query
