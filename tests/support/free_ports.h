// Loopback ports for programs that must be told theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace armada_cache::test_support {

// Ports that nobody listens on now, all different. Somebody may take one before the program does:
// be ready to try again. Throws std::system_error when there is none.
std::vector<std::uint16_t> free_ports(std::size_t count);

}  // namespace armada_cache::test_support
