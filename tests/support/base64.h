// Bytes that are written down as text.
#pragma once

#include <string>
#include <string_view>

namespace armada_cache::test_support {

// Up to the first character that is not of the alphabet, such as the padding.
std::string decode_base64(std::string_view text);

}  // namespace armada_cache::test_support
