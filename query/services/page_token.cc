#include "query/services/page_token.h"

#include <boost/algorithm/hex.hpp>
#include <boost/crc.hpp>
#include <cstdint>
#include <iterator>

namespace armada_cache::query {
namespace {

constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kMaxTokenBytes = 16 * 1024;

std::string checksum(std::string_view request, std::string_view position) {
  boost::crc_32_type crc;
  crc.process_bytes(request.data(), request.size());
  crc.process_byte(0);
  crc.process_bytes(position.data(), position.size());
  const std::uint32_t value = crc.checksum();
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
  return bytes;
}

}  // namespace

std::string make_page_token(std::string_view request, std::string_view position) {
  std::string bytes = checksum(request, position);
  bytes.append(position);
  std::string token;
  boost::algorithm::hex_lower(bytes, std::back_inserter(token));
  return token;
}

base::Result<std::string> read_page_token(std::string_view request, std::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  const auto refused = [] {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "page_token is none that this request was given; begin again without one");
  };
  if (token.size() > kMaxTokenBytes) return refused();
  try {
    boost::algorithm::unhex(token.begin(), token.end(), std::back_inserter(bytes));
  } catch (const boost::algorithm::hex_decode_error&) {
    return refused();
  }
  if (bytes.size() < kChecksumBytes) return refused();
  std::string position = bytes.substr(kChecksumBytes);
  if (bytes.compare(0, kChecksumBytes, checksum(request, position)) != 0) return refused();
  return position;
}

}  // namespace armada_cache::query
