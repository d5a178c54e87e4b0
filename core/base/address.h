// A place to listen on or connect to, written HOST:PORT, with [brackets] around an IPv6 host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace armada_cache::base {

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

// kInvalidArgument says what is wrong with the text.
Result<Address> parse_address(std::string_view text);

// Whether the host is 127.0.0.0/8, ::1 or "localhost".
bool is_loopback(std::string_view host);

}  // namespace armada_cache::base
