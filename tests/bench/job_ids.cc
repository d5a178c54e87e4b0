#include "tests/bench/job_ids.h"

#include <string_view>

namespace armada_cache::bench {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::uint64_t kFirstMillis = 1'790'000'000'000;

std::uint64_t scramble(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

void write_digits(std::string& text, std::size_t end, std::size_t digits, std::uint64_t value) {
  for (std::size_t i = 0; i < digits; ++i, value >>= 5) text[end - 1 - i] = kDigits[value & 31];
}

}  // namespace

std::string job_id(std::uint64_t index) {
  std::string id(kJobIdBytes, '0');
  write_digits(id, 10, 10, kFirstMillis + index);
  const std::uint64_t random = scramble(index);
  write_digits(id, 18, 8, random);
  write_digits(id, 26, 8, random >> 24);
  return id;
}

}  // namespace armada_cache::bench
