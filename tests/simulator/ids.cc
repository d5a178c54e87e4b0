#include "tests/simulator/ids.h"

#include <array>
#include <cstdio>

namespace armada_cache::simulator {

std::string make_job_id(base::Time now, Random& random) {
  static constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string id(26, '0');
  auto millis = static_cast<std::uint64_t>(base::to_unix_millis(now));
  for (std::size_t i = 10; i-- > 0; millis >>= 5U) id[i] = kDigits[millis & 31U];
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 5U) id[10 + half * 8 + i] = kDigits[bits & 31U];
  }
  return id;
}

std::uint64_t scramble(std::string_view text, std::uint64_t salt) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ salt;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31U);
}

std::string kubernetes_id(std::string_view job_id, std::uint32_t run) {
  const std::uint64_t high = scramble(job_id, 2ULL * run);
  const std::uint64_t low = scramble(job_id, 2ULL * run + 1);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-a%03x-%012llx",
                static_cast<unsigned>(high >> 32U), static_cast<unsigned>(high >> 16U & 0xffffU),
                static_cast<unsigned>(high & 0xfffU), static_cast<unsigned>(low >> 52U),
                static_cast<unsigned long long>(low & 0xffff'ffff'ffffULL));
  return text.data();
}

std::string to_text(base::UpstreamId id, bool last) {
  std::string text = std::to_string(id.millis);
  text.append(1, ':').append(std::to_string(id.sequence));
  text.append(1, ':').append(std::to_string(id.index));
  return text.append(last ? ":1" : ":0");
}

bool happens(double probability, Random& random) {
  return probability > 0 && std::uniform_real_distribution<double>()(random) < probability;
}

}  // namespace armada_cache::simulator
