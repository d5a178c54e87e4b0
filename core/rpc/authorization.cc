#include "core/rpc/authorization.h"

#include <algorithm>
#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <system_error>

#include "core/base/small_file.h"
namespace armada_cache::rpc {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kMaxSecretBytes = 64 * 1024;

std::string base64(const std::string& text) {
  using boost::archive::iterators::base64_from_binary;
  using boost::archive::iterators::transform_width;
  using Encoder = base64_from_binary<transform_width<std::string::const_iterator, 6, 8>>;
  std::string encoded(Encoder(text.begin()), Encoder(text.end()));
  encoded.append((3 - text.size() % 3) % 3, '=');
  return encoded;
}

bool fits_a_header(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

base::Result<std::string> Authorization::value() {
  if (credentials_.kind == CredentialKind::kNone) return std::string();
  const std::lock_guard lock(mutex_);
  std::error_code error;
  const auto version = std::filesystem::last_write_time(credentials_.secret_file, error);
  if (!error && read_at_version_ == version) return value_;
  auto secret = read_secret();
  if (!secret) return tl::unexpected(secret.error());
  value_ = credentials_.kind == CredentialKind::kBasic
               ? "basic " + base64(credentials_.user + ":" + *secret)
               : "Bearer " + *secret;
  read_at_version_ = error ? std::nullopt : std::optional(version);
  return value_;
}

void Authorization::invalidate() {
  const std::lock_guard lock(mutex_);
  read_at_version_.reset();
}

base::Result<std::string> Authorization::read_secret() const {
  const std::string what = "the credentials are to be in";
  auto content = base::read_small_file(what, credentials_.secret_file, kMaxSecretBytes);
  if (!content) return fail(ErrorCode::kUnauthenticated, content.error().message);
  std::string& secret = *content;
  const std::size_t last = secret.find_last_not_of(" \t\r\n");
  secret.resize(last == std::string::npos ? 0 : last + 1);
  const bool goes_into_header_as_it_is = credentials_.kind == CredentialKind::kBearer;
  if (secret.empty() || (goes_into_header_as_it_is && !fits_a_header(secret))) {
    return fail(ErrorCode::kUnauthenticated, what + " " + credentials_.secret_file.string() +
                                                 ", which holds no usable secret: it must be one" +
                                                 " line of printable characters, at most 64 KiB");
  }
  return secret;
}

}  // namespace armada_cache::rpc
