#include "core/base/address.h"

#include <charconv>

namespace armada_cache::base {

Result<Address> parse_address(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return fail(ErrorCode::kInvalidArgument,
                "'" + std::string(text) + "' is not HOST:PORT: " + why);
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("there is no ':'");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong("an IPv6 host needs [brackets]");
  }
  if (host.empty()) return wrong("the host is empty");
  Address address{std::string(host), 0};
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, address.port);
  if (error != std::errc() || rest != end) return wrong("the port is not a number from 0 to 65535");
  return address;
}

bool is_loopback(std::string_view host) {
  // A name such as 127.example.org is not that machine.
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (numeric && host.starts_with("127."));
}

}  // namespace armada_cache::base
