#include "app/settings/secret_file.h"

#include <fstream>

#include "app/settings/order.h"

namespace armada_cache::app {
namespace {

constexpr std::size_t kMaxBytes = 64 << 10;

}  // namespace

base::Result<std::string> read_secret(const std::string& setting,
                                      const std::filesystem::path& file) {
  if (file.empty()) return std::string();
  if (auto found = check_file(setting, file); !found) return tl::unexpected(found.error());
  std::string secret(kMaxBytes + 1, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<std::size_t>(in.gcount()));
  const std::string named = "setting '" + setting + "' names " + file.string() + ", which ";
  if (in.bad()) return wrong(named + "cannot be read");
  if (secret.size() > kMaxBytes) return wrong(named + "has more than 64 KiB");
  secret.erase(secret.find_last_not_of(" \t\r\n") + 1);
  if (secret.empty()) return wrong(named + "is empty");
  return secret;
}

}  // namespace armada_cache::app
