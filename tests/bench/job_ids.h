// Ids of the jobs that the benchmark makes: the same in the process that projects them and in those
// that ask for them.
#pragma once

#include <cstdint>
#include <string>

namespace armada_cache::bench {

inline constexpr std::size_t kJobIdBytes = 26;  // of a ULID, as Armada's ids are
inline constexpr std::uint64_t kJobsInJobSet = 1000;

// Ids are distinct and their order is that of the indexes.
std::string job_id(std::uint64_t index);

// Goes through 0 to count - 1 in an order in which neighbours are far apart.
constexpr std::uint64_t shuffled(std::uint64_t position, std::uint64_t count) {
  constexpr std::uint64_t kPrime = 2654435761;
  return position * kPrime % count;
}

}  // namespace armada_cache::bench
