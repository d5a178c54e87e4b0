// Loopback ports for programs that must be told theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace armada_cache::test_support {

// Ports that nobody listens on now, all different, and none that the kernel gives to connections:
// such a one might be taken while its program is restarted, even by a client that tries to reach it
// and so comes to speak to itself. Another test may take one before the program does: be ready to
// try again. Throws std::runtime_error when there are too few.
std::vector<std::uint16_t> free_ports(std::size_t count);

}  // namespace armada_cache::test_support
