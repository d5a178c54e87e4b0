// Which bytes are text. Pure.
#pragma once

#include <string_view>

namespace armada_cache::query {

// Whether the bytes are UTF-8 as protobuf demands of strings: no surrogates, no overlong forms.
bool is_utf8(std::string_view text);

}  // namespace armada_cache::query
