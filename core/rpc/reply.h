// What services answer, free of any transport.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace armada_cache::rpc {

template <typename Response>
struct Reply {
  base::Result<Response> result;
  // None: the answer holds nothing that ages. 0: what it holds was never known to be whole.
  std::optional<base::Time> as_of{};
  // Why something may be missing, where the response has no field to say so.
  std::string doubt{};

  static Reply failed(base::ErrorCode code, std::string message) {
    return {base::fail(code, std::move(message))};
  }
};

// Called exactly once, from any thread.
template <typename Response>
using Respond = std::function<void(Reply<Response>)>;

}  // namespace armada_cache::rpc
