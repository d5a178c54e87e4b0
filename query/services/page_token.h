// Page tokens: where the next page begins, opaque to clients and bound to their request.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace armada_cache::query {

// `request` is whatever of the request must be the same for all pages; `position` any bytes.
std::string make_page_token(std::string_view request, std::string_view position);

// The position, "" for an empty token. kInvalidArgument: malformed, or of another request.
base::Result<std::string> read_page_token(std::string_view request, std::string_view token);

}  // namespace armada_cache::query
