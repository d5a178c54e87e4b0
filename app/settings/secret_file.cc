#include "app/settings/secret_file.h"

#include "app/settings/order.h"
#include "core/base/small_file.h"

namespace armada_cache::app {
namespace {

constexpr std::size_t kMaxBytes = 64 << 10;

}  // namespace

base::Result<std::string> read_secret(const std::string& setting,
                                      const std::filesystem::path& file) {
  if (file.empty()) return std::string();
  auto secret = base::read_small_file("setting '" + setting + "' names", file, kMaxBytes);
  if (!secret) return secret;
  secret->erase(secret->find_last_not_of(" \t\r\n") + 1);
  if (secret->empty())
    return wrong("setting '" + setting + "' names " + file.string() + ", which is empty");
  return secret;
}

}  // namespace armada_cache::app
